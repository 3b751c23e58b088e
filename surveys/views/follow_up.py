"""The follow-up of a campaign: who has answered, who has not, what is written to them, and the file of it all."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from accounts import audit
from accounts.columns import Column, headings
from accounts.csv_files import csv_response
from accounts.models import Job
from accounts.pagination import paginate_keys_first
from accounts.requests import SignedInRequest, wants_partial
from accounts.rights import requires
from accounts.xlsx_files import xlsx_response
from figures.french import count, enumeration, percent_text
from surveys import emails, exports
from surveys.choices import CampaignState, Progress, SolicitationKind
from surveys.clock import current
from surveys.forms.follow_up import GROUPS, SHOWN, TICKED, UNANSWERED, FollowUpFilterForm
from surveys.models import Answer, Campaign, Invitation, Recipient
from surveys.models.invitations import InvitationQuerySet
from surveys.rights import ANSWER_FOR, SEND_CAMPAIGNS, VIEW_ANSWERS, VIEW_CAMPAIGNS
from surveys.services import links, rounds
from surveys.services.refusals import SurveyRefused
from surveys.services.solicitations import last_one
from surveys.views.follow_up_acts import ACTS, Act, tell

MOST_SHOWN = 20
ORDER = ("entry__establishment__sort_name", "entry_id", "function")
GROUP_FIELDS = {
    "function": "function",
    "departement": "entry__establishment__departement_label",
    "agency": "entry__agency_uai",
    "wave": "entry__wave_code",
}


@vary_on_headers("HX-Request")
@requires(VIEW_CAMPAIGNS)
def follow_up(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    campaign = launched_campaign(request, academy, pk)
    may_see_people = request.user.may(VIEW_ANSWERS, academy)
    context = _asked(request, campaign, may_see_people=may_see_people)
    if may_see_people:
        audit.seen(request.user, VIEW_ANSWERS, f"suivi · {campaign}", academy=academy, filters=_filters(request))
    may_send = request.user.may(SEND_CAMPAIGNS, academy) and campaign.state == CampaignState.SENT
    writing = campaign.solicitations.filter(is_written=False).values("job")
    context |= {
        "may_send": may_send,
        "may_answer_for": request.user.may(ANSWER_FOR, academy) and not campaign.frozen_at,
        "acts": ACTS.items() if may_send else (),
        "job": Job.objects.filter(pk__in=writing).order_by("-pk").first() if may_send else None,
    }
    template = "_follow_up_rows.html" if wants_partial(request) else "follow_up.html"
    return render(request, f"surveys/{template}", context)


@requires(VIEW_ANSWERS)
def follow_up_export(request: SignedInRequest, academy: str, pk: int) -> HttpResponseBase:
    """The rows that the filters keep, as XLSX or CSV (`?format=csv`)."""
    campaign = launched_campaign(request, academy, pk)
    form, rows = _narrowed(request, campaign, may_see_people=True)
    if not form.is_valid():
        return redirect(f"{_page(campaign)}?{request.GET.urlencode()}")
    target, filters = f"suivi · {campaign}", _filters(request)
    audit.exported(request.user, VIEW_ANSWERS, target, academy=academy, filters=filters)
    return download(request, f"suivi-{campaign.pk}", "Suivi", exports.FOLLOW_UP, exports.follow_up_rows(rows))


@requires(VIEW_ANSWERS)
def answers_export(request: SignedInRequest, academy: str, pk: int) -> HttpResponseBase:
    """Every answer of the campaign, as XLSX or CSV (`?format=csv`)."""
    campaign = launched_campaign(request, academy, pk)
    audit.exported(request.user, VIEW_ANSWERS, f"réponses · {campaign}", academy=academy, campaign=campaign.pk)
    heading, rows = exports.answers(campaign)
    return download(request, f"reponses-{campaign.pk}", "Réponses", heading, rows)


@require_POST
@requires(SEND_CAMPAIGNS)
def follow_up_act(request: SignedInRequest, academy: str, pk: int, act: str) -> HttpResponse:
    """First what would leave, then, confirmed, what left."""
    campaign = launched_campaign(request, academy, pk)
    rows = _chosen(request, campaign)
    if rows is None:
        messages.error(request, "Cochez au moins une ligne, ou choisissez toutes les lignes filtrées.")
        return _back(request, campaign)
    chosen = ACTS.get(act)
    if chosen is None:
        raise Http404
    form = chosen.form(request.POST) if "confirm" in request.POST else None
    refusal = ""
    if form and form.is_valid():
        try:
            tell(request, chosen, chosen.apply(campaign, rows, form, request.user))
            return _back(request, campaign)
        except SurveyRefused as refused:
            refusal = str(refused)
    context = _preview(request, campaign, rows, chosen, form)
    return render(request, "surveys/follow_up_act.html", context | {"refusal": refusal})


@require_POST
@requires(SEND_CAMPAIGNS)
def follow_up_withdraw(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    """First whose access would be taken back, then, confirmed, the act."""
    campaign = launched_campaign(request, academy, pk)
    rows = _chosen(request, campaign)
    if rows is None:
        messages.error(request, "Cochez au moins une ligne, ou choisissez toutes les lignes filtrées.")
        return _back(request, campaign)
    if "confirm" not in request.POST:
        return render(request, "surveys/follow_up_withdraw.html", _choice_kept(request, campaign, rows))
    try:
        people = links.withdraw(campaign, rows, by=request.user)
        words = count(people, "personne n’a plus accès", "personnes n’ont plus accès")
        messages.success(request, f"{words} à cette enquête. Leurs réponses et leurs brouillons restent.")
    except SurveyRefused as refused:
        messages.error(request, str(refused))
    return _back(request, campaign)


def launched_campaign(request: SignedInRequest, academy: str, pk: int) -> Campaign:
    """The campaign, once establishments have received it; 404 before."""
    rows = Campaign.objects.for_user(request.user, VIEW_CAMPAIGNS, academy).launched().select_related("academy")
    return get_object_or_404(rows, pk=pk)


def download(request: SignedInRequest, name: str, sheet: str, heading: Any, rows: Any) -> HttpResponseBase:
    """The file, in the format asked."""
    if request.GET.get("format") == "csv":
        return csv_response(f"{name}.csv", heading, exports.spoken(rows))
    return xlsx_response(f"{name}.xlsx", sheet, heading, rows)


def _narrowed(
    request: SignedInRequest, campaign: Campaign, *, may_see_people: bool
) -> tuple[FollowUpFilterForm, InvitationQuerySet]:
    """The rows that the address asks for; none while one of the filters is unreadable."""
    form = FollowUpFilterForm(request.GET, campaign=campaign, may_see_people=may_see_people)
    rows = Invitation.objects.with_progress(campaign)
    return form, form.in_state(form.narrow(rows)) if form.is_valid() else rows.none()


def _asked(request: SignedInRequest, campaign: Campaign, *, may_see_people: bool) -> dict[str, Any]:
    """The page as filtered by the address; one query a number, whatever the size of the population."""
    form, rows = _narrowed(request, campaign, may_see_people=may_see_people)
    around = form.narrow(Invitation.objects.with_progress(campaign)) if form.is_valid() else rows
    field = GROUP_FIELDS[form.grouping if form.is_valid() else GROUPS[0][0]]
    tally = around.tally(field)
    people = Column("Personne"), Column("Relances")
    columns = [Column("Établissement"), Column("Fonction"), *(people[:1] if may_see_people else ()), Column("État")]
    return {
        "academy_row": campaign.academy,
        "campaign": campaign,
        "crumb": f"Suivi · {campaign}",
        "form": form,
        "may_see_people": may_see_people,
        "rate": rate(campaign),
        "is_over": current(campaign.academy) > campaign.closes_at,
        "states": _states(tally),
        "groups": _groups(form, field, tally),
        "groupings": GROUPS,
        "page": paginate_keys_first(rows.select_related("recipient", "entry__establishment").order_by(*ORDER), request),
        "headings": headings((*columns, people[1])),
    }


def rate(campaign: Campaign) -> tuple[str, str]:
    """How many have answered, and who was asked, in words."""
    rows = Answer.objects.filter(entry__campaign=campaign, entry__is_excluded=False)
    counts = rows.aggregate(
        asked=Count("pk"), given=Count("pk", filter=Q(number__gt=0)), places=Count("entry", distinct=True)
    )
    asked, given, places = counts["asked"], counts["given"], counts["places"]
    percent = percent_text(100 * given / asked if asked else None)
    functions = enumeration(function.label.lower() for function in campaign.asked_functions)
    population = f"Population : {count(places, 'établissement sollicité', 'établissements sollicités')}, {functions}"
    if campaign.is_separate:
        received = count(given, "réponse reçue", "réponses reçues")
        return f"{received} sur {asked} attendues ({percent})", f"{population}, une réponse attendue par fonction."
    have = "établissement a répondu" if given < 2 else "établissements ont répondu"
    return f"{given} {have} sur {places} ({percent})", f"{population}, une réponse attendue par établissement."


def _states(tally: list[dict[str, Any]]) -> list[tuple[str, str, int]]:
    """(state, its words, rows) for each state that has rows."""
    found: dict[str, int] = {}
    for line in tally:
        found[line["progress"]] = found.get(line["progress"], 0) + line["number"]
    unanswered = sum(number for state, number in found.items() if state != Progress.ANSWERED)
    states = [(state.value, state.label, found[state]) for state in Progress if state in found]
    return [(UNANSWERED, "Sans réponse", unanswered), *states] if unanswered else states


def _groups(form: FollowUpFilterForm, field: str, tally: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A line a group: its words, rows asked and answered, the rate, and those still to come."""
    groups: dict[str, dict[str, int]] = {}
    for line in tally:
        groups.setdefault(line[field], {})[line["progress"]] = line["number"]
    return sorted((_group(form, field, key, found) for key, found in groups.items()), key=lambda line: line["label"])


