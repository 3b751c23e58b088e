"""The list of establishments, its export, and the file of one establishment."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.vary import vary_on_headers

from accounts import audit
from accounts.columns import Column, headings
from accounts.csv_files import csv_response
from accounts.pagination import paginate_keys_first
from accounts.requests import SignedInRequest, wants_partial
from accounts.rights import requires
from deployment.figures.neighbours import agency_map
from deployment.forms.establishments import EstablishmentFilterForm
from deployment.models import Academy, AgencyMembership, Establishment, WaveMove
from deployment.rights import MOVE_WAVES, VIEW_ESTABLISHMENTS
from deployment.timelines import timeline
from deployment.views.posts import in_post

COLUMNS = (
    Column("Nom", "name"),
    Column("UAI", "uai"),
    Column("Type"),
    Column("Commune", "town"),
    Column("Département", "departement"),
    Column("Vague", "wave"),
    Column("Agence comptable"),
    Column("État"),
)


EXPORTED = {
    "UAI": "uai",
    "Nom": "name",
    "Type": "get_kind_display",
    "Nature": "nature",
    "Adresse": "address",
    "Code postal": "postcode",
    "Commune": "town",
    "Département": "departement_label",
    "Adresse électronique": "email",
    "Téléphone": "phone",
    "Vague": "wave_code",
    "UAI du siège de l’agence comptable": "agency_uai",
    "Siège de l’agence comptable": "agency_name",
    "État": "get_status_display",
}


@vary_on_headers("HX-Request")
@requires(VIEW_ESTABLISHMENTS)
def establishment_list(request: SignedInRequest, academy: str) -> HttpResponse:
    context = _asked(request, academy)
    template = "_establishment_rows.html" if wants_partial(request) else "establishment_list.html"
    return render(request, f"deployment/{template}", context)


@requires(VIEW_ESTABLISHMENTS)
def establishment_export(request: SignedInRequest, academy: str) -> HttpResponseBase:
    """All the rows that the filters keep, as CSV; the list page, with what is wrong, when a filter is unreadable."""
    context = _asked(request, academy)
    form: EstablishmentFilterForm = context["form"]
    if not form.is_valid():
        return render(request, "deployment/establishment_list.html", context, status=400)
    filters = {name: value for name, value in request.GET.items() if value}
    audit.exported(request.user, VIEW_ESTABLISHMENTS, "Export des établissements", academy=academy, filters=filters)
    lines = (exported(row) for row in context["rows"].iterator(chunk_size=1000))
    return csv_response(f"etablissements-{academy}-{form.filters.on}.csv", tuple(EXPORTED), lines)


@requires(VIEW_ESTABLISHMENTS)
def establishment_detail(request: SignedInRequest, academy: str, uai: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    today = academy_row.today
    visible = Establishment.objects.for_user(request.user, VIEW_ESTABLISHMENTS, academy)
    rows = visible.with_wave(today).with_agency(today).select_related("host", "academy")
    establishment = get_object_or_404(rows, uai=uai.upper())
    colleagues = list(visible.in_agency(establishment.agency_uai, today).with_wave(today).order_by("sort_name", "uai"))
    moves = WaveMove.objects.filter(establishment=establishment).select_related("wave", "author")
    memberships = AgencyMembership.objects.filter(establishment=establishment).select_related("agency__seat", "author")
    context = {
        "academy_row": academy_row,
        "today": today,
        "crumb": establishment.name,
        "establishment": establishment,
        "hosted": visible.filter(host=establishment).with_wave(today).order_by("sort_name", "uai"),
        "moves": timeline(moves, today),
        "memberships": timeline(memberships, today),
        "colleagues": colleagues,
        "agency_waves": _waves_of(colleagues),
        "map": agency_map(academy_row, establishment, colleagues, on=today),
        "may_move": request.user.may(MOVE_WAVES, academy),
        **in_post(request, establishment),
    }
    return render(request, "deployment/establishment_detail.html", context)


def _asked(request: SignedInRequest, academy: str) -> dict[str, Any]:
    """The list as filtered and sorted by the address; no row while one of the filters is unreadable."""
    academy_row = get_object_or_404(Academy, slug=academy)
    visible = Establishment.objects.for_user(request.user, VIEW_ESTABLISHMENTS, academy)
    form = EstablishmentFilterForm(request.GET, academy=academy_row, rows=visible)
    rows = visible.matching(form.filters).order_by(*form.ordering) if form.is_valid() else visible.none()
    sorted_by = form.cleaned_data.get("sort", "")
    return {
        "academy_row": academy_row,
        "form": form,
        "rows": rows,
        "page": paginate_keys_first(rows, request),
        "headings": headings(COLUMNS, sorted_by),
        "may_view": True,  # the page itself asks for that right
    }


def exported(row: Establishment) -> list[Any]:
    """The values of one exported line, in the order of `EXPORTED`; the row comes with its wave and agency."""
    values = (getattr(row, name) for name in EXPORTED.values())
    return [value() if callable(value) else value for value in values]


def _waves_of(establishments: list[Any]) -> list[str]:
    """Codes of the waves that these establishments are in, in order."""
    ranks = {e.wave_code: e.wave_rank for e in establishments if e.wave_code}
    return sorted(ranks, key=ranks.__getitem__)
