"""The school year, from 1 September to 31 August: papers are of one, indemnities are counted by one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from accounts import days

FIRST_MONTH = 9


@dataclass(frozen=True, order=True)
class SchoolYear:
    """Named by the civil year in which it starts: `SchoolYear(2024)` is « 2024-2025 »."""

    first: int

    @classmethod
    def of(cls, day: date) -> SchoolYear:
        """The school year that holds this day."""
        return cls(day.year if day.month >= FIRST_MONTH else day.year - 1)

    @classmethod
    def parse(cls, text: str) -> SchoolYear:
        """From « 2024-2025 ». Raises `ValueError` when the two years do not follow each other, or nobody means them."""
        first, _, last = text.partition("-")
        if not (first.isdecimal() and last.isdecimal() and int(last) == int(first) + 1):
            raise ValueError(f"« {text} » n’est pas une année scolaire (attendu : 2024-2025).")
        days.read_day(f"{first}-01-01")
        return cls(int(first))

    def __str__(self) -> str:
        return f"{self.first}-{self.first + 1}"

    @property
    def starts_on(self) -> date:
        return date(self.first, FIRST_MONTH, 1)

    @property
    def ends_on(self) -> date:
        """The last day, included."""
        return date(self.first + 1, FIRST_MONTH, 1) - timedelta(days=1)

    @property
    def days(self) -> int:
        """365, or 366 when the year holds a 29 February."""
        return (self.ends_on - self.starts_on).days + 1

    @property
    def next(self) -> SchoolYear:
        return SchoolYear(self.first + 1)
