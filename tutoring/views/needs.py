"""The first page of the tutoring: what a wave needs, and where each agency stands, with names for who may see them."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts import audit
from accounts.columns import Column, headings
from accounts.figures import FigureRefused, rows_url
from accounts.models import User
from accounts.requests import SignedInRequest
from accounts.rights import requires
from deployment.choices import WaveStatus
from deployment.models import Academy, Wave
from figures.breakdowns import Breakdown
from tutoring.agencies import agency_lines
from tutoring.figures.needs import tutor_needs
from tutoring.models import ImprovementAction
from tutoring.rights import ATTEST_WORK, FOLLOW_MEETINGS, VIEW_NEEDS, VIEW_TUTORS, VIEW_WORK

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
    waves = Wave.objects.filter(academy=academy_row).with_state(academy_row.today).select_related("academy")
    offered = [wave for wave in waves.order_by("rank") if wave.status not in (None, WaveStatus.ABOLISHED)]
    asked = request.GET.get("vague", "")
    context = {
        "academy_row": academy_row,
        "waves": offered,
        "may_see": request.user.may(VIEW_TUTORS, academy),
        "doors": _doors(request.user, academy),
        "late_actions": _late_actions(request.user, academy_row),
        "today": academy_row.today,
        "may_follow": request.user.may(FOLLOW_MEETINGS, academy),
        "crumb": asked,
    }
    try:
        figure = tutor_needs(academy_row, on=academy_row.today, wave=asked)
    except FigureRefused as refusal:
        if asked:
            raise Http404(str(refusal)) from refusal
        return render(request, "tutoring/need_list.html", context)
    wave = next((wave for wave in offered if wave.code == figure.parameters["wave"]), None)
    if wave is None:
        raise Http404
    lines, columns = agency_lines(wave, on=academy_row.today), COLUMNS
    if context["may_see"]:
        columns = (*COLUMNS, DIFFICULTY)
        if request.GET.get("sort") == DIFFICULTY.sort:
            lines.sort(key=lambda line: -line.difficulty.level if line.difficulty else 0)
        audit.seen(request.user, VIEW_TUTORS, f"Tuteurs de la {wave}", academy=academy, number=len(lines))
    context |= {
        "wave": wave,
        "figure": figure,
        "tiles": _tiles(figure),
        "lines": lines,
        "headings": headings(columns, request.GET.get("sort", "")),
    }
    return render(request, "tutoring/need_list.html", context)


def _doors(user: User, academy: str) -> list[tuple[str, str]]:
    """The other pages of the tutoring that this person may open: words and address."""
    pages = (
        ("Visites", "tutoring:visit_list", VIEW_WORK),
        ("Réunions", "tutoring:meeting_list", VIEW_WORK),
        ("Service fait", "tutoring:service_list", ATTEST_WORK),
    )
    return [(words, reverse(name, args=[academy])) for words, name, right in pages if user.may(right, academy)]


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
