"""Fields of an answer. `kind` names how `_answer_field.html` draws each, plainly: widgets cost ten times more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import EMPTY_VALUES

LONGEST_LINE = 120
LONGEST_TEXT = 10_000
GROUPS = ("radio", "ticks")


class Sheet(forms.Form):
    """Fields drawn plainly; a label never ends with a colon."""

    use_required_attribute = False

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, label_suffix="", **options)


class LineField(forms.CharField):
    """One line: what a paste or a forger adds of line breaks becomes a space."""

    kind = "line"

    def __init__(self, *, autocomplete: str = "off", **options: Any) -> None:
        super().__init__(**{"max_length": LONGEST_LINE} | options)
        self.autocomplete = autocomplete

    def to_python(self, value: Any) -> Any:
        return " ".join(str(value or "").split())


class AddressField(forms.EmailField):
    """An electronic address, kept in lower case."""

    kind = "email"
    autocomplete = "off"

    def clean(self, value: Any) -> Any:
        return super().clean(value).lower()


class TextField(forms.CharField):
    """Several lines. A line break counts for one character, as the browser counts it."""

    kind = "text"

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": LONGEST_TEXT} | options)

    def to_python(self, value: Any) -> Any:
        return super().to_python(str(value or "").replace("\r\n", "\n").replace("\r", "\n"))


class DayField(forms.DateField):
    """A day, kept as ISO text; a browser without a calendar types `31/12/2024`."""

    kind = "day"

    def __init__(self, **options: Any) -> None:
        wrong = "Écrivez une date qui existe, par exemple 31/12/2024."
        formats = ["%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y"]
        super().__init__(input_formats=formats, error_messages={"invalid": wrong}, **options)

    def clean(self, value: Any) -> Any:
        day: date | None = super().clean(value)
        return day.isoformat() if day else ""


class NumberField(forms.DecimalField):
    """A number, typed as in French: `1 234,5`. Kept as a JSON number."""

    kind = "number"

    def __init__(self, **options: Any) -> None:
        wrong = "Écrivez un nombre, par exemple 12 ou 3,5."
        super().__init__(max_digits=15, decimal_places=4, error_messages={"invalid": wrong}, **options)

    def to_python(self, value: Any) -> Any:
        return super().to_python("".join(str("" if value is None else value).split()).replace(",", "."))

    def clean(self, value: Any) -> Any:
        found: Decimal | None = super().clean(value)
        if found is None:
            return None
        return int(found) if found == found.to_integral_value() else float(found)


class CountField(forms.IntegerField):
    """A small whole number."""

    kind = "count"

    def __init__(self, *, highest: int, **options: Any) -> None:
        super().__init__(min_value=1, max_value=highest, **options)


class TickField(forms.BooleanField):
    """One box to tick or not."""

    kind = "tick"

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)


class RadioField(forms.ChoiceField):
    """One of a few, all shown."""

    kind = "radio"


class SelectField(forms.ChoiceField):
    """One of several, behind a list whose first line is empty."""

    kind = "select"


class TicksField(forms.MultipleChoiceField):
    """Any of several, all shown."""

    kind = "ticks"


@dataclass(frozen=True)
class Mistake:
    """One line of the summary above a form: what is wrong, and the id of the field to go to."""

    target: str
    label: str
    message: str


def mistakes(*sheets: forms.BaseForm) -> list[Mistake]:
    """Everything wrong in these, in the order of the page."""
    found = []
    for sheet in sheets:
        for name, messages in sheet.errors.items():
            field = sheet[name]
            target = f"{field.auto_id}_0" if getattr(field.field, "kind", "") in GROUPS else str(field.auto_id)
            found += [Mistake(target, str(field.label), str(message)) for message in messages]
    return found


def typed(sheet: forms.BaseForm) -> dict[str, Any]:
    """What is typed in a bound sheet, whatever its worth, as JSON."""
    return {
        name: _plain(field.widget.value_from_datadict(sheet.data, sheet.files, sheet.add_prefix(name)))
        for name, field in sheet.fields.items()
    }


def read(sheet: type[forms.BaseForm], data: Any, prefix: str = "") -> dict[str, Any] | None:
    """`cleaned_data` of that sheet, when nothing typed in it is wrong; else None, and the sheet itself says what.

    The same fields judge, which hold nothing of a request: making a sheet of its own for each costs ten times more.
    """
    found = {}
    try:
        for name, field in sheet.base_fields.items():  # type: ignore[attr-defined]
            told = field.widget.value_from_datadict(data, {}, f"{prefix}-{name}" if prefix else name)
            found[name] = field.clean(told)
    except forms.ValidationError:
        return None
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")[: 2 * LONGEST_TEXT]  # PostgreSQL keeps no NUL
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def is_blank(values: Sequence[Any]) -> bool:
    """Whether nothing at all was typed there."""
    return all(value in (*EMPTY_VALUES, False) or (isinstance(value, str) and not value.strip()) for value in values)
