"""The first page of the tutoring: what a wave needs, and where each agency stands, with names for who may see them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts import audit
from accounts.columns import Column, headings
from accounts.figures import FigureRefused, rows_url
from accounts.models import User
from accounts.requests import SignedInRequest
from accounts.rights import requires
from deployment.choices import WaveStatus
from deployment.models import Academy
from figures.breakdowns import Breakdown
from figures.french import in_sentence
from figures.readings import one_reading
from tutoring.agencies import agency_lines
from tutoring.choices.candidates import NeedRule
from tutoring.figures.loads import tutor_loads
from tutoring.figures.needs import tutor_coverage, tutor_needs, waves_of
from tutoring.forms.offers import NeedRuleForm
from tutoring.models import ImprovementAction, TutoringRules
from tutoring.needs import rule_of
from tutoring.rights import EDIT_RULES, FOLLOW_MEETINGS, VIEW_NEEDS, VIEW_TUTORS, VIEW_WORK
from tutoring.services import rules

COLUMNS: tuple[Column, ...] = (
    Column("Agence comptable"),
    Column("Établissements de la vague", is_number=True),
    Column("Tuteur ordonnateur"),
    Column("Tuteur comptable"),
)
DIFFICULTY = Column("Difficulté", sort="-difficulty")


@requires(VIEW_NEEDS)
def need_list(request: SignedInRequest, academy: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    with one_reading():
        context = _home(request, academy_row, request.GET.get("vague", ""))
    if context["may_see"] and context.get("lines"):
        target, number = f"Tuteurs de la {context['wave']}", len(context["lines"])
        audit.seen(request.user, VIEW_TUTORS, target, academy=academy, number=number)
    return render(request, "tutoring/need_list.html", context)


def _home(request: SignedInRequest, academy: Academy, asked: str) -> dict[str, Any]:
    """The wave asked, or the last one that has cut over, with its figures and its agencies; none without a wave."""
    on = academy.today
    waves = [wave for wave in waves_of(academy, on) if wave.status not in (None, WaveStatus.ABOLISHED)]
    may_see = request.user.may(VIEW_TUTORS, academy.slug)
    context: dict[str, Any] = {
        "academy_row": academy,
        "waves": waves,
        "may_see": may_see,
        "may_rule": request.user.may(EDIT_RULES, academy.slug),
        "rule": rule_of(academy).label,
        "late_actions": _late_actions(request.user, academy),
        "today": on,
        "may_follow": request.user.may(FOLLOW_MEETINGS, academy.slug),
        "crumb": asked,
    }
    try:
        figure = tutor_needs(academy, on=on, wave=asked)
    except FigureRefused as refusal:
        if asked:
            raise Http404(str(refusal)) from refusal
        return context
    wave = next((wave for wave in waves if wave.code == figure.parameters["wave"]), None)
    if wave is None:
        raise Http404
    lines, columns = agency_lines(wave, on=on), COLUMNS
    if may_see:
        columns = (*COLUMNS, DIFFICULTY)
        if request.GET.get("sort") == DIFFICULTY.sort:
            lines.sort(key=lambda line: -line.difficulty.level if line.difficulty else 0)
    return context | {
        "wave": wave,
        "figure": figure,
        "coverage": tutor_coverage(academy, on=on, wave=wave.code),
        "loads": tutor_loads(academy, on=on, wave=wave.code) if may_see else None,
        "tiles": _tiles(figure),
        "lines": lines,
        "headings": headings(columns, request.GET.get("sort", "")),
    }


@requires(EDIT_RULES)
def rules_edit(request: SignedInRequest, academy: str) -> HttpResponse:
    """How the needs are counted, for every wave and at any date."""
    academy_row = get_object_or_404(Academy, slug=academy)
    held = TutoringRules.objects.filter(academy=academy_row).first() or TutoringRules()
    form = NeedRuleForm(request.POST or None, initial={"need_rule": held.need_rule})
    if form.is_valid():
        chosen = NeedRule(form.cleaned_data["need_rule"])
        rules.choose_need_rule(academy_row, chosen, by=request.user)
        messages.success(request, f"Les besoins se comptent ainsi : {in_sentence(chosen.label)}.")
        return redirect("tutoring:need_list", academy)
    context = {
        "academy_row": academy_row,
        "form": form,
        "title": "Règles de tutorat",
        "lead": "La page du tutorat donne toujours la couverture selon les deux décomptes.",
        "button": "Enregistrer",
        "crumb": "Règles",
        "back": reverse("tutoring:need_list", args=[academy]),
    }
    return render(request, "tutoring/form.html", context, status=400 if form.errors else 200)


def _late_actions(user: User, academy: Academy) -> list[ImprovementAction]:
    """Improvement actions past their due day and not closed."""
    rows = ImprovementAction.objects.for_user(user, VIEW_WORK, academy.slug).late(academy.today)
    return list(rows.select_related("meeting__academy"))


def _tiles(figure: Breakdown) -> list[dict[str, Any]]:
    """The five numbers, each opening on its rows."""
    url = f"{rows_url(figure)}&cellule="

    def between(name: str) -> str:
        least, most = figure.value(f"{name}/min"), figure.value(f"{name}/max")
        return str(most) if least == most else f"{least} à {most}"

    told = (
        ("establishments", str(figure.value("establishments")), "Établissements de la vague"),
        ("ordering", str(figure.value("ordering")), "Tuteurs sphère ordonnateur"),
        ("accounting/max", between("accounting"), "Tuteurs sphère comptable"),
        ("total/max", between("total"), "Tutorats en tout"),
        ("agencies_without_accountant", str(figure.value("agencies_without_accountant")), "Agences en attente"),
    )
    return [{"value": value, "label": label, "link": f"{url}{cell}"} for cell, value, label in told]
