"""Instants typed and shown in Paris time; an hour that the change of clocks removes or doubles is refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.days import plausible

SHAPES = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y à %H:%M")


class HourRefused(ValueError):
    """The text names no instant, or two; the message is French and is shown to the person."""


def render(instant: datetime) -> str:
    """The minute of that instant, as the browser's own picker takes it: `2026-03-29T18:00`."""
    return f"{timezone.localtime(instant):%Y-%m-%dT%H:%M}"


def parse(text: str) -> datetime:
    """The instant that this text names in Paris. Raises `HourRefused`."""
    typed = next((found for shape in SHAPES if (found := _read(text, shape))), None)
    if typed is None:
        raise HourRefused("Date ou heure illisible ; écrivez par exemple 08/10/2024 18:00.")
    zone = timezone.get_default_timezone()
    first, second = (typed.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    said = f"Le {typed:%d/%m/%Y} à {typed:%H} h {typed:%M}"
    if first.utcoffset() == second.utcoffset():
        return first
    if (first.utcoffset() or 0) < (second.utcoffset() or 0):  # type: ignore[operator]
        raise HourRefused(f"{said} n’existe pas : on passe à l’heure d’été. Choisissez une autre heure.")
    raise HourRefused(f"{said} arrive deux fois : on passe à l’heure d’hiver. Choisissez une autre heure.")


def _read(text: str, shape: str) -> datetime | None:
    try:
        return datetime.strptime(text.strip(), shape)
    except ValueError:
        return None


class ParisTimeField(forms.Field):
    """A day and an hour, in Paris. Its value is an aware instant, or None when it may be left empty."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"})
    default_validators = [plausible]

    def prepare_value(self, value: Any) -> Any:
        return render(value) if isinstance(value, datetime) else value

    def to_python(self, value: Any) -> datetime | None:
        if not value:
            return None
        try:
            return parse(str(value))
        except HourRefused as refusal:
            raise ValidationError(str(refusal)) from None
