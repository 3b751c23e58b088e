"""Any figure of the product on a page of its own, as JSON, and the rows behind each of its numbers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from accounts import audit
from accounts.columns import Column, headings
from accounts.csv_files import csv_response
from accounts.days import read_day
from accounts.figures import FigureRefused, Published, rows_url
from accounts.pagination import paginate
from accounts.requests import SignedInRequest
from accounts.rights import Right, requires
from deployment.models import Academy, Establishment
from deployment.rights import VIEW_ESTABLISHMENTS, VIEW_WAVES
from deployment.views.establishments import COLUMNS, EXPORTED, exported
from figures.forms import drawn_form, usual_form
from figures.kinds import Figure
from figures.readings import one_reading
from figures.svg import draw
from figures.tables import cell_words
from opale_pilot.figures import CATALOGUE
from opale_pilot.figures import named as named_figure
from surveys.figures.named import FEW, NamedPerson, named
from surveys.figures.named import establishments as establishments_of
from surveys.figures.persons import PERSON
from surveys.rights import VIEW_ANSWERS
from tutoring.figures.loads import TUTOR
from tutoring.figures.named import tutors_named
from tutoring.rights import VIEW_TUTORS

SVG_WIDTH, SVG_FONT = 900, "Arial, sans-serif"  # a drawing taken away from the site, where Marianne is not
PEOPLE = {
    "Nom": "name",
    "Fonction": "function",
    "Établissement": "establishments",
    "UAI": "uais",
    "Adresse électronique": "email",
}
PEOPLE_COLUMNS = tuple(Column(label) for label in PEOPLE if label != "UAI")


@dataclass(frozen=True)
class NamedRows:
    """How the rows of a unit are read as names, and who may read them so."""

    right: Right
    named: Callable[[Academy, Iterable[str]], list[NamedPerson]]


NAMED = {PERSON: NamedRows(VIEW_ANSWERS, named), TUTOR: NamedRows(VIEW_TUTORS, tutors_named)}
NOT_SETTINGS = ("au", "connu", "cellule", "page", "sort", "format")


@requires(VIEW_WAVES)
def figure_list(request: SignedInRequest, academy: str) -> HttpResponse:
    """The figures that this person may see and that this académie has what to compute them from."""
    academy_row = get_object_or_404(Academy, slug=academy)
    allowed = [published for published in CATALOGUE.values() if request.user.may(published.right, academy)]
    with one_reading():
        offered = [published for published in allowed if published.answers(academy_row, on=academy_row.today)]
    return render(request, "cockpit/figure_list.html", {"figures": offered, "academy": academy, "crumb": "Chiffres"})


@requires(VIEW_WAVES)
def figure_detail(request: SignedInRequest, academy: str, name: str) -> HttpResponse:
    """The figure, drawn; `?format=json` gives the common envelope, `?format=svg` the drawing alone."""
    academy_row = get_object_or_404(Academy, slug=academy)
    figure = _asked(request, academy_row, name)
    drawing = drawn_form(figure)
    if request.GET.get("format") == "json":
        return JsonResponse(figure.envelope(), json_dumps_params={"ensure_ascii": False, "indent": 2})
    if request.GET.get("format") == "svg" and drawing:
        response = HttpResponse(draw(figure, drawing, width=SVG_WIDTH, font=SVG_FONT), content_type="image/svg+xml")
        response["Content-Disposition"] = f'attachment; filename="{name}-{academy}-{figure.on}.svg"'
        return response
    context = {
        "academy_row": academy_row,
        "figure": figure,
        "form": usual_form(figure),
        "has_drawing": drawing is not None,
        "crumb": figure.title,
    }
    return render(request, "cockpit/figure_detail.html", context)


@requires(VIEW_WAVES)
def figure_rows(request: SignedInRequest, academy: str, name: str) -> HttpResponseBase:
    """What stands behind one number of the figure, computed again at its own date; `?format=csv` exports.

    Persons are named to who may read the answers, tutors to who may see them; persons are told by their
    establishments to others.
    """
    academy_row = get_object_or_404(Academy, slug=academy)
    figure = _asked(request, academy_row, name)
    cell = request.GET.get("cellule", "")
    words = cell_words(figure, cell)
    if words is None:
        raise Http404
    context = {
        "academy_row": academy_row,
        "figure": figure,
        "cell_words": words,
        "csv": f"{rows_url(figure)}&cellule={cell}&format=csv",
        "crumb": figure.title,
    }
    named_rows = NAMED.get(figure.unit_of(cell))
    if named_rows and request.user.may(named_rows.right, academy):
        return _people(request, figure, cell, context, named_rows)
    return _establishments(request, figure, cell, context)


def _establishments(request: SignedInRequest, figure: Figure, cell: str, context: dict[str, Any]) -> HttpResponseBase:
    """The establishments of a cell. Those of fewer than five persons would point at them: they are not listed."""
    keys: Collection[str] = figure.rows.get(cell, ())
    is_of_persons = figure.unit_of(cell) == PERSON
    is_hidden = is_of_persons and 0 < len(keys) < FEW
    uais = establishments_of(keys) if is_of_persons else keys
    right = _published(figure.name).right
    visible = Establishment.objects.for_user(request.user, right, figure.academy).filter(uai__in=uais)
    rows = visible.with_wave(figure.on, figure.known_at).with_agency(figure.on, figure.known_at)
    rows = rows.none() if is_hidden else rows.order_by("sort_name", "uai")
    if request.GET.get("format") == "csv":
        audit.exported(request.user, right, f"Lignes de « {figure.title} »", academy=figure.academy, cell=cell)
        return csv_response(_file_name(figure), tuple(EXPORTED), map(exported, rows))
    context |= {
        "page": paginate(rows, request),
        "headings": headings(tuple(Column(column.label) for column in COLUMNS)),
        "may_view": request.user.may(VIEW_ESTABLISHMENTS, figure.academy),
        "is_of_persons": is_of_persons,
        "is_hidden": is_hidden,
    }
    return render(request, "cockpit/figure_rows.html", context)


def _people(
    request: SignedInRequest, figure: Figure, cell: str, context: dict[str, Any], rows: NamedRows
) -> HttpResponseBase:
    """The persons of a cell, by name: each look and each download is in the trail."""
    keys = figure.rows.get(cell, ())
    target = f"Personnes de « {figure.title} »"
    if request.GET.get("format") == "csv":
        audit.exported(request.user, rows.right, target, academy=figure.academy, cell=cell, number=len(keys))
        people = rows.named(context["academy_row"], keys)
        lines = ([getattr(one, field) for field in PEOPLE.values()] for one in people)
        return csv_response(_file_name(figure), tuple(PEOPLE), lines)
    audit.seen(request.user, rows.right, target, academy=figure.academy, cell=cell, number=len(keys))
    page = paginate(list(keys), request)
    page.object_list = rows.named(context["academy_row"], page.object_list)
    context |= {"page": page, "headings": headings(PEOPLE_COLUMNS)}
    return render(request, "cockpit/figure_people.html", context)


def _file_name(figure: Figure) -> str:
    return f"{figure.name}-{figure.academy}-{figure.on}.csv"


def _published(name: str) -> Published:
    try:
        return named_figure(name)
    except FigureRefused as unknown:
        raise Http404(str(unknown)) from unknown


def _asked(request: SignedInRequest, academy: Academy, name: str) -> Figure:
    """The figure as the address asks; an unreadable date or setting is an unknown page."""
    published = _published(name)
    if not request.user.may(published.right, academy.slug):
        raise Http404
    settings = {key: str(value) for key, value in request.GET.items() if key not in NOT_SETTINGS and value}
    try:
        on = read_day(request.GET.get("au") or academy.today.isoformat())
        return published.ask(academy, on=on, known_at=_instant(request.GET.get("connu", "")), settings=settings)
    except (ValueError, FigureRefused) as refusal:
        raise Http404(str(refusal)) from refusal


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else timezone.make_aware(read)