def _group(form: FollowUpFilterForm, field: str, key: str, found: dict[str, int]) -> dict[str, Any]:
    labels: dict[str, Any] = {"function": dict(form.fields["function"].choices)} if field == "function" else {}
    words = labels.get("function", {}).get(key) or (form.seats.get(key) if field.endswith("uai") else key)
    asked, answered = sum(found.values()), found.get(Progress.ANSWERED, 0)
    waiting = {state: found.get(state, 0) for state in (Progress.NOT_OPENED, Progress.OPENED, Progress.STARTED)}
    return {
        "label": words or key or "Aucune",
        "asked": asked,
        "answered": answered,
        "percent": percent_text(100 * answered / asked),
        "waiting": list(waiting.values()),
        "unreachable": asked - answered - sum(waiting.values()),
    }


def _chosen(request: SignedInRequest, campaign: Campaign) -> InvitationQuerySet | None:
    """The rows ticked, or all those that the address asks for; None when there is no choice."""
    _, rows = _narrowed(request, campaign, may_see_people=True)
    if request.POST.get("chosen") == SHOWN:
        return rows
    keys = [int(key) for key in request.POST.getlist("row") if key.isdecimal() and len(key) < 19]
    return Invitation.objects.with_progress(campaign).filter(pk__in=keys) if keys else None


