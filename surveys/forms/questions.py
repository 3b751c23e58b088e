"""The questions of a free questionnaire: added, moved and removed by buttons of the page, saved together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from dsfr.forms import DsfrBaseForm

from surveys.choices import QuestionKind
from surveys.models import Campaign, Question

MOST_QUESTIONS = 50
FIELDS = ("kind", "label", "help_text", "is_required", "choices")
SAVE = "enregistrer"
WITH_CHOICES = (QuestionKind.SINGLE, QuestionKind.MULTIPLE)


class QuestionForm(DsfrBaseForm, forms.ModelForm):
    """One question."""

    class Meta:
        model = Question
        fields = FIELDS
        widgets = {"choices": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"choices": "Pour un choix unique ou des choix multiples."}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("kind") in WITH_CHOICES:
            options = {line.strip() for line in (given.get("choices") or "").splitlines() if line.strip()}
            if len(options) < 2:
                self.add_error("choices", "Écrivez au moins deux choix différents, un par ligne.")
        else:
            given["choices"] = ""
        return given


class QuestionsForm:
    """All the questions of a campaign, as typed so far. `act` is the button pressed, e.g. `retirer-2`."""

    def __init__(self, campaign: Campaign, data: Mapping[str, Any] | None = None) -> None:
        self.act = data.get("act", "") if data is not None else ""
        if data is None:
            self.forms = self._drawn([{name: getattr(q, name) for name in FIELDS} for q in campaign.questions.all()])
        elif self.act == SAVE:
            self.forms = [QuestionForm(data, prefix=prefix) for prefix in _prefixes(data)]
        else:
            self.forms = self._drawn(self._changed([_typed(data, prefix) for prefix in _prefixes(data)]))

    @property
    def wants_saving(self) -> bool:
        return self.act == SAVE

    def is_valid(self) -> bool:
        return all([form.is_valid() for form in self.forms])

    @property
    def questions(self) -> list[Question]:
        """The questions typed, once valid, not saved yet."""
        return [form.save(commit=False) for form in self.forms]

    @property
    def may_grow(self) -> bool:
        return len(self.forms) < MOST_QUESTIONS

    def _drawn(self, rows: list[dict[str, Any]]) -> list[QuestionForm]:
        return [QuestionForm(prefix=f"q{place}", initial=row) for place, row in enumerate(rows)]

    def _changed(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows once the button has done its work; an unknown button does nothing."""
        verb, _, number = self.act.partition("-")
        place = int(number) if number.isdecimal() and len(number) < 4 else -1
        if verb == "ajouter" and len(rows) < MOST_QUESTIONS:
            return [*rows, {"kind": QuestionKind.SINGLE, "is_required": True}]
        if not 0 <= place < len(rows):
            return rows
        if verb == "retirer":
            return rows[:place] + rows[place + 1 :]
        other = place + {"monter": -1, "descendre": 1}.get(verb, 0)
        if 0 <= other < len(rows):
            rows[place], rows[other] = rows[other], rows[place]
        return rows


def _prefixes(data: Mapping[str, Any]) -> list[str]:
    """Of the questions sent; their number is in the form."""
    number = str(data.get("count", ""))
    return [f"q{place}" for place in range(min(int(number), MOST_QUESTIONS) if number.isdecimal() else 0)]


def _typed(data: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    row: dict[str, Any] = {name: data.get(f"{prefix}-{name}", "") for name in FIELDS}
    row["is_required"] = bool(row["is_required"])
    return row
