"""Invented content for the page of components."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from accounts.choices import JobState, MailState
from accounts.columns import Column, headings
from accounts.models import Job
from accounts.pagination import paginate
from deployment.choices import ImportState, OpeningStatus, WaveStatus
from deployment.models import Academy, Establishment, Wave, WaveMove
from deployment.timelines import timeline
from opale_pilot.forms import SampleForm

COLUMNS = (Column("Nom", "name"), Column("UAI"), Column("Type"), Column("Commune"), Column("Département"),
           Column("Vague", "wave"), Column("Agence comptable"), Column("État"))  # fmt: skip


def component_samples(request: HttpRequest) -> dict[str, Any]:
    """What `site/components.html` shows; nothing is written."""
    return {
        "statuses": [
            *WaveStatus.choices,
            *OpeningStatus.choices,
            *JobState.choices,
            *MailState.choices,
            *ImportState.choices,
        ],
        "jobs": [_job(pk, state) for pk, state in enumerate(JobState, start=1)],
        "form": SampleForm({"text": "Collège", "on": ""}),
        "sample_academy": Academy(slug="exemple", label="Exemple"),
        "active": [("Vague : V8", "kind=college"), ("Type : Collège", "wave=V8")],
        "page": paginate([_row(number) for number in range(1, 31)], request, size=4),
        "headings": headings(COLUMNS, "name"),
        "may_view": True,
        "moments": timeline(_moves(), date(2024, 10, 8)),
    }


def _job(pk: int, state: str) -> Job:
    error = "Une erreur technique a interrompu le traitement trois fois." if state == JobState.FAILED else ""
    return Job(pk=pk, label="Dossier du COSUI", academy="exemple", state=state, progress_done=4, progress_total=10,
               progress_label="Page 4 sur 10", error=error)  # fmt: skip


def _row(number: int) -> Establishment:
    row = Establishment(uai=f"000000{number}A", name=f"Collège {number}", kind="college", town="Exemple-sur-Isère",
                        departement_label="Isère", status="open" if number % 3 else "to_close")  # fmt: skip
    row.__dict__.update(wave_code="V8" if number % 2 else None, agency_uai="0000001A", agency_name="Collège 1")
    return row


def _moves() -> list[WaveMove]:
    def move(pk: int, code: str, effective_on: date, recorded: tuple[int, int, int], reason: str) -> WaveMove:
        recorded_at = timezone.make_aware(datetime(*recorded, 10, 30))
        return WaveMove(pk=pk, wave=Wave(code=code), effective_on=effective_on, recorded_at=recorded_at, reason=reason)

    return [
        move(1, "V8", date(2024, 6, 28), (2024, 6, 28), "Volumétrie initiale"),
        move(2, "V12", date(2024, 10, 1), (2024, 9, 20), "Report demandé"),
        move(3, "V10", date(2024, 10, 1), (2024, 9, 24), "Erreur de saisie : V10 et non V12"),
        move(4, "V11", date(2025, 1, 1), (2024, 10, 2), "Restructuration du site"),
    ]
