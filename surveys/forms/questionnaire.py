"""The form of a free questionnaire: one field a question; files are kept as soon as they are acceptable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from surveys.choices import QuestionKind
from surveys.forms.fields import (
    DayField,
    Mistake,
    NumberField,
    RadioField,
    SelectField,
    Sheet,
    TextField,
    TicksField,
    mistakes,
    typed,
)
from surveys.models import Campaign, PopulationEntry, Question
from surveys.services import files as kept_files
from surveys.services.refusals import SurveyRefused

MOST_RADIOS = 7
Content = Mapping[str, Any]


class FileField(forms.Field):
    """A file. What is kept of it: `{"identifier", "name", "size"}`; no page can fill in the input of a browser."""

    kind = "file"
    widget = forms.HiddenInput

    def clean(self, value: Any) -> None:
        """What is typed under its name is not the file."""


class QuestionnaireForm:
    """Its sheet has one field a question, named by the question's key. `is_bound` files are kept by `is_valid`.

    A browser does not send a file twice: one that is acceptable is kept even when another answer is wrong.
    """

    template_name = "surveys/_answer_questions.html"
    is_redrawn = False

    def __init__(
        self,
        campaign: Campaign,
        entry: PopulationEntry,
        part: str,
        *,
        data: MultiValueDict[str, Any] | None,
        files: MultiValueDict[str, Any] | None,
        content: Content,
    ) -> None:
        self.entry, self.part, self.files = entry, part, files or MultiValueDict()
        self.questions = {name_of(question): question for question in campaign.questions.all()}
        self.is_bound = data is not None
        self._refusals: dict[str, str] = {}
        self._kept: dict[str, Any] | None = None
        shown = {f"q{key}": value for key, value in (content.get("values") or {}).items()}
        self.sheet = Sheet(data, initial=shown)
        self.sheet.fields = {name: field_for(question) for name, question in self.questions.items()}
        typed_in = data if data is not None else MultiValueDict()
        self._told = {
            name: (typed_in.get(f"{name}-kept", ""), f"{name}-clear" in typed_in) for name in self._file_names
        }

    @property
    def has_files(self) -> bool:
        return bool(self._file_names)

    @property
    def _file_names(self) -> list[str]:
        return [name for name, question in self.questions.items() if question.kind == QuestionKind.FILE]

    def is_valid(self) -> bool:
        if not self.is_bound:
            return False
        kept = self.kept
        self.sheet.full_clean()
        for name in self._file_names:
            if refusal := self._refusals.get(name):
                self.sheet.add_error(name, refusal)
            elif self.questions[name].is_required and not kept.get(name):
                self.sheet.add_error(name, "Joignez un fichier.")
        return self.sheet.is_valid()

    @property
    def content(self) -> dict[str, Any]:
        given = {**self.sheet.cleaned_data, **self.kept}
        return {"values": {name[1:]: value for name, value in given.items() if value not in (None, "", [])}}

    def as_draft(self) -> dict[str, Any]:
        """What is typed, or what was there."""
        values = {**self._typed, **self.kept} if self.is_bound else dict(self.sheet.initial)
        return {"values": {name[1:]: value for name, value in values.items() if value not in (None, "", [])}}

    @property
    def _typed(self) -> dict[str, Any]:
        return {name: value for name, value in typed(self.sheet).items() if name not in self._file_names}

    @property
    def kept(self) -> dict[str, Any]:
        """The file of each file question, the new ones put aside on the first call."""
        if not self.is_bound:
            return {name: self.sheet.initial[name] for name in self._file_names if name in self.sheet.initial}
        if self._kept is None:
            self._kept = {}
            for name, (identifier, is_cleared) in self._told.items():
                self._keep(name, identifier, is_cleared=is_cleared)
        return self._kept

    def _keep(self, name: str, identifier: str, *, is_cleared: bool) -> None:
        assert self._kept is not None
        former = None if is_cleared else kept_files.known(self.entry, self.part, identifier)
        upload = self.files.get(name)
        try:
            row = kept_files.keep(self.entry, self.part, upload) if upload else former
        except SurveyRefused as refusal:
            self._refusals[name], row = str(refusal), former
        if row:
            self._kept[name] = {"identifier": str(row.identifier), "name": row.file_name, "size": row.size}

    @property
    def mistakes(self) -> list[Mistake]:
        return mistakes(self.sheet) if self.is_bound else []


def name_of(question: Question) -> str:
    return f"q{question.pk}"


def field_for(question: Question) -> forms.Field:
    """The field of a question; a single choice among many is a list."""
    common: dict[str, Any] = {
        "label": question.label,
        "help_text": question.help_text,
        "required": question.is_required,
    }
    options = [(option, option) for option in question.options]
    if question.kind == QuestionKind.SINGLE and len(options) <= MOST_RADIOS:
        return RadioField(choices=options, **common)
    if question.kind == QuestionKind.SINGLE:
        return SelectField(choices=[("", "Choisir"), *options], **common)
    if question.kind == QuestionKind.MULTIPLE:
        return TicksField(choices=options, **common)
    plain: dict[QuestionKind, type[forms.Field]] = {
        QuestionKind.NUMBER: NumberField,
        QuestionKind.TEXT: TextField,
        QuestionKind.DATE: DayField,
        QuestionKind.FILE: FileField,
    }
    return plain[QuestionKind(question.kind)](**common)
