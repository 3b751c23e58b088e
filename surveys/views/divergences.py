"""Wave wishes settled: those that diverge one by one, those that agree together."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.pagination import paginate
from accounts.requests import SignedInRequest
from accounts.rights import requires
from deployment.services.waves import WaveRefused
from figures.french import count
from surveys.forms.divergences import DecideForm, SettleForm
from surveys.models import Campaign
from surveys.rights import DECIDE_DIVERGENCES, VIEW_ANSWERS
from surveys.services import divergences as settling
from surveys.services.divergences import DECIDABLE, Wishes
from surveys.services.refusals import SurveyRefused
from surveys.views.follow_up import launched_campaign

TO_DECIDE, AGREED, DECIDED = "a-trancher", "concordants", "tranchees"
VIEWS = {
    TO_DECIDE: "À trancher",
    AGREED: "Vœux concordants qui changent le plan",
    DECIDED: "Tranchées",
}
PAGE = 25


@requires(VIEW_ANSWERS)
def divergences(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    """The wishes of one of the three lists (`?liste=`)."""
    campaign = _campaign(request, academy, pk)
    audit.seen(request.user, VIEW_ANSWERS, f"vœux · {campaign}", academy=academy, campaign=campaign.pk)
    return render(request, "surveys/divergences.html", _lists(request, campaign))


@requires(DECIDE_DIVERGENCES)
def divergence_decide(request: SignedInRequest, academy: str, pk: int, entry: int) -> HttpResponse:
    """One establishment's wishes side by side, and the decision."""
    campaign = _campaign(request, academy, pk)
    row = get_object_or_404(campaign.entries.filter(is_excluded=False).select_related("establishment"), pk=entry)
    wishes = next(iter(settling.read(campaign, [row.pk])), None)
    if wishes is None:
        raise Http404
    form = DecideForm(request.POST if request.method == "POST" else None, campaign=campaign, wishes=wishes)
    if form.is_bound and form.is_valid():
        try:
            decision = settling.decide(campaign, row, form.ruling_given(), by=request.user)
            moved = f"{row.establishment} passe en {decision.wave_code}" if decision.operation else "Le plan est gardé"
            messages.success(request, f"C’est décidé. {moved}.")
            return redirect("surveys:divergences", academy, pk)
        except (SurveyRefused, WaveRefused) as refused:
            form.add_error(None, str(refused))
            form.show_again(next(iter(settling.read(campaign, [row.pk])), wishes))
    context = _frame(campaign) | {"wishes": form.wishes, "form": form, "crumb": row.establishment.name}
    return render(request, "surveys/divergence_decide.html", context)


@require_POST
@requires(DECIDE_DIVERGENCES)
def wishes_apply(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    """Move the establishments ticked to the wave they agree on."""
    campaign = _campaign(request, academy, pk)
    form = SettleForm(request.POST, academy=campaign.academy)
    ticked = request.POST.getlist("entry")
    if form.is_valid():
        try:
            moves = settling.apply(campaign, _seen(request, ticked), form.settled(), by=request.user)
            number = count(len(moves), "établissement déplacé", "établissements déplacés")
            messages.success(request, f"{number} dans la vague souhaitée, en une seule opération.")
            return redirect(_address(campaign, AGREED))
        except (SurveyRefused, WaveRefused) as refused:
            form.add_error(None, str(refused))
    context = _lists(request, campaign, chosen=AGREED) | {"form": form, "ticked": ticked}
    return render(request, "surveys/divergences.html", context)


def _campaign(request: SignedInRequest, academy: str, pk: int) -> Campaign:
    """A campaign of wave wishes; any other has no divergence: 404."""
    campaign = launched_campaign(request, academy, pk)
    if not campaign.is_separate:
        raise Http404
    return campaign


def _seen(request: SignedInRequest, ticked: list[str]) -> dict[int, str]:
    """What the page showed of each establishment ticked."""
    keys = [key for key in ticked if key.isdecimal() and len(key) < 19]
    return {int(key): request.POST.get(f"seen-{key}", "")[:300] for key in keys}


def _lists(request: SignedInRequest, campaign: Campaign, chosen: str = "") -> dict[str, Any]:
    lists = _sorted(settling.read(campaign))
    chosen = chosen or request.GET.get("liste", "")
    chosen = chosen if chosen in VIEWS else TO_DECIDE
    return _frame(campaign) | {
        "tabs": [(name, words, len(lists[name]), _address(campaign, name)) for name, words in VIEWS.items()],
        "chosen": chosen,
        "page": paginate(lists[chosen], request, size=PAGE),
        "form": SettleForm(academy=campaign.academy),
        "may_decide": request.user.may(DECIDE_DIVERGENCES, campaign.academy.slug) and campaign.state in DECIDABLE,
        "crumb": f"Vœux · {campaign}",
    }


def _sorted(wishes: list[Wishes]) -> dict[str, list[Wishes]]:
    """Each establishment in the one list that awaits something of it, or tells what was done."""
    lists: dict[str, list[Wishes]] = {name: [] for name in VIEWS}
    for found in wishes:
        if found.decision:
            lists[DECIDED].append(found)
        elif found.is_divergent:
            lists[TO_DECIDE].append(found)
        elif found.changes_plan:
            lists[AGREED].append(found)
    return lists


def _frame(campaign: Campaign) -> dict[str, Any]:
    return {"academy_row": campaign.academy, "campaign": campaign}


def _address(campaign: Campaign, name: str) -> str:
    page = reverse("surveys:divergences", args=[campaign.academy.slug, campaign.pk])
    return page if name == TO_DECIDE else f"{page}?liste={name}"
