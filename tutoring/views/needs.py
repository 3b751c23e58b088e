"""The first page of the tutoring: what a wave needs, and where each agency stands, with names for who may see them."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts import audit
from accounts.columns import Column, headings
from accounts.figures import FigureRefused, rows_url
from accounts.requests import SignedInRequest
from accounts.rights import requires
from deployment.choices import WaveStatus
from deployment.models import Academy, Wave
from figures.breakdowns import Breakdown
from tutoring.agencies import agency_lines
from tutoring.figures.needs import tutor_needs
from tutoring.rights import VIEW_NEEDS, VIEW_TUTORS

COLUMNS = (
    Column("Agence comptable"),
    Column("Établissements de la vague", is_number=True),
    Column("Tuteur ordonnateur"),
    Column("Tuteur comptable"),
)


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
    lines = agency_lines(wave, on=academy_row.today)
    if context["may_see"]:
        audit.seen(request.user, VIEW_TUTORS, f"Tuteurs de la {wave}", academy=academy, number=len(lines))
    context |= {"wave": wave, "figure": figure, "tiles": _tiles(figure), "lines": lines, "headings": headings(COLUMNS)}
    return render(request, "tutoring/need_list.html", context)


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
