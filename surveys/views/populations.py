"""The population of a campaign: criteria counted before they are kept, additions, exclusions, and its entries."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.columns import Column, headings
from accounts.pagination import paginate
from accounts.requests import SignedInRequest, wants_partial
from accounts.rights import requires
from deployment.models import Establishment
from deployment.tables import FileRefused
from figures.french import count
from surveys.choices import CampaignState, EntryOrigin
from surveys.forms.populations import LISTS, CriteriaForm, ReasonForm, UaiFileForm
from surveys.models import Campaign
from surveys.rights import EDIT_CAMPAIGNS, VIEW_ANSWERS
from surveys.services import populations
from surveys.services.refusals import SurveyRefused
from surveys.tallies import tally
from surveys.views.campaigns import campaign_of

COLUMNS = (Column("Établissement"), Column("UAI"), Column("Vague"), Column("Origine"), Column("Motif"))
SHOWN: dict[str, dict[str, Any]] = {
    "ajoutes": {"origin": EntryOrigin.ADDED},
    "ecartes": {"is_excluded": True},
}
ADDED = ("établissement ajouté ou repris", "établissements ajoutés ou repris")
LEFT_OUT = ("établissement écarté", "établissements écartés")
MOST_FOUND = 20
MOST_ERRORS = 20


@vary_on_headers("HX-Request", "HX-Target")
@requires(VIEW_ANSWERS)
def population_detail(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    campaign = campaign_of(request, academy, pk)
    if wants_partial(request) and request.htmx.target == "criteria-count":
        return render(request, "surveys/_population_count.html", _criteria(request, campaign))
    template = "surveys/_population_entries.html" if wants_partial(request) else "surveys/population_detail.html"
    return render(request, template, _page(request, campaign))


@require_POST
@requires(EDIT_CAMPAIGNS)
def population_choose(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    campaign = campaign_of(request, academy, pk)
    form = CriteriaForm(request.POST, academy=campaign.academy, criteria=campaign.criteria)
    if not form.is_valid():
        messages.error(request, "Un des critères n’existe pas ou plus : choisissez-les de nouveau.")
        return redirect("surveys:population_detail", academy, pk)
    choose = partial(populations.choose, campaign, form.criteria, by=request.user)
    return _done(
        request,
        campaign,
        lambda: f"La population compte {count(choose(), 'établissement')}.",
    )


@require_POST
@requires(EDIT_CAMPAIGNS)
def population_add(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    """Add the ticked establishments, or take back those that were left out."""
    return _ticked(
        request, academy, pk, populations.add, "établissement ajouté ou repris", "établissements ajoutés ou repris"
    )


@require_POST
@requires(EDIT_CAMPAIGNS)
def population_exclude(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    return _ticked(request, academy, pk, populations.exclude, *LEFT_OUT)


@require_POST
@requires(EDIT_CAMPAIGNS)
def population_add_file(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    """Add the establishments of a file; wrong lines are told by their number, and nothing is added unless wanted."""
    campaign = campaign_of(request, academy, pk)
    form = UaiFileForm(request.POST, request.FILES)
    refused: list[tuple[int, str]] = []
    if form.is_valid():
        try:
            found = form.read(campaign.academy)
            refused = found.refused
            if not refused or (form.cleaned_data["skip_refused"] and found.establishments):
                reason = form.cleaned_data["reason"]
                number = populations.add(campaign, found.establishments, reason=reason, by=request.user)
                left = f" ; {count(len(refused), 'ligne laissée', 'lignes laissées')} de côté" if refused else ""
                messages.success(request, f"{count(number, 'établissement ajouté', 'établissements ajoutés')}{left}.")
                return redirect("surveys:population_detail", academy, pk)
        except (FileRefused, SurveyRefused) as refusal:
            form.add_error("file", str(refusal))
    context = {"refused": refused[:MOST_ERRORS], "refused_count": len(refused), "file_form": form}
    return render(request, "surveys/population_detail.html", {**_page(request, campaign), **context}, status=400)


def _ticked(request: SignedInRequest, academy: str, pk: int, verb: Callable[..., int], *done: str) -> HttpResponse:
    campaign = campaign_of(request, academy, pk)
    form = ReasonForm(request.POST, academy=campaign.academy)
    if not form.is_valid():
        messages.error(request, " ".join(form.sentences))
        return redirect("surveys:population_detail", academy, pk)
    reason = form.cleaned_data["reason"]
    return _done(
        request, campaign, lambda: f"{count(verb(campaign, form.found, reason=reason, by=request.user), *done)}."
    )


def _done(request: SignedInRequest, campaign: Campaign, act: Callable[[], str]) -> HttpResponse:
    try:
        messages.success(request, act())
    except SurveyRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("surveys:population_detail", campaign.academy.slug, campaign.pk)


def _page(request: SignedInRequest, campaign: Campaign) -> dict[str, Any]:
    is_editable = campaign.state == CampaignState.DRAFT and request.user.may(EDIT_CAMPAIGNS, campaign.academy.slug)
    shown = request.GET.get("montrer", "")
    rows = campaign.entries.filter(**SHOWN.get(shown, {})).select_related("establishment")
    page = paginate(rows.order_by("establishment__sort_name", "establishment__uai"), request)
    page.object_list = _with_wave(campaign, list(page.object_list))
    context = {
        "academy_row": campaign.academy,
        "campaign": campaign,
        "crumb": "Population",
        "tally": tally(campaign),
        "page": page,
        "headings": headings((Column("Choix"), *COLUMNS) if is_editable else COLUMNS),
        "shown": shown if shown in SHOWN else "",
        "is_editable": is_editable,
        "refused": [],
        "refused_count": 0,
    }
    return {**context, **_criteria(request, campaign), **_search(request, campaign)} if is_editable else context


def _with_wave(campaign: Campaign, entries: list[Any]) -> list[Any]:
    """The wave of each entry: of the sending once it is prepared, of today before."""
    if campaign.state == CampaignState.DRAFT:
        now = Establishment.objects.filter(pk__in=[entry.establishment_id for entry in entries])
        waves = {row.pk: row.wave_code or "" for row in now.with_wave(campaign.academy.today)}
        for entry in entries:
            entry.wave_code = waves[entry.establishment_id]
    return entries


def _criteria(request: SignedInRequest, campaign: Campaign) -> dict[str, Any]:
    """The criteria asked in the address, or those kept; with how many establishments meet them today."""
    asked = request.GET if request.GET.get("compter") else None
    form = CriteriaForm(asked, academy=campaign.academy, criteria=campaign.criteria)
    context: dict[str, Any] = {"campaign": campaign, "academy_row": campaign.academy, "criteria_form": form}
    if asked is None or not form.is_valid():
        return {**context, "is_counted": False}
    campaign.criteria = form.criteria
    chosen = [(name, value) for name in LISTS for value in form.criteria.get(name, [])]
    return {**context, "is_counted": True, "count": populations.matching(campaign).count(), "chosen": chosen}


def _search(request: SignedInRequest, campaign: Campaign) -> dict[str, Any]:
    """Establishments of the académie found by name, town or UAI, that are not asked yet."""
    text = request.GET.get("recherche", "").strip()[:100]
    found: list[Establishment] = []
    if text:
        rows = campaign.academy.establishments.named(text)
        asked = campaign.entries.filter(is_excluded=False).values("establishment")
        found = list(rows.exclude(pk__in=asked).order_by("sort_name", "uai")[: MOST_FOUND + 1])
    context = {"search": text, "found": found[:MOST_FOUND], "found_more": len(found) > MOST_FOUND}
    return {**context, "file_form": UaiFileForm()}
