"""The volumetry page: initial beside any day, difference, chart, map, and who went where."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.vary import vary_on_headers

from accounts.requests import SignedInRequest, wants_partial
from accounts.rights import requires
from deployment.figures import progress
from deployment.figures import volumetry as figures
from deployment.forms.volumetry import VolumetryForm
from deployment.models import Academy
from deployment.rights import VIEW_WAVES
from figures.readings import one_reading


@vary_on_headers("HX-Request")
@requires(VIEW_WAVES)
def volumetry(request: SignedInRequest, academy: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    form = VolumetryForm(request.GET, academy=academy_row)
    context = {"academy_row": academy_row, "form": form}
    if form.is_valid() and form.cleaned_data["from_wave"]:
        with one_reading():
            context |= _drawn(academy_row, form)
    partial = wants_partial(request)
    template = "deployment/_volumetry_figures.html" if partial else "deployment/volumetry.html"
    return render(request, template, context)


def _drawn(academy: Academy, form: VolumetryForm) -> dict[str, Any]:
    asked: dict[str, Any] = {"known_at": form.known_at, **form.span}
    compared = asked | {"on": form.day, "initial_on": form.cleaned_data["initial_on"]}
    return {
        "initial": figures.volumetry(academy, on=form.cleaned_data["initial_on"], **asked),
        "current": figures.volumetry(academy, on=form.day, **asked),
        "change": figures.volumetry_change(academy, **compared),
        "difference": figures.volumetry_difference(academy, **compared),
        "movements": figures.wave_movements(academy, **compared),
        "map": figures.wave_map(academy, on=form.day, **asked),
        "sizes": progress.wave_sizes(academy, on=form.day, **asked),
    }
