"""Who would receive what, each mail as it will be, preparing and sending."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.columns import Column, headings
from accounts.pagination import paginate
from accounts.requests import SignedInRequest
from accounts.rights import requires
from figures.french import count
from surveys import emails
from surveys.choices import CampaignState
from surveys.forms.sending import PrepareForm, SendForm
from surveys.models import Recipient
from surveys.rights import EDIT_CAMPAIGNS, SEND_CAMPAIGNS
from surveys.services import sending
from surveys.services.outbox import Outbox, plan
from surveys.services.refusals import SurveyRefused
from surveys.views.campaigns import campaign_of

COLUMNS = (Column("Destinataire"), Column("Fonction"), Column("Établissements"), Column("Copies"))


@requires(EDIT_CAMPAIGNS)
def campaign_preview(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    """« Qui recevra quoi » : read before anything is written."""
    campaign = campaign_of(request, academy, pk)
    if campaign.state != CampaignState.DRAFT:
        return redirect(campaign)
    audit.seen(request.user, EDIT_CAMPAIGNS, f"aperçu · {campaign}", academy=academy)
    outbox = plan(campaign)
    lists = _lists(outbox)
    shown = request.GET.get("montrer", "")
    shown = shown if shown in lists else "messages"
    context = {
        "academy_row": campaign.academy,
        "campaign": campaign,
        "crumb": "Qui recevra quoi",
        "outbox": outbox,
        "lists": [(name, label, len(rows)) for name, (label, rows) in lists.items()],
        "shown": shown,
        "shown_label": lists[shown][0],
        "page": paginate(lists[shown][1], request),
        "headings": headings(COLUMNS),
        "form": PrepareForm(),
        "may_send": request.user.may(SEND_CAMPAIGNS, academy),
    }
    return render(request, "surveys/campaign_preview.html", context)


@requires(EDIT_CAMPAIGNS)
def campaign_envelope(request: SignedInRequest, academy: str, pk: int, entry: int, function: str) -> HttpResponse:
    """The mail that this function of this establishment would receive, exactly as it will be."""
    campaign = campaign_of(request, academy, pk)
    envelopes = plan(campaign).envelopes if campaign.state == CampaignState.DRAFT else []
    wanted = (e for e in envelopes if e.function == function and any(asked.pk == entry for asked in e.entries))
    envelope = next(wanted, None)
    if envelope is None:
        raise Http404
    person = Recipient(campaign=campaign, function=function, name=envelope.name, email=envelope.email)
    subject, html, text = emails.shown_invitation(person, envelope.names, subject=campaign.subject, body=campaign.body)
    context = {
        "academy_row": campaign.academy,
        "campaign": campaign,
        "crumb": "Un message",
        "envelope": envelope,
        "subject": subject,
        "html": html,
        "text": text,
    }
    return render(request, "surveys/campaign_envelope.html", context)


@require_POST
@requires(SEND_CAMPAIGNS)
def campaign_prepare(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    campaign = campaign_of(request, academy, pk)
    form = PrepareForm(request.POST)
    reason = form.cleaned_data["override_reason"] if form.is_valid() else ""
    try:
        sending.prepare(campaign, by=request.user, override_reason=reason)
    except SurveyRefused as refusal:
        messages.error(request, str(refusal))
        if campaign.state == CampaignState.DRAFT:
            return redirect("surveys:campaign_preview", academy, pk)
    return redirect(campaign)


@require_POST
@requires(SEND_CAMPAIGNS)
def campaign_send(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    """Send what was read; refused if the number of drafts is no longer the one that the page showed."""
    campaign = campaign_of(request, academy, pk)
    form = SendForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Relisez l’enquête, puis envoyez-la depuis sa page.")
        return redirect(campaign)
    try:
        expected = form.cleaned_data["expected"]
        sending.launch(campaign, by=request.user, expected=expected)
        sent = count(expected, "message remis", "messages remis")
        messages.success(request, f"{sent} à l’envoi. L’enquête est en cours.")
    except SurveyRefused as refusal:
        messages.error(request, str(refusal))
    return redirect(campaign)


@require_POST
@requires(SEND_CAMPAIGNS)
def campaign_unprepare(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    campaign = campaign_of(request, academy, pk)
    try:
        sending.back_to_draft(campaign, by=request.user)
        messages.success(request, "Les brouillons sont effacés : l’enquête peut être modifiée.")
    except SurveyRefused as refusal:
        messages.error(request, str(refusal))
    return redirect(campaign)


def _lists(outbox: Outbox) -> dict[str, tuple[str, list[Any]]]:
    """What the page can show, by the word of its address."""
    return {
        "messages": ("Messages", outbox.envelopes),
        "groupes": ("Messages groupés", [envelope for envelope in outbox.envelopes if envelope.is_digest]),
        "plafond": ("Personnes au plafond", outbox.over_cap),
        "manques": ("Fonctions sans destinataire", outbox.gaps),
        "muets": ("Établissements que personne ne recevra", outbox.unreachable),
    }
