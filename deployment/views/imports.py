"""Imports: the history, depositing a file, what it would do, and the three buttons."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.columns import Column, headings
from accounts.pagination import paginate
from accounts.requests import SignedInRequest
from accounts.rights import requires
from deployment.choices import ImportKind, ImportState
from deployment.forms.imports import ConfirmForm, ImportForm, UndoForm
from deployment.importers import batches
from deployment.importers.plans import ImportRefused
from deployment.models import Academy, ImportBatch
from deployment.rights import IMPORT_FILES
from deployment.tables import FileRefused

COLUMNS = (
    Column("Déposé le"),
    Column("Fichier"),
    Column("Nature"),
    Column("État"),
    Column("Ajoutés", is_number=True),
    Column("Modifiés", is_number=True),
    Column("Refusés", is_number=True),
    Column("Auteur"),
)
LINE, NAME = Column("Ligne", is_number=True), Column("Nom")
TITLES = {
    "refused": (LINE, Column("UAI"), Column("Motif du refus")),
    "changed": (LINE, NAME, Column("Ce qui change")),
    "added": (LINE, NAME, Column("Valeurs")),
}

COUNTS = {
    "added": "Ajoutés",
    "changed": "Modifiés",
    "left": "Inchangés",
    "refused": "Refusés",
    "ignored": "Ignorés",
    "absent": "Absents du fichier",
}


@requires(IMPORT_FILES)
def import_list(request: SignedInRequest, academy: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    light = ImportBatch.objects.filter(academy=academy_row).select_related("author").defer("report")
    rows = light.annotate(counts=F("report__counts")).order_by("-created_at", "-pk")
    context = {"academy_row": academy_row, "page": paginate(rows, request), "headings": headings(COLUMNS)}
    return render(request, "deployment/import_list.html", context)


@requires(IMPORT_FILES)
def import_new(request: SignedInRequest, academy: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            batch = batches.preview(
                ImportKind(form.cleaned_data["kind"]),
                file.read(),
                file.name or "",
                academy=academy_row,
                by=request.user,
                parameters=form.parameters,
            )
        except (FileRefused, ImportRefused) as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect(batch)
    return render(
        request, "deployment/import_new.html", {"academy_row": academy_row, "form": form, "crumb": "Nouvelle"}
    )


@requires(IMPORT_FILES)
def import_detail(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    batch = _batch(academy, pk)
    report, counts = batch.report, batch.report["counts"]
    context = {
        "academy_row": batch.academy,
        "batch": batch,
        "report": report,
        "counts": counts,
        "tiles": [(label, counts[name], f"#{name}" if counts[name] else "") for name, label in COUNTS.items()],
        "hidden": {name: counts[name] - len(report[name]) for name in counts if name != "ignored"},
        "titles": {name: headings(columns) for name, columns in TITLES.items()},
        "crumb": batch.file_name,
        "earlier": batches.earlier(batch) if batch.state == ImportState.PREVIEWED else None,
        "is_pending": batch.state == ImportState.PREVIEWED,
        "has_effect": counts["added"] + counts["changed"] > 0,
        "confirm_form": ConfirmForm() if counts["refused"] else None,
        "is_undoable": batch.state == ImportState.CONFIRMED,
        "undo_form": UndoForm() if batch.kind == ImportKind.WAVES else None,
    }
    return render(request, "deployment/import_detail.html", context)


@require_POST
@requires(IMPORT_FILES)
def import_confirm(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    form = ConfirmForm(request.POST)
    skip_refused = form.is_valid() and form.cleaned_data["skip_refused"]
    return _act(
        request,
        _batch(academy, pk),
        lambda batch: batches.confirm(batch, by=request.user, skip_refused=skip_refused),
        "Le fichier est importé.",
    )


@require_POST
@requires(IMPORT_FILES)
def import_abandon(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    return _act(
        request,
        _batch(academy, pk),
        lambda batch: batches.abandon(batch, by=request.user),
        "L’importation est abandonnée, le fichier est effacé.",
    )


@require_POST
@requires(IMPORT_FILES)
def import_undo(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    form = UndoForm(request.POST)
    reference = form.cleaned_data["decision_reference"] if form.is_valid() else ""
    return _act(
        request,
        _batch(academy, pk),
        lambda batch: batches.undo(batch, by=request.user, decision_reference=reference),
        "L’importation est annulée : les données sont revenues à leur état précédent.",
    )


def _batch(academy: str, pk: int) -> ImportBatch:
    return get_object_or_404(ImportBatch.objects.select_related("academy", "author"), academy__slug=academy, pk=pk)


def _act(
    request: SignedInRequest, batch: ImportBatch, verb: Callable[[ImportBatch], ImportBatch], done: str
) -> HttpResponse:
    try:
        verb(batch)
        messages.success(request, done)
    except (FileRefused, ImportRefused) as refusal:
        messages.error(request, str(refusal))
    return redirect(batch)
