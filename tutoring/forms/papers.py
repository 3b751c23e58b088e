"""What a person types about letters and orders: filters, who gets them, their steps, their text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from dsfr.forms import DsfrBaseForm

from accounts.words import normalise
from deployment.forms.volumetry import day_field
from deployment.models import Academy
from tutoring.choices.papers import PaperKind, PaperState
from tutoring.forms.candidates import UNKNOWN
from tutoring.models import Paper, Tutor
from tutoring.models.papers import PaperQuerySet
from tutoring.paper_texts import PaperText, TextRefused
from tutoring.school_years import SchoolYear
from tutoring.services.papers import years_open

ENDING = "a-renouveler"
STEP_WORDS = {
    PaperState.SENT: "Envoyer à la signature",
    PaperState.SIGNED: "Noter la signature",
    PaperState.REFUSED: "Noter le refus de signature",
    PaperState.CANCELLED: "Annuler",
}


class PaperFilterForm(DsfrBaseForm):
    """A GET form above the list."""

    text = forms.CharField(label="Numéro, nom ou établissement", required=False, max_length=100)
    kind = forms.ChoiceField(
        label="Type", choices=[("", "Tous"), *PaperKind.choices], required=False, error_messages=UNKNOWN
    )
    year = forms.ChoiceField(label="Année scolaire", required=False, error_messages=UNKNOWN)
    state = forms.ChoiceField(
        label="État",
        choices=[("", "Tous"), *PaperState.choices, (ENDING, "À renouveler")],
        required=False,
        error_messages=UNKNOWN,
    )

    def __init__(self, asked: QueryDict, *, academy: Academy, years: Iterable[int]) -> None:
        super().__init__(asked)
        self.academy = academy
        self.fields["year"].choices = [("", "Toutes"), *((str(year), str(SchoolYear(year))) for year in years)]

    def kept(self, rows: PaperQuerySet) -> PaperQuerySet:
        """Those asked, with their state."""
        if not self.is_valid():
            return rows.none()
        asked = self.cleaned_data
        rows = rows.to_renew(self.academy.today) if asked["state"] == ENDING else rows.with_state()
        for word in normalise(asked["text"]).split():
            rows = rows.filter(search_text__contains=word)
        for name in ("kind", "year"):
            if asked[name]:
                rows = rows.filter(**{name: asked[name]})
        return rows.filter(**{"state": asked["state"]}) if asked["state"] in PaperState.values else rows


class YearForm(DsfrBaseForm):
    """A GET form: the school year to prepare."""

    year = forms.ChoiceField(label="Année scolaire")

    def __init__(self, *args: Any, today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.offered = {str(year.first): year for year in years_open(today)}
        self.fields["year"].choices = [(key, str(year)) for key, year in self.offered.items()]

    @property
    def asked(self) -> SchoolYear:
        """The year chosen; the current one when nothing readable was."""
        chosen = self.cleaned_data.get("year") if self.is_valid() else None
        return self.offered[chosen] if chosen else next(iter(self.offered.values()))


class PrepareForm(DsfrBaseForm):
    """Who receives which papers of the year."""

    kinds = forms.MultipleChoiceField(
        label="À émettre",
        choices=PaperKind.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=PaperKind.values,
        error_messages=UNKNOWN,
    )

    def __init__(self, *args: Any, offered: Iterable[Tutor], **options: Any) -> None:
        super().__init__(*args, **options)
        self.offered = {str(tutor.pk): tutor for tutor in offered}

    def chosen(self, posted: QueryDict) -> list[Tutor]:
        """The tutors ticked, among those offered."""
        return [self.offered[key] for key in dict.fromkeys(posted.getlist("tutor")) if key in self.offered]

    @property
    def kinds_asked(self) -> list[PaperKind]:
        return [PaperKind(value) for value in self.cleaned_data["kinds"]]


class StepForm(DsfrBaseForm):
    """The next step of one paper or of several."""

    state = forms.ChoiceField(label="Étape", error_messages=UNKNOWN)
    on = day_field("Le")
    person = forms.CharField(
        label="Qui a signé", max_length=120, required=False, help_text="Obligatoire pour une signature."
    )
    note = forms.CharField(
        label="Précision", max_length=300, required=False, help_text="Obligatoire pour un refus ou une annulation."
    )

    def __init__(self, *args: Any, academy: Academy, steps: Iterable[PaperState], **options: Any) -> None:
        super().__init__(*args, initial={"on": academy.today}, **options)
        offered = tuple(steps)
        self.fields["state"].choices = [("", "Choisissez"), *((step.value, STEP_WORDS[step]) for step in offered)]
        if PaperState.SIGNED not in offered:
            del self.fields["person"]
        if not {PaperState.REFUSED, PaperState.CANCELLED} & set(offered):
            del self.fields["note"]

    @property
    def step(self) -> dict[str, Any]:
        """The arguments of the service, once valid."""
        return {**self.cleaned_data, "state": PaperState(self.cleaned_data["state"])}


class PaperTextForm(DsfrBaseForm):
    """The text of a kind of paper; what is saved is a new version."""

    title = forms.CharField(label="Titre", max_length=120)
    routing = forms.CharField(label="Voie hiérarchique", max_length=200, required=False)
    body = forms.CharField(
        label="Texte",
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 22}),
        help_text="Une ligne vide sépare deux paragraphes. Les champs entre accolades sont remplacés à l’émission.",
    )
    signatory = forms.CharField(label="Signataire", max_length=400, widget=forms.Textarea(attrs={"rows": 3}))
    copies = forms.CharField(label="Copie", max_length=200, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.text.check()
            except TextRefused as refusal:
                self.add_error(None, str(refusal))
        return given

    @property
    def text(self) -> PaperText:
        """What was typed, once each field is readable."""
        words = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        return PaperText(**{name: value.replace("\r\n", "\n") for name, value in words.items()})


def ticked(posted: QueryDict) -> list[int]:
    """The papers ticked in the list, or all those the page showed, by primary key."""
    keys = posted.getlist("shown" if "all" in posted else "paper")
    return [int(key) for key in keys if key.isascii() and key.isdecimal() and len(key) < 18]


def asked_papers(rows: PaperQuerySet, posted: QueryDict) -> list[Paper]:
    """Those ticked, among the rows that the person may see."""
    return list(rows.filter(pk__in=ticked(posted)).select_related("academy"))
