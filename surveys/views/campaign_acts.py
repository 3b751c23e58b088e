"""What is decided on a campaign: new dates, freezing, archiving. Each has a page that says the consequence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.requests import SignedInRequest
from accounts.rights import requires
from surveys.forms.campaigns import RescheduleForm
from surveys.models import Campaign
from surveys.rights import SEND_CAMPAIGNS
from surveys.services import campaigns
from surveys.services.refusals import SurveyRefused
from surveys.views.campaigns import campaign_of


@requires(SEND_CAMPAIGNS)
def campaign_reschedule(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    campaign = campaign_of(request, academy, pk)
    form = RescheduleForm(request.POST or None, campaign=campaign)

    def apply() -> None:
        given = form.cleaned_data
        campaigns.reschedule(
            campaign,
            closes_at=given["closes_at"],
            corrected_until=given["corrected_until"],
            reason=given["reason"],
            by=request.user,
        )

    words = {
        "title": "Changer les dates",
        "consequence": "Les liens déjà envoyés suivent la nouvelle clôture, que chaque établissement lit sur sa page.",
        "button": "Enregistrer les dates",
        "done": "Les dates sont changées.",
    }
    return _decided(request, campaign, apply, words, form)


@requires(SEND_CAMPAIGNS)
def campaign_freeze(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    campaign = campaign_of(request, academy, pk)
    words = {
        "title": "Geler l’enquête",
        "consequence": "Plus aucune réponse n’entrera, ni correction, ni saisie par le service : ses chiffres sont "
        "définitifs. On ne revient pas en arrière.",
        "button": "Geler",
        "done": "L’enquête est gelée.",
    }
    return _decided(request, campaign, lambda: campaigns.freeze(campaign, by=request.user), words)


@requires(SEND_CAMPAIGNS)
def campaign_archive(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    campaign = campaign_of(request, academy, pk)
    words = {
        "title": "Archiver l’enquête",
        "consequence": "Elle quitte la liste des enquêtes en cours ; elle reste lisible, avec ses chiffres.",
        "button": "Archiver",
        "done": "L’enquête est archivée.",
    }
    return _decided(request, campaign, lambda: campaigns.archive(campaign, by=request.user), words)


def _decided(
    request: SignedInRequest,
    campaign: Campaign,
    apply: Callable[[], Any],
    words: dict[str, str],
    form: RescheduleForm | None = None,
) -> HttpResponse:
    """The page of one decision, and the decision itself once its button is pressed."""
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            apply()
        except SurveyRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, words["done"])
            return redirect(campaign)
    context = {"academy_row": campaign.academy, "campaign": campaign, "form": form, "crumb": words["title"], **words}
    return render(request, "surveys/campaign_decide.html", context)
