"""What a person asks of the list of establishments: one value object for page, export and API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

NONE_OF_THEM = "aucune"


@dataclass(frozen=True, kw_only=True)
class EstablishmentFilters:
    """Empty is « any ». `wave` is a code, `agency` the UAI of a seat; `NONE_OF_THEM` asks for those without one."""

    on: date
    known_at: datetime | None = None
    text: str = ""
    kind: str = ""
    wave: str = ""
    departement: str = ""
    agency: str = ""
    status: str = ""
