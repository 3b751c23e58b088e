"""The cockpit: where the deployment stands, on one page."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.figures import figure_url, rows_url
from accounts.requests import SignedInRequest
from accounts.rights import requires
from cosui.models import Meeting
from cosui.rights import VIEW_MEETINGS
from deployment.choices import WaveStatus
from deployment.figures import agencies, progress, volumetry
from deployment.models import Academy, ImportBatch, Wave
from deployment.rights import IMPORT_FILES, VIEW_WAVES
from figures.french import count, short_day
from figures.readings import one_reading


@requires(VIEW_WAVES)
def cockpit(request: SignedInRequest, academy: str) -> HttpResponse:
    with one_reading():
        return render(request, "cockpit/cockpit.html", _shown(request, academy))


def _shown(request: SignedInRequest, academy: str) -> dict[str, Any]:
    academy_row = get_object_or_404(Academy, slug=academy)
    today, user = academy_row.today, request.user
    coming = _coming(academy_row)
    return {
        "academy_row": academy_row,
        "tiles": _tiles(academy_row, coming),
        "coming": volumetry.volumetry(academy_row, on=today, from_wave=coming.code if coming else ""),
        "sizes": progress.wave_sizes(academy_row, on=today),
        "meeting": _next_meeting(academy_row) if user.may(VIEW_MEETINGS, academy) else None,
        "may_import": user.may(IMPORT_FILES, academy),
        "imports": _last_imports(academy_row) if user.may(IMPORT_FILES, academy) else (),
    }


def _coming(academy: Academy) -> Wave | None:
    """The next wave to cut over."""
    waves = Wave.objects.filter(academy=academy).with_state(academy.today)
    return waves.in_status(WaveStatus.OPEN, WaveStatus.FROZEN).select_related("academy").order_by("rank").first()


def _tiles(academy: Academy, coming: Wave | None) -> list[dict[str, str]]:
    """Number, words, population, and where the number leads."""
    today = academy.today
    everyone = progress.establishment_count(academy, on=today)
    switched = progress.cutover_progress(academy, on=today)
    split = agencies.split_agencies(academy, on=today)
    percent = "–" if switched.percent is None else f"{switched.percent:.0f} %"
    tiles = [
        {
            "value": str(everyone.value),
            "label": everyone.title,
            "detail": f"au {short_day(today)}",
            "link": f"{rows_url(everyone)}&cellule=total",
        },
        {
            "value": percent,
            "label": switched.title,
            "detail": f"{switched.part} sur {switched.whole} placés dans une vague, au {short_day(today)}",
            "link": f"{rows_url(switched)}&cellule=part",
        },
        {
            "value": str(split.part),
            "label": split.title,
            "detail": f"sur {count(split.whole, 'agence comptable', 'agences comptables')}, au {short_day(today)}",
            "link": figure_url(split),
        },
    ]
    if coming:
        size = volumetry.volumetry(academy, on=today, from_wave=coming.code, to_wave=coming.code)
        planned = f"bascule le {short_day(coming.cutover_on)}" if coming.cutover_on else "date à fixer"
        tiles.append(
            {
                "value": str(size.total),
                "label": f"Prochaine vague, {coming.code}",
                "detail": f"{coming.status_label.lower()}, {planned}",
                "link": coming.get_absolute_url(),
            }
        )
    return tiles


def _next_meeting(academy: Academy) -> Meeting | None:
    meetings = Meeting.objects.filter(academy=academy, held_on__gte=academy.today).select_related("academy")
    return meetings.order_by("held_on").first()


def _last_imports(academy: Academy) -> list[ImportBatch]:
    return list(ImportBatch.objects.filter(academy=academy).select_related("academy")[:3])