def _choice_kept(request: SignedInRequest, campaign: Campaign, rows: InvitationQuerySet) -> dict[str, Any]:
    """What the page that confirms must send back: the same rows."""
    is_ticked = request.POST.get("chosen") != SHOWN
    return {
        "academy_row": campaign.academy,
        "campaign": campaign,
        "crumb": f"Suivi · {campaign}",
        "chosen": TICKED if is_ticked else SHOWN,
        "ticked": list(rows.values_list("pk", flat=True)) if is_ticked else [],
        "rows": rows.count(),
        "people": rows.values("recipient").exclude(recipient__isnull=True).distinct().count(),
        "back": _back_address(request, campaign),
    }


def _preview(
    request: SignedInRequest, campaign: Campaign, rows: InvitationQuerySet, act: Act, form: Any
) -> dict[str, Any]:
    """Who would be written to, now; the form remembers it."""
    found = rounds.compose(campaign, rows, act.kind)
    seen = {"seen": last_one(campaign), "expected": len(found.addressees) + len(found.held)}
    if form is None:
        form = act.form(initial=seen)
    else:  # the page shows the situation of now: so must what it remembers
        form.data = form.data.copy()
        form.data.update({name: str(value) for name, value in seen.items()})
    if not found.held:
        form.fields["override_reason"].widget = form.fields["override_reason"].hidden_widget()
    shown = found.addressees[:MOST_SHOWN]
    names = rounds.place_names(shown)
    return _choice_kept(request, campaign, rows) | {
        "act": act,
        "form": form,
        "round": found,
        "shown": [(person, names[person.recipient.pk]) for person in shown],
        "others": max(0, len(found.addressees) - MOST_SHOWN),
        "sample": _sample(campaign, act, shown[0].recipient, names) if shown else None,
    }


def _sample(
    campaign: Campaign, act: Act, recipient: Recipient, names: dict[int, list[str]]
) -> tuple[str, list[str]] | None:
    """The text of the campaign as that person would read it; None when it is typed on this page."""
    texts = {
        SolicitationKind.REMINDER: (campaign.reminder_subject, campaign.reminder_body),
        SolicitationKind.INVITATION: (campaign.subject, campaign.body),
    }
    if act.kind not in texts:
        return None
    subject, body = texts[act.kind]
    recipient.campaign = campaign
    return emails.sample(recipient, names[recipient.pk], subject=subject, body=body)


def _filters(request: SignedInRequest) -> dict[str, Any]:
    return {name: value for name, value in request.GET.items() if value}


def _page(campaign: Campaign) -> str:
    return reverse("surveys:follow_up", args=[campaign.academy.slug, campaign.pk])


def _back_address(request: SignedInRequest, campaign: Campaign) -> str:
    asked = request.GET.urlencode()
    return f"{_page(campaign)}?{asked}" if asked else _page(campaign)


def _back(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    return redirect(_back_address(request, campaign))
