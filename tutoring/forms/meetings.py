"""What a person types about the meetings of tutors."""

from __future__ import annotations

from typing import Any

from django import forms
from dsfr.forms import DsfrBaseForm

from deployment.forms.volumetry import day_field
from deployment.models import Academy, Establishment
from tutoring.choices.work import ActionState
from tutoring.forms.candidates import UNKNOWN, establishment_choices, establishment_field
from tutoring.models import Tutor, TutorMeeting


def present_field() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label="Tuteurs présents", required=False, widget=forms.CheckboxSelectMultiple, error_messages=UNKNOWN
    )


class PresenceForm(DsfrBaseForm):
    """Who was there."""

    present = present_field()

    def __init__(self, *args: Any, academy: Academy, **options: Any) -> None:
        super().__init__(*args, **options)
        self.academy = academy
        self.people = {str(tutor.pk): tutor for tutor in Tutor.objects.filter(academy=academy).order_by("name", "pk")}
        self.fields["present"].choices = [(key, tutor.name) for key, tutor in self.people.items()]

    @property
    def tutors(self) -> list[Tutor]:
        """The tutors ticked, once valid."""
        return [self.people[key] for key in self.cleaned_data["present"]]


class MeetingForm(PresenceForm):
    """A meeting of tutors."""

    title = forms.CharField(label="Objet", max_length=120)
    held_on = day_field("Date")
    organisers = forms.CharField(label="Organisateurs", max_length=200)
    field_order = ("title", "held_on", "organisers", "present")

    def __init__(self, *args: Any, academy: Academy, **options: Any) -> None:
        initial = {"held_on": academy.today, "organisers": f"{academy.service_acronym} et EAFC"}
        super().__init__(*args, academy=academy, initial=initial, **options)

    @property
    def meeting(self) -> TutorMeeting:
        """What was typed, once valid, not saved."""
        asked = {name: self.cleaned_data[name] for name in ("title", "held_on", "organisers")}
        return TutorMeeting(academy=self.academy, **asked)


class RemarkForm(DsfrBaseForm):
    """What a tutor reports."""

    tutor = forms.ChoiceField(label="Tuteur", error_messages=UNKNOWN)
    establishment = establishment_field("Établissement concerné", required=False)
    text = forms.CharField(label="Ce qui est rapporté", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, meeting: TutorMeeting, **options: Any) -> None:
        super().__init__(*args, **options)
        self.academy = meeting.academy
        self.people = {str(tutor.pk): tutor for tutor in meeting.present.order_by("name", "pk")}
        self.fields["tutor"].choices = [("", "Choisissez"), *((key, t.name) for key, t in self.people.items())]
        self.fields["establishment"].choices = [("", "Tous"), *establishment_choices(meeting.academy)]

    @property
    def reporter(self) -> Tutor:
        """Who reports, once valid."""
        return self.people[self.cleaned_data["tutor"]]

    @property
    def place(self) -> Establishment | None:
        """About which establishment, once valid; None is all of them."""
        uai = self.cleaned_data["establishment"] or None
        return Establishment.objects.filter(academy=self.academy, uai=uai).first()


class ActionForm(DsfrBaseForm):
    """Something to do."""

    title = forms.CharField(label="Action", max_length=200)
    owner = forms.CharField(label="Responsable", max_length=120)
    due_on = day_field("Échéance")


class AdvanceForm(DsfrBaseForm):
    """Where an action stands from now on."""

    state = forms.ChoiceField(
        label="Désormais",
        choices=[choice for choice in ActionState.choices if choice[0] != ActionState.OPENED],
        widget=forms.RadioSelect,
        error_messages=UNKNOWN,
    )
    text = forms.CharField(
        label="Ce qui a été fait", max_length=500, required=False, help_text="Obligatoire pour clore : le résultat."
    )
