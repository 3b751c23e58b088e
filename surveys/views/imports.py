"""Answers imported from another tool: the file, its columns, what it would add, and the two buttons."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.columns import Column, headings
from accounts.pagination import paginate
from accounts.requests import SignedInRequest
from accounts.rights import requires
from deployment.importers.plans import ImportRefused
from deployment.tables import FileRefused
from surveys.choices import AnswerImportState
from surveys.forms.imports import AnswersConfirmForm, AnswersFileForm, ColumnsForm
from surveys.importers import batches
from surveys.models import AnswerImport, Campaign
from surveys.rights import IMPORT_ANSWERS
from surveys.services.refusals import SurveyRefused

REFUSALS = (FileRefused, ImportRefused, SurveyRefused)
HISTORY = (Column("Déposé le"), Column("Fichier"), Column("État"), Column("Ajoutées", is_number=True), Column("Auteur"))
LINES = (Column("Ligne", is_number=True), Column("Établissement"))
LISTS = {
    "added": ("À ajouter", "Réponse"),
    "here": ("Déjà là", "Pourquoi"),
    "left_out": ("Laissées de côté", "Pourquoi"),
    "refused": ("Refusées", "Motif du refus"),
}


@requires(IMPORT_ANSWERS)
def answers_import(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    campaign = _campaign(request, academy, pk)
    form = AnswersFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            return redirect(batches.deposit(campaign, file.read(), file.name or "", by=request.user))
        except REFUSALS as refusal:
            form.add_error("file", str(refusal))
    former = campaign.imports.select_related("author", "campaign__academy").order_by("-created_at", "-pk")
    context = {
        "academy_row": campaign.academy,
        "campaign": campaign,
        "form": form,
        "page": paginate(former, request, size=20),
        "headings": headings(HISTORY),
        "crumb": "Importer des réponses",
    }
    return render(request, "surveys/import_new.html", context)


@requires(IMPORT_ANSWERS)
def answers_import_detail(request: SignedInRequest, academy: str, pk: int, batch: int) -> HttpResponse:
    """What a file would add; posted, the columns to read it through."""
    row = _batch(request, academy, pk, batch)
    is_pending = row.state == AnswerImportState.PREVIEWED
    form = ColumnsForm(row, request.POST if request.method == "POST" and is_pending else None)
    if not form.is_valid():
        return _shown(request, row, form)
    try:
        batches.choose(row, form.mapping, profile=form.cleaned_data["profile"])
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    return redirect(row)


@require_POST
@requires(IMPORT_ANSWERS)
def answers_import_confirm(request: SignedInRequest, academy: str, pk: int, batch: int) -> HttpResponse:
    row = _batch(request, academy, pk, batch)
    form = AnswersConfirmForm(request.POST)
    skip_refused = form.is_valid() and form.cleaned_data["skip_refused"]
    try:
        number = batches.confirm(row, by=request.user, skip_refused=skip_refused)
        messages.success(request, f"{number} réponse{'s sont importées' if number > 1 else ' est importée'}.")
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    return redirect(row)


@require_POST
@requires(IMPORT_ANSWERS)
def answers_import_abandon(request: SignedInRequest, academy: str, pk: int, batch: int) -> HttpResponse:
    row = _batch(request, academy, pk, batch)
    try:
        batches.abandon(row)
        messages.success(request, "L’importation est abandonnée, le fichier est effacé.")
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    return redirect(row)


def _campaign(request: SignedInRequest, academy: str, pk: int) -> Campaign:
    rows = Campaign.objects.for_user(request.user, IMPORT_ANSWERS, academy).select_related("academy")
    return get_object_or_404(rows, pk=pk)


def _batch(request: SignedInRequest, academy: str, pk: int, batch: int) -> AnswerImport:
    campaign = _campaign(request, academy, pk)
    row: AnswerImport = get_object_or_404(campaign.imports.select_related("author"), pk=batch)
    row.campaign = campaign
    return row


def _shown(request: SignedInRequest, row: AnswerImport, form: ColumnsForm) -> HttpResponse:
    report, counts = row.report, row.report["counts"]
    lists = [
        {
            "name": name,
            "title": title,
            "count": counts[name],
            "rows": report[name],
            "hidden": counts[name] - len(report[name]),
            "headings": headings((*LINES, Column(third))),
        }
        for name, (title, third) in LISTS.items()
    ]
    context = {
        "academy_row": row.campaign.academy,
        "campaign": row.campaign,
        "batch": row,
        "report": report,
        "tiles": [(one["title"], one["count"], f"#{one['name']}" if one["count"] else "") for one in lists],
        "lists": lists,
        "is_pending": row.state == AnswerImportState.PREVIEWED,
        "has_effect": counts["added"] > 0,
        "confirm_form": AnswersConfirmForm() if counts["refused"] else None,
        "form": form,
        "crumb": row.file_name,
    }
    return render(request, "surveys/import_detail.html", context)
