"""Days that people type. A slip of the finger in a year makes a day that no rule was written for: it is refused."""

from __future__ import annotations

from datetime import date

from django import forms
from django.core.exceptions import ValidationError

FIRST_YEAR, LAST_YEAR = 1950, 2100
REFUSED = f"Écrivez une date entre {FIRST_YEAR} et {LAST_YEAR}."


def is_plausible(day: date) -> bool:
    return FIRST_YEAR <= day.year <= LAST_YEAR


def plausible(day: date) -> None:
    """Raise `ValidationError` for a day, or an instant, that nobody means."""
    if not is_plausible(day):
        raise ValidationError(REFUSED)


def read_day(text: str) -> date:
    """A day of an address, `2024-10-08`. Raises `ValueError` when it is none, or one that nobody means."""
    day = date.fromisoformat(text)
    if not is_plausible(day):
        raise ValueError(REFUSED)
    return day


def watch_forms() -> None:
    """Every form of the product, those that Django makes of a model too, reads plausible days only."""
    forms.DateField.default_validators = [plausible]
    forms.DateTimeField.default_validators = [plausible]
