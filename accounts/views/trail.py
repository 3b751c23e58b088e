"""The trail of an académie, for its auditor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.vary import vary_on_headers

from accounts import audit
from accounts.columns import Column, headings
from accounts.csv_files import csv_response
from accounts.forms.trail import TrailFilterForm
from accounts.models import AuditEntry, User
from accounts.pagination import paginate
from accounts.requests import SignedInRequest, wants_partial
from accounts.rights import CATALOGUE, VIEW_TRAIL, requires

COLUMNS = (Column("Le"), Column("Personne"), Column("Acte"), Column("Objet"), Column("Précisions"), Column("Depuis"))
EXPORTED = ("date", "personne", "adresse électronique", "nature", "acte", "objet", "précisions", "depuis")

# Names that the code gives to what a line adds.
DETAILS = {
    "cell": "case",
    "filters": "filtres",
    "form": "format",
    "issuer": "fournisseur",
    "job": "traitement",
    "methods": "moyens",
    "number": "nombre",
    "operation": "opération",
    "person": "personne n°",
    "reason": "motif",
    "role": "rôle",
    "seen_as": "vu comme",
}


@vary_on_headers("HX-Request")
@requires(VIEW_TRAIL)
def trail_list(request: SignedInRequest, academy: str) -> HttpResponse:
    form, rows = _asked(request, academy)
    page = paginate(rows, request)
    for entry in page:
        entry.act_label, entry.precisions = label_of(entry.act), details_of(entry)
    context = {"form": form, "page": page, "headings": headings(COLUMNS), "academy": academy}
    if not wants_partial(request):
        audit.seen(request.user, VIEW_TRAIL, "Traces", academy=academy)
    template = "accounts/_trail_rows.html" if wants_partial(request) else "accounts/trail_list.html"
    return render(request, template, context)


@requires(VIEW_TRAIL)
def trail_export(request: SignedInRequest, academy: str) -> HttpResponseBase:
    """What the filters keep, as CSV; the export is itself in the trail."""
    form, rows = _asked(request, academy)
    filters = {name: str(value) for name, value in request.GET.items() if value}
    own_line = audit.exported(request.user, VIEW_TRAIL, "Export des traces", academy=academy, filters=filters)
    lines = (_exported(entry) for entry in rows.filter(pk__lt=own_line.pk).iterator(chunk_size=1000))
    return csv_response(f"traces-{academy}-{timezone.localdate()}.csv", EXPORTED, lines)


def label_of(act: str) -> str:
    """The act in French; its name when the right exists no longer."""
    return next((right.label for right in CATALOGUE if right.name == act), act)


def details_of(entry: AuditEntry) -> str:
    """What a line adds to its object, in French: « motif : départ ; rôle : Tuteur »."""
    return " ; ".join(f"{DETAILS.get(name, name)} : {_told(value)}" for name, value in entry.details.items())


def _told(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} = {part}" for name, part in value.items()) or "aucun"
    return " → ".join(str(part) for part in value) if isinstance(value, list) else str(value)


def _asked(request: SignedInRequest, academy: str) -> tuple[TrailFilterForm, Any]:
    people = User.objects.filter(grants__academy=academy).distinct().order_by("last_name", "first_name")
    form = TrailFilterForm(request.GET, people=people)
    rows = AuditEntry.objects.for_user(request.user, VIEW_TRAIL, academy).select_related("actor")
    return form, form.narrow(rows).order_by("-at", "-pk")


def _exported(entry: AuditEntry) -> Sequence[Any]:
    at = timezone.localtime(entry.at).strftime("%d/%m/%Y %H:%M:%S")
    who = (entry.actor, entry.actor.email) if entry.actor else ("ligne de commande", "")
    return (at, *who, entry.get_kind_display(), label_of(entry.act), entry.target, details_of(entry), entry.origin)
