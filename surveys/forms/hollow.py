"""The form of an answer with a hole for each of its values, and the values that go into them (surveys/skeletons.py)."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, NamedTuple

from django import forms

from surveys.choices import Purpose, QuestionKind
from surveys.forms.answers import PEOPLE, PeopleForm, WishForm, around, waves_for
from surveys.forms.fields import Sheet
from surveys.forms.questionnaire import field_for, name_of
from surveys.forms.respondent import RespondentForm
from surveys.models import Campaign, PopulationEntry, Question
from surveys.skeletons import Holes

MOST_ROWS = 12  # a longer answer is rare, and its page is drawn for itself
QUESTION = ("pk", "kind", "label", "help_text", "is_required", "choices")
Content = Mapping[str, Any]


class Kind(NamedTuple):
    """All that decides how the form is drawn, its values aside."""

    purpose: str
    rows: int = 0
    waves: tuple[tuple[str, str], ...] = ()
    questions: tuple[tuple[Any, ...], ...] = ()


def kind_of(campaign: Campaign, entry: PopulationEntry, content: Content) -> Kind | None:
    """Of the form that shows this content; None when it is drawn for itself: it holds files, or many persons."""
    if campaign.purpose == Purpose.WAVE_WISH:
        return Kind(campaign.purpose, waves=tuple(waves_for(campaign, entry)))
    if campaign.purpose == Purpose.QUESTIONNAIRE:
        questions = tuple(tuple(getattr(row, name) for name in QUESTION) for row in campaign.questions.all())
        has_files = any(QuestionKind.FILE in question for question in questions)
        return None if has_files else Kind(campaign.purpose, questions=questions)
    rows = len(_people(content))
    return Kind(campaign.purpose, rows=rows) if rows <= MOST_ROWS else None


def form_of(kind: Kind, holes: Holes) -> Any:
    """What the templates draw: the very form, with holes."""
    if kind.purpose == Purpose.WAVE_WISH:
        return _hollow(WishForm(list(kind.waves)), holes)
    if kind.purpose == Purpose.QUESTIONNAIRE:
        sheet = Sheet()
        sheet.fields = {name_of(row): field_for(row) for row in _questions(kind)}
        return SimpleNamespace(
            sheet=_hollow(sheet, holes), kept={}, template_name="surveys/_answer_questions.html", has_files=False
        )
    form = PeopleForm(*PEOPLE[kind.purpose], data=None, content={"people": [{}] * kind.rows})
    for sheet in (form.sheet, *form.rows):
        _hollow(sheet, holes)
    return form


def respondent_of(holes: Holes) -> forms.BaseForm:
    return _hollow(RespondentForm(), holes)


def values(kind: Kind, content: Content) -> dict[str, Any]:
    """What goes into each hole, by the name of its field."""
    if kind.purpose == Purpose.WAVE_WISH:
        return _values(WishForm, content)
    if kind.purpose == Purpose.QUESTIONNAIRE:
        given = content.get("values") or {}
        return {name_of(row): given.get(str(row.pk)) for row in _questions(kind)}
    sheet, row = PEOPLE[kind.purpose]
    found = _values(sheet, around(content))
    for place, line in enumerate(_people(content)):
        found |= _values(row, line, f"people-{place}-")
    return found


def _people(content: Content) -> list[Content]:
    return content.get("people") or [{}]


def _questions(kind: Kind) -> list[Question]:
    return [Question(**dict(zip(QUESTION, question, strict=True))) for question in kind.questions]


def _hollow(sheet: forms.BaseForm, holes: Holes) -> forms.BaseForm:
    sheet.initial = {name: holes(sheet.add_prefix(name)) for name in sheet.fields}
    return sheet


def _values(sheet: type[forms.BaseForm], initial: Content, prefix: str = "") -> dict[str, Any]:
    fields: Mapping[str, forms.Field] = sheet.base_fields  # type: ignore[attr-defined]
    return {f"{prefix}{name}": initial.get(name, field.initial) for name, field in fields.items()}
