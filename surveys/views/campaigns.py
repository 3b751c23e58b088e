"""Campaigns: the list, one campaign, creating and changing it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.choices import MailState
from accounts.columns import Column, headings
from accounts.pagination import paginate
from accounts.requests import SignedInRequest
from accounts.rights import requires
from deployment.models import Academy
from surveys.choices import CampaignState, Purpose
from surveys.clock import current
from surveys.figures import responses
from surveys.forms.campaigns import CampaignForm
from surveys.forms.questions import QuestionsForm
from surveys.models import Campaign
from surveys.placeholders import FIELDS
from surveys.rights import EDIT_CAMPAIGNS, SEND_CAMPAIGNS, VIEW_ANSWERS, VIEW_CAMPAIGNS
from surveys.services import campaigns, sending
from surveys.services.proposals import propose
from surveys.services.refusals import SurveyRefused
from surveys.situations import acts, answered_words, situation
from surveys.tallies import tally
from surveys.texts import PROPOSALS

COLUMNS = (Column("Enquête"), Column("État"), Column("Ouverture"), Column("Clôture"), Column("Réponses"))


@requires(VIEW_CAMPAIGNS)
def campaign_list(request: SignedInRequest, academy: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    visible = Campaign.objects.visible_to(request.user, academy)
    is_archive = request.GET.get("montrer") == "archives"
    rows = visible.filter(state=CampaignState.ARCHIVED) if is_archive else visible.exclude(state=CampaignState.ARCHIVED)
    page = paginate(rows.select_related("academy").with_progress().order_by("-opens_at", "-pk"), request, size=20)
    now = current(academy_row)
    for campaign in page:
        campaign.situation = situation(campaign, now)
        campaign.answered_words = answered_words(campaign.answered_count, campaign.asked_count)
    context = {
        "academy_row": academy_row,
        "page": page,
        "headings": headings(COLUMNS),
        "is_archive": is_archive,
        "archived": visible.filter(state=CampaignState.ARCHIVED).count(),
        "may_edit": request.user.may(EDIT_CAMPAIGNS, academy),
    }
    return render(request, "surveys/campaign_list.html", context)


@requires(VIEW_CAMPAIGNS)
def campaign_detail(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    campaign = campaign_of(request, academy, pk)
    user, now = request.user, current(campaign.academy)
    may_read = user.may(VIEW_ANSWERS, academy)
    context = {
        "academy_row": campaign.academy,
        "campaign": campaign,
        "crumb": campaign.title,
        "situation": situation(campaign, now),
        "tally": tally(campaign),
        "may_read": may_read,
        "may_edit": user.may(EDIT_CAMPAIGNS, academy),
        "may_send": user.may(SEND_CAMPAIGNS, academy),
        "acts": acts(campaign) if may_read else [],
        "opens_later": now < campaign.opens_at,
        "question_count": campaign.questions.count() if campaign.state == CampaignState.DRAFT else 0,
        **_outgoing(campaign),
        **_figures(campaign),
    }
    return render(request, "surveys/campaign_detail.html", context)


@requires(EDIT_CAMPAIGNS)
def campaign_new(request: SignedInRequest, academy: str) -> HttpResponse:
    """The first act: what for."""
    academy_row = get_object_or_404(Academy, slug=academy)
    purposes = [(purpose, PROPOSALS[purpose]) for purpose in Purpose]
    context = {"academy_row": academy_row, "purposes": purposes, "crumb": "Nouvelle enquête"}
    return render(request, "surveys/campaign_new.html", context)


@requires(EDIT_CAMPAIGNS)
def campaign_create(request: SignedInRequest, academy: str, purpose: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    if purpose not in Purpose.values:
        raise Http404
    return _edited(request, propose(academy_row, Purpose(purpose), by=request.user))


@requires(EDIT_CAMPAIGNS)
def campaign_edit(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    return _edited(request, campaign_of(request, academy, pk))


@requires(EDIT_CAMPAIGNS)
def campaign_questions(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    """The questions of a free questionnaire; every button but « Enregistrer » only changes the page."""
    campaign = campaign_of(request, academy, pk)
    if campaign.purpose != Purpose.QUESTIONNAIRE:
        raise Http404
    form = QuestionsForm(campaign, request.POST if request.method == "POST" else None)
    if form.wants_saving and form.is_valid():
        try:
            campaigns.save_questions(campaign, form.questions, by=request.user)
        except SurveyRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "Les questions sont enregistrées.")
            return redirect(campaign)
    context = {"academy_row": campaign.academy, "campaign": campaign, "form": form, "crumb": "Questions"}
    return render(request, "surveys/campaign_questions.html", context)


def campaign_of(request: SignedInRequest, academy: str, pk: int) -> Campaign:
    """That campaign, if this person may follow it; otherwise there is none."""
    rows = Campaign.objects.visible_to(request.user, academy).select_related("academy", "job", "created_by")
    return get_object_or_404(rows, pk=pk)


def _edited(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """The form of a campaign, new or not; saved, it leads to what comes next."""
    is_new = campaign.pk is None
    form = CampaignForm(request.POST or None, instance=campaign)
    if request.method == "POST" and form.is_valid():
        try:
            saved = campaigns.save(form.save(commit=False), by=request.user)
        except SurveyRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "L’enquête est enregistrée.")
            asks_questions = is_new and saved.purpose == Purpose.QUESTIONNAIRE
            page = "surveys:campaign_questions" if asks_questions else "surveys:population_detail"
            return redirect(page, saved.academy.slug, saved.pk) if is_new else redirect(saved)
    title = "Nouvelle enquête" if is_new else "Modifier l’enquête"
    context = {
        "academy_row": campaign.academy,
        "campaign": campaign,
        "form": form,
        "placeholders": FIELDS,
        "title": title,
        "crumb": title,
    }
    return render(request, "surveys/campaign_edit.html", context)


def _figures(campaign: Campaign) -> dict[str, Any]:
    """How many answered, and since when, once the campaign is sent."""
    if not campaign.is_launched:
        return {}
    asked: dict[str, Any] = {"on": campaign.academy.today, "campaign": campaign.pk}
    return {
        "rate": responses.response_rate(campaign.academy, **asked),
        "curve": responses.response_curve(campaign.academy, **asked),
    }


def _outgoing(campaign: Campaign) -> dict[str, Any]:
    """What is known of the mails of a prepared campaign; nothing for any other."""
    if campaign.state != CampaignState.PREPARED:
        return {}
    written = sending.mails(campaign)
    return {
        "batch": sending.batch_name(campaign),
        "drafts": written.filter(state=MailState.DRAFT).count(),
        "set_aside": written.filter(state=MailState.FAILED).count(),
        "gone": written.exclude(state__in=sending.STILL_HERE).count(),
        "is_written": sending.is_written(campaign),
    }
