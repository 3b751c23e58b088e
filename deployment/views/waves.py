"""Waves: the list, one wave with its members, and the acts on both."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.requests import SignedInRequest, wants_partial
from accounts.rights import requires
from deployment.figures.posts import vacant_accountants
from deployment.figures.situation import situation
from deployment.filters import EstablishmentFilters
from deployment.forms.waves import CHECKED, AbolishForm, MembersFilterForm, MoveForm, OpenWaveForm, RulingForm
from deployment.models import Academy, Establishment, Wave, WaveMove, WaveState
from deployment.operations import operations_of
from deployment.rights import DECIDE_WAVES, MOVE_WAVES, VIEW_ESTABLISHMENTS, VIEW_WAVES
from deployment.services import wave_states, waves
from deployment.services.waves import WaveRefused
from deployment.timelines import timeline
from deployment.views.wave_acts import ACTS
from figures.french import count


@requires(VIEW_WAVES)
def wave_list(request: SignedInRequest, academy: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    sizes = Counter(unit.wave for unit in situation(academy_row, on=academy_row.today).everyone)
    rows = Wave.objects.filter(academy=academy_row).with_state(academy_row.today).order_by("rank")
    context = {
        "academy_row": academy_row,
        "waves": [(wave, sizes[wave.code]) for wave in rows],
        "unplaced": sizes[None],
        "may_decide": request.user.may(DECIDE_WAVES, academy),
        "may_view": request.user.may(VIEW_ESTABLISHMENTS, academy),
    }
    return render(request, "deployment/wave_list.html", context)


@requires(DECIDE_WAVES)
def wave_open(request: SignedInRequest, academy: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    form = OpenWaveForm(request.POST or None, academy=academy_row)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        dates = {"cutover_on": asked["cutover_on"], "legal_basis": asked["legal_basis"]}
        try:
            wave = wave_states.open_wave(academy_row, asked["code"], form.ruling(request.user), **dates)
        except WaveRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"La vague {wave} est ouverte.")
            return redirect(wave)
    return render(request, "deployment/wave_open.html", {"academy_row": academy_row, "form": form, "crumb": "Ouvrir"})


@vary_on_headers("HX-Request")
@requires(VIEW_WAVES)
def wave_detail(request: SignedInRequest, academy: str, code: str) -> HttpResponse:
    wave = _wave(academy, code)
    template = "deployment/_wave_members.html" if wants_partial(request) else "deployment/wave_detail.html"
    return render(request, template, _detail(request, wave))


@require_POST
@requires(MOVE_WAVES)
def wave_move(request: SignedInRequest, academy: str, code: str) -> HttpResponse:
    """Move the ticked rows, or all those that the filter in the address shows."""
    wave = _wave(academy, code)
    form = MoveForm(request.POST, wave=wave)
    if form.is_valid():
        shown = _members(request, wave)[1]
        ticked = set(request.POST.getlist("uai"))
        chosen = [e for e in shown if form.cleaned_data["chosen"] != CHECKED or e.uai in ticked]
        if _moved(request, form, chosen):
            return redirect(wave)
    return render(request, "deployment/wave_detail.html", _detail(request, wave, move_form=form), status=400)


@requires(DECIDE_WAVES)
def wave_decide(request: SignedInRequest, academy: str, code: str, act: str) -> HttpResponse:
    """Freeze, reopen, switch, reschedule or abolish: a page that says the consequence, then the act."""
    wave = _wave(academy, code)
    wanted = ACTS[act]
    visible = Establishment.objects.for_user(request.user, DECIDE_WAVES, academy)
    inside = visible.matching(EstablishmentFilters(on=wave.academy.today, wave=wave.code))
    members = list(inside.order_by("sort_name", "uai"))
    own: dict[str, Any] = (
        {"wave": wave, "members": members} if wanted.form is AbolishForm else {"academy": wave.academy}
    )
    form = wanted.form(request.POST or None, **own)
    if request.method == "POST" and form.is_valid():
        try:
            wanted.apply(wave, form, request.user)
        except WaveRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _not_yet(wave, form) or wanted.done.format(wave=wave))
            return redirect(wave)
    context = {
        "academy_row": wave.academy,
        "wave": wave,
        "form": form,
        "title": wanted.title.format(wave=wave),
        "consequence": wanted.consequence.format(wave=wave, members=count(len(members), "établissement")),
        "crumb": wanted.title.format(wave=wave),
    }
    return render(request, "deployment/wave_decide.html", context)


@require_POST
@requires(MOVE_WAVES)
def operation_undo(request: SignedInRequest, academy: str, operation: UUID) -> HttpResponse:
    """Undo one operation; the person who may only move cannot undo what was decided on a wave."""
    academy_row = get_object_or_404(Academy, slug=academy)
    decided = WaveState.objects.filter(operation=operation, wave__academy=academy_row).exists()
    if not decided and not WaveMove.objects.filter(operation=operation, establishment__academy=academy_row).exists():
        raise Http404
    reference = request.POST.get("decision_reference", "").strip()[:120]
    try:
        if decided and not request.user.may(DECIDE_WAVES, academy):
            raise WaveRefused("Seule la personne responsable du service peut annuler une décision sur une vague.")
        moves = waves.undo(academy_row, operation, by=request.user, decision_reference=reference)
        back = count(len(moves), "établissement remis dans sa vague", "établissements remis dans leur vague")
        messages.success(request, f"Opération annulée : {back}.")
    except WaveRefused as refusal:
        messages.error(request, str(refusal))
    code = request.POST.get("wave", "")
    if Wave.objects.filter(academy=academy_row, code=code).exists():
        return redirect("deployment:wave_detail", academy, code)
    return redirect("deployment:wave_list", academy)


def _wave(academy: str, code: str) -> Wave:
    academy_row = get_object_or_404(Academy, slug=academy)
    rows = Wave.objects.with_state(academy_row.today).select_related("academy")
    return get_object_or_404(rows, academy=academy_row, code=code.upper())


def _members(request: SignedInRequest, wave: Wave) -> tuple[MembersFilterForm, list[Establishment]]:
    form = MembersFilterForm(request.GET, academy=wave.academy)
    visible = Establishment.objects.for_user(request.user, VIEW_WAVES, wave.academy.slug)
    rows = visible.matching(form.filters(wave, wave.academy.today)).select_related("academy")
    return form, list(rows.order_by("sort_name", "uai"))


def _detail(request: SignedInRequest, wave: Wave, *, move_form: MoveForm | None = None) -> dict[str, Any]:
    filter_form, members = _members(request, wave)
    academy, today, user = wave.academy, wave.academy.today, request.user
    states = WaveState.objects.filter(wave=wave).select_related("author")
    may_decide = user.may(DECIDE_WAVES, academy.slug)
    vacant = vacant_accountants(academy, on=today, wave=wave.code).rows["total"]
    return {
        "academy_row": academy,
        "crumb": f"Vague {wave}",
        "wave": wave,
        "form": filter_form,
        "members": members,
        "ticked": request.POST.getlist("uai"),
        "move_form": move_form or MoveForm(wave=wave, initial={"seen_at": timezone.now()}),
        "may_move": user.may(MOVE_WAVES, academy.slug),
        "acts": [(name, act) for name, act in ACTS.items() if wave.status in act.allowed_from] if may_decide else [],
        "states": timeline(states, today),
        "operations": operations_of(wave),
        "vacant_seats": academy.establishments.filter(uai__in=vacant).order_by("sort_name", "uai"),
        "may_view": user.may(VIEW_ESTABLISHMENTS, academy.slug),
        "today": today,
    }


def _not_yet(wave: Wave, form: RulingForm) -> str:
    """What is said instead of « c’est fait » when the decision bears on a day to come; else empty."""
    day = form.cleaned_data["effective_on"]
    if day <= wave.academy.today:
        return ""
    return f"La décision est inscrite pour le {day:%d/%m/%Y} : d’ici là, la vague {wave} ne change pas."


def _warn_overtaken(request: SignedInRequest, form: MoveForm, moved: list[Establishment]) -> None:
    """A row of the register holds until the next one: say it when that one came before today."""
    asked_on = form.cleaned_data["effective_on"]
    held = waves.waves_in_force(moved, max(form.academy.today, asked_on))
    wanted = form.destination.pk if form.destination else None
    if overtaken := sum(held.get(establishment.pk) != wanted for establishment in moved):
        who = count(overtaken, "établissement n’y est plus", "établissements n’y sont plus")
        messages.warning(request, f"{who} aujourd’hui : un mouvement postérieur au {asked_on:%d/%m/%Y} prévaut.")


def _moved(request: SignedInRequest, form: MoveForm, chosen: list[Establishment]) -> bool:
    """Whether the move was done; else the form says why."""
    if not chosen:
        form.add_error(None, "Cochez au moins un établissement, ou choisissez toutes les lignes affichées.")
        return False
    ruling = form.ruling(request.user)
    try:
        waves.refuse_changed_since(chosen, form.cleaned_data["seen_at"])
        moves = waves.place(
            form.academy,
            dict.fromkeys(chosen, form.destination),
            effective_on=ruling.effective_on,
            reason=ruling.reason,
            by=request.user,
            decision_reference=ruling.decision_reference,
        )
    except WaveRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    _warn_overtaken(request, form, [move.establishment for move in moves])
    where = f"en {form.destination}" if form.destination else "hors du déploiement"
    messages.success(request, f"{count(len(moves), 'établissement déplacé', 'établissements déplacés')} {where}.")
    return True
