"""What a person types about the work of the tutors: visits, difficulties, accesses and trainings."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from dsfr.forms import DsfrBaseForm

from deployment.forms.volumetry import day_field
from deployment.models import Academy, Establishment
from tutoring.choices.work import DifficultyLevel, FeedbackVerdict, Rating, VisitMode
from tutoring.forms.candidates import UNKNOWN, establishment_choices, establishment_field
from tutoring.models import Feedback, Tutor, Visit
from tutoring.models.visits import LONGEST, SHORTEST


class VisitForm(DsfrBaseForm):
    """A visit or a remote session, to one of the tutor's own establishments."""

    establishment = establishment_field("Établissement")
    on = day_field("Date")
    mode = forms.ChoiceField(label="Forme", choices=VisitMode.choices, widget=forms.RadioSelect)
    minutes = forms.IntegerField(label="Durée en minutes", min_value=SHORTEST, max_value=LONGEST)
    subject = forms.CharField(label="Objet", max_length=200, help_text="Par exemple : premier paiement, clôture.")

    def __init__(self, *args: Any, tutor: Tutor, places: list[Establishment], **options: Any) -> None:
        super().__init__(*args, **options)
        self.tutor = tutor
        own = [(place.uai, f"{place.name} ({place.town})") for place in places]
        self.fields["establishment"].choices = [("", "Choisissez"), *self.offered(own)]

    def offered(self, own: list[tuple[str, str]]) -> list[Any]:
        """The establishments to choose from."""
        return own

    @property
    def visit(self) -> Visit:
        """What was typed, once valid, not saved."""
        asked = dict(self.cleaned_data)
        place = Establishment.objects.get(academy=self.tutor.academy, uai=asked.pop("establishment"))
        return Visit(tutor=self.tutor, establishment=place, **asked)


class StaffVisitForm(VisitForm):
    """The same, typed by the service: any establishment, with a reason when it is not one of the tutor's."""

    reason = forms.CharField(
        label="Motif, si l’établissement n’est pas tutoré ce jour-là", max_length=300, required=False
    )

    def offered(self, own: list[tuple[str, str]]) -> list[Any]:
        others = [choice for choice in establishment_choices(self.tutor.academy) if choice not in own]
        return [("Tutorés par cette personne", own), ("Autres établissements", others)]


class FeedbackForm(DsfrBaseForm):
    """What the establishment says of a visit."""

    verdict = forms.ChoiceField(
        label="Cette visite a-t-elle eu lieu comme c’est noté ?",
        choices=FeedbackVerdict.choices,
        widget=forms.RadioSelect,
        error_messages=UNKNOWN,
    )
    rating = forms.TypedChoiceField(
        label="Cette visite vous a été",
        choices=Rating.choices,
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        help_text="Si elle a eu lieu.",
    )
    comment = forms.CharField(
        label="Commentaire",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Si ce n’est pas exact, dites ce qui ne l’est pas.",
    )
    name = forms.CharField(label="Prénom et nom de la personne qui répond", max_length=120)

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if said.get("verdict") == FeedbackVerdict.EXACT and not said.get("rating") and "rating" not in self.errors:
            self.add_error("rating", "Dites si cette visite vous a été utile.")
        if said.get("verdict") == FeedbackVerdict.WRONG:
            said["rating"] = None
            if not said.get("comment", "").strip():
                self.add_error("comment", "Dites ce qui n’est pas exact.")
        return dict(said)

    @property
    def feedback(self) -> Feedback:
        """What was said, once valid, not saved."""
        return Feedback(**self.cleaned_data)


class DisownForm(DsfrBaseForm):
    """« Ce n’est pas mon établissement »."""

    note = forms.CharField(label="Qui faut-il contacter, si vous le savez ?", max_length=300, required=False)
    sure = forms.BooleanField(label="Ce n’est pas mon établissement")


class DifficultyForm(DsfrBaseForm):
    """The level of an establishment, from a day on."""

    level = forms.TypedChoiceField(
        label="Niveau", choices=DifficultyLevel.choices, coerce=int, widget=forms.RadioSelect, error_messages=UNKNOWN
    )
    effective_on = day_field("Constaté le")
    reason = forms.CharField(label="Ce qui le fait dire", max_length=300)

    def __init__(self, *args: Any, academy: Academy, **options: Any) -> None:
        super().__init__(*args, initial={"effective_on": academy.today}, **options)

    @property
    def asked(self) -> dict[str, Any]:
        """Level, day and reason, once valid."""
        return {**self.cleaned_data, "level": DifficultyLevel(self.cleaned_data["level"])}


class DayForm(DsfrBaseForm):
    """One day; today is offered."""

    on = day_field("Date")

    def __init__(self, *args: Any, academy: Academy, **options: Any) -> None:
        super().__init__(*args, initial={"on": academy.today}, **options)

    @property
    def day(self) -> date:
        """The day asked, once valid."""
        day: date = self.cleaned_data["on"]
        return day


class GroundForm(DsfrBaseForm):
    """What establishes the service done, when no visit is confirmed."""

    reason = forms.CharField(
        label="Ce qui établit le service fait",
        max_length=300,
        required=False,
        help_text="Obligatoire sans visite confirmée.",
    )


class CorrectionForm(DsfrBaseForm):
    """Why an attested indemnity is not what is owed."""

    is_void = forms.BooleanField(label="Le service n’a pas été fait : ne plus rien devoir", required=False)
    reason = forms.CharField(label="Motif de la correction", max_length=300)
