"""The form of an answer, by purpose: drawn, read back as JSON, kept as it is typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from deployment.choices import WaveStatus
from figures.french import long_day
from surveys.choices import Purpose, WishReason
from surveys.forms.fields import Mistake, RadioField, SelectField, Sheet, TextField, mistakes, read, typed
from surveys.forms.known import known_people
from surveys.forms.people import PeopleSheet, PersonRow, TraineeRow, TraineesSheet, VolunteerRow, VolunteersSheet
from surveys.forms.questionnaire import QuestionnaireForm
from surveys.models import Campaign, PopulationEntry

MOST_PEOPLE = 60
Data = QueryDict | MultiValueDict[str, Any] | None
Content = Mapping[str, Any]


class WishForm(Sheet):
    """The wave wished. Nothing is chosen beforehand, the wave planned included."""

    template_name = "surveys/_answer_fields.html"
    is_redrawn = has_files = False

    wave = RadioField(label="Vague souhaitée", error_messages={"required": "Choisissez une vague."})
    reason = SelectField(label="Motif", choices=[("", "Choisir un motif"), *WishReason.choices])
    comment = TextField(label="Commentaire", max_length=4000, required=False)

    def __init__(self, waves: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(**options)
        field = self.fields["wave"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = waves

    @property
    def content(self) -> dict[str, Any]:
        return dict(self.cleaned_data)

    def as_draft(self) -> dict[str, Any]:
        """What is typed, or what was there."""
        return typed(self) if self.is_bound else dict(self.initial)

    @property
    def mistakes(self) -> list[Mistake]:
        return mistakes(self)


class PeopleForm:
    """A question, rows of persons, and what goes around them. `add` and `remove-3` as `act` redraw it without judging.

    The hidden `people` of each row numbers it, so that a row taken away by a script leaves no hole to mend.
    """

    template_name = "surveys/_answer_people.html"
    has_files = False

    def __init__(
        self, sheet: type[PeopleSheet], row: type[PersonRow], *, data: Data, content: Content, is_redrawn: bool = False
    ) -> None:
        self.is_redrawn = is_redrawn
        self.row_class = row
        if data is None:
            self.sheet = sheet(initial=around(content))
            people = content.get("people") or [{}]
            self.rows = [row(prefix=f"people-{place}", initial=line) for place, line in enumerate(people)]
        else:
            self.sheet = sheet(data)
            self.rows = [row(data, prefix=prefix) for prefix in _prefixes(data)]
        self.is_bound = data is not None
        self.is_full = len(self.rows) >= MOST_PEOPLE

    @property
    def filled(self) -> list[PersonRow]:
        """The rows that name somebody; when somebody is announced, an empty first row is asked to be filled in."""
        if typed(self.sheet)["has_people"] != "yes":
            return []
        return [row for row in self.rows if not row.is_blank] or self.rows[:1]

    def is_valid(self) -> bool:
        if not self.is_bound:
            return False
        if self.sheet.is_valid() and not self.rows and self.sheet.cleaned_data["has_people"] == "yes":
            self.sheet.add_error("has_people", "Ajoutez au moins une personne.")
        return all([sheet.is_valid() for sheet in (self.sheet, *self.filled)])

    @property
    def content(self) -> dict[str, Any]:
        told = dict(self.sheet.cleaned_data)
        is_none = told.pop("has_people") == "no"
        return {"none": is_none, "people": [row.cleaned_data for row in self.filled], **told}

    def as_draft(self) -> dict[str, Any]:
        """What is typed, or what was there."""
        if not self.is_bound:
            told, people = dict(self.sheet.initial), [dict(row.initial or {}) for row in self.rows]
        else:
            told, people = typed(self.sheet), [typed(row) for row in self.rows]
        none = {"yes": False, "no": True}.get(told.pop("has_people", "") or "")
        return {**told, "none": none, "people": people}

    @property
    def mistakes(self) -> list[Mistake]:
        found = mistakes(self.sheet)
        for row in self.filled if self.is_bound else ():
            rank = self.rows.index(row) + 1
            lines = mistakes(row)
            found += [Mistake(m.target, f"{self.sheet.person} {rank}, {m.label.lower()}", m.message) for m in lines]
        return found


def around(content: Content) -> dict[str, Any]:
    """What the sheet around the rows of persons shows of that content."""
    none = content.get("none")
    return {**content, "has_people": "" if none is None else ("no" if none else "yes")}


def _prefixes(data: QueryDict | MultiValueDict[str, Any]) -> list[str]:
    """Of the rows that were sent, each once, in their order."""
    numbers = dict.fromkeys(n for n in data.getlist("people") if n.isdecimal() and len(n) < 4)
    return [f"people-{n}" for n in list(numbers)[:MOST_PEOPLE]]


AnswerForm = WishForm | PeopleForm | QuestionnaireForm
PEOPLE: dict[str, tuple[type[PeopleSheet], type[PersonRow]]] = {
    Purpose.TUTOR_VOLUNTEERS: (VolunteersSheet, VolunteerRow),
    Purpose.TRAINING_NEEDS: (TraineesSheet, TraineeRow),
}


def form_for(
    campaign: Campaign,
    entry: PopulationEntry,
    part: str,
    *,
    data: Data = None,
    files: MultiValueDict[str, Any] | None = None,
    content: Content | None = None,
) -> AnswerForm:
    """The form of that answer: typed (`data`, `files`), or showing `content`, or what is known when there is none."""
    if campaign.purpose == Purpose.WAVE_WISH:
        return WishForm(waves_for(campaign, entry), data=data, initial=dict(content or {}))
    if campaign.purpose == Purpose.QUESTIONNAIRE:
        return QuestionnaireForm(campaign, entry, part, data=data, files=files, content=content or {})
    sheet, row = PEOPLE[campaign.purpose]
    if data is not None:
        form = PeopleForm(sheet, row, data=data, content={})
        act = data.get("act") or ""
        return _redrawn(form, act) if act == "add" or act.startswith("remove-") else form
    return PeopleForm(sheet, row, data=None, content=proposed(campaign, entry) if content is None else content)


def proposed(campaign: Campaign, entry: PopulationEntry) -> Content:
    """What is shown to who has written nothing yet."""
    return {"people": known_people(campaign, entry)} if campaign.purpose in PEOPLE else {}


def read_straight(purpose: str, data: QueryDict) -> dict[str, Any] | None:
    """The `content` of what was typed, without building its form; None when the form has something to say of it."""
    if purpose not in PEOPLE:
        return None
    sheet, row = PEOPLE[purpose]
    told = read(sheet, data)
    if told is None:
        return None
    if told.pop("has_people") == "no":
        return {"none": True, "people": [], **told}
    people = [read(row, data, prefix) for prefix in _prefixes(data) if not row.blank(data, prefix)]
    if not people or None in people:
        return None
    return {"none": False, "people": people, **told}


def _redrawn(form: PeopleForm, act: str) -> PeopleForm:
    """The same, one row more or less."""
    draft = form.as_draft()
    if act == "add":
        draft["people"] = [*draft["people"], {}][:MOST_PEOPLE]
        draft["none"] = False if draft["none"] is None else draft["none"]
    else:
        prefix = f"people-{act.removeprefix('remove-')}"
        kept = [line for line, row in zip(draft["people"], form.rows, strict=True) if row.prefix != prefix]
        draft["people"] = kept
    return PeopleForm(type(form.sheet), form.row_class, data=None, content=draft, is_redrawn=True)


def waves_for(campaign: Campaign, entry: PopulationEntry) -> list[tuple[str, str]]:
    """The waves that may be wished: those open that day, and the one planned, which says so."""
    choices = []
    for wave in campaign.academy.waves.with_state(campaign.academy.today).order_by("rank"):
        if wave.status != WaveStatus.OPEN and wave.code != entry.wave_code:
            continue
        day = f", bascule le {long_day(wave.cutover_on)}" if wave.cutover_on else ""
        planned = " (vague prévue)" if wave.code == entry.wave_code else ""
        choices.append((wave.code, f"{wave.code}{day}{planned}"))
    return choices
