"""What a person types about applications, tutors and tutorships."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from dsfr.forms import DsfrBaseForm

from accounts.widgets import LongSelect
from deployment.choices import Sphere
from deployment.forms.volumetry import day_field
from deployment.models import Academy, AccountingAgency, Establishment, Wave
from surveys.clock import current
from tutoring.choices.candidates import CallState, TutorFunction, Verdict
from tutoring.models import Application, Tutor

MOST_ACCEPTED, FARTHEST_KM = 20, 600
CHECKED, SHOWN = "cochees", "affichees"
UNKNOWN = {"invalid_choice": "« %(value)s » n’est pas un choix possible ; choisissez dans la liste."}
EMAIL_HELP = "Format attendu : nom@domaine.fr"


def establishment_field(label: str, **options: Any) -> forms.ChoiceField:
    """An establishment of the académie, told by its UAI."""
    return forms.ChoiceField(label=label, widget=LongSelect, error_messages=UNKNOWN, **options)


def establishment_choices(academy: Academy) -> list[tuple[str, str]]:
    rows = academy.establishments.existing_on(academy.today).order_by("sort_name", "uai")
    return [(uai, f"{name} ({town})") for uai, name, town in rows.values_list("uai", "name", "town")]


def spheres_field() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label="Sphères", choices=Sphere.choices, widget=forms.CheckboxSelectMultiple)


def capacity_field(label: str, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=MOST_ACCEPTED, initial=1, **options)


def available_field() -> forms.DateField:
    return day_field("Disponible à compter du", required=False, help_text="Vide : dès maintenant.")


class ApplicationForm(DsfrBaseForm):
    """The application of someone who wrote by mail, to a call or not."""

    call = forms.ChoiceField(label="En réponse à l’appel", required=False, error_messages=UNKNOWN)
    received_on = day_field("Reçue le", required=False, help_text="Vide : aujourd’hui.")
    name = forms.CharField(label="Prénom et nom", max_length=120)
    email = forms.EmailField(label="Adresse électronique", required=False, help_text=EMAIL_HELP)
    function = forms.ChoiceField(label="Fonction", choices=[("", "Choisissez"), *TutorFunction.choices])
    establishment = establishment_field("Établissement d’exercice")
    spheres = spheres_field()
    capacity = capacity_field(
        "Établissements acceptés, au plus", help_text="Ceux d’une même agence comptable comptent pour un."
    )
    available_from = available_field()
    is_remote = forms.BooleanField(label="Accepte aussi à distance", required=False)
    area = forms.CharField(label="Secteur souhaité", max_length=120, required=False)
    motivation = forms.CharField(
        label="Motivation", max_length=10000, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )

    def __init__(self, *args: Any, academy: Academy, **options: Any) -> None:
        super().__init__(*args, **options)
        self.academy = academy
        self.calls = {str(call.pk): call for call in academy.tutor_calls.exclude(state=CallState.DRAFT)}
        self.fields["call"].choices = [("", "Aucun"), *((pk, str(call)) for pk, call in self.calls.items())]
        self.fields["establishment"].choices = [("", "Choisissez"), *establishment_choices(academy)]

    def clean_received_on(self) -> date:
        day: date = self.cleaned_data["received_on"] or self.academy.today
        if day > self.academy.today:
            raise forms.ValidationError("Une candidature n’est pas reçue dans l’avenir.")
        return day

    @property
    def application(self) -> Application:
        """What was typed, once valid, not saved."""
        asked = dict(self.cleaned_data)
        place = Establishment.objects.get(academy=self.academy, uai=asked.pop("establishment"))
        call, day = self.calls.get(asked.pop("call")), asked.pop("received_on")
        at_noon = timezone.make_aware(datetime.combine(day, time(12)))
        received_at = current(self.academy) if day == self.academy.today else at_noon
        return Application(academy=self.academy, establishment=place, call=call, received_at=received_at, **asked)


class OpinionForm(DsfrBaseForm):
    """What one person thinks of an application."""

    verdict = forms.ChoiceField(label="Votre avis", choices=Verdict.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label="Motif", max_length=300, required=False, help_text="Obligatoire pour ne pas retenir la candidature."
    )


class ReasonForm(DsfrBaseForm):
    """Why, for an act that must say so."""

    reason = forms.CharField(label="Motif", max_length=300)


class DatedForm(DsfrBaseForm):
    """From which day and why; today is offered."""

    effective_on = day_field("À compter du")
    reason = forms.CharField(label="Motif", max_length=300)

    def __init__(self, *args: Any, academy: Academy, **options: Any) -> None:
        super().__init__(*args, initial={"effective_on": academy.today} | options.pop("initial", {}), **options)
        self.academy = academy

    @property
    def day(self) -> date:
        """The day asked, once valid."""
        day: date = self.cleaned_data["effective_on"]
        return day


class AcceptForm(DatedForm):
    """Which of the pairs proposed become tutorships: the ticked ones, or all those the page showed."""

    chosen = forms.ChoiceField(
        label="Paires à inscrire",
        choices=[(CHECKED, "les paires cochées"), (SHOWN, "toutes les paires affichées")],
        widget=forms.RadioSelect,
        initial=CHECKED,
    )
    field_order = ("chosen", "effective_on", "reason")

    def pairs(self, posted: QueryDict) -> dict[str, str]:
        """Tutor by need, as the person saw them: each line posts « need=tutor »."""
        name = "shown" if self.cleaned_data["chosen"] == SHOWN else "pair"
        lines = [line.partition("=") for line in posted.getlist(name)]
        return {need: tutor for need, _, tutor in lines if "/" in need and tutor}


class TutorForm(DsfrBaseForm):
    """A tutor already there, or come from another académie."""

    name = forms.CharField(label="Prénom et nom", max_length=120)
    email = forms.EmailField(label="Adresse électronique", required=False, help_text=EMAIL_HELP)
    function = forms.ChoiceField(
        label="Fonction", choices=[("", "Non renseignée"), *TutorFunction.choices], required=False
    )
    establishment = establishment_field("Établissement d’exercice", required=False)
    home_academy = forms.CharField(
        label="Autre académie d’origine",
        max_length=60,
        required=False,
        help_text="Pour un tuteur venu d’une autre académie, à la place de l’établissement.",
    )
    spheres = spheres_field()
    capacity = capacity_field(
        "Tutorats acceptés, au plus", help_text="Un tutorat : une agence comptable, dans une sphère."
    )
    available_from = available_field()
    reach_km = forms.IntegerField(
        label="Distance acceptée (km)", min_value=1, max_value=FARTHEST_KM, initial=80, help_text="À vol d’oiseau."
    )
    reason = forms.CharField(label="D’où vient ce tuteur", max_length=300, help_text="Par exemple : tuteur de la V6.")

    def __init__(self, *args: Any, academy: Academy, **options: Any) -> None:
        super().__init__(*args, **options)
        self.academy = academy
        self.fields["establishment"].choices = [("", "Aucun"), *establishment_choices(academy)]

    @property
    def tutor(self) -> Tutor:
        """What was typed, once valid, not saved."""
        asked = dict(self.cleaned_data)
        asked.pop("reason")
        place = Establishment.objects.filter(academy=self.academy, uai=asked.pop("establishment") or None).first()
        return Tutor(academy=self.academy, establishment=place, **asked)


class TutorshipForm(DatedForm):
    """A tutorship agreed outside the matching."""

    wave = forms.ChoiceField(label="Vague", error_messages=UNKNOWN)
    agency = establishment_field("Agence comptable")
    sphere = forms.ChoiceField(label="Sphère", choices=Sphere.choices)
    field_order = ("wave", "agency", "sphere", "effective_on", "reason")

    def __init__(self, *args: Any, tutor: Tutor, **options: Any) -> None:
        super().__init__(*args, academy=tutor.academy, **options)
        self.waves = {wave.code: wave for wave in Wave.objects.filter(academy=tutor.academy).order_by("rank")}
        agencies = AccountingAgency.objects.filter(academy=tutor.academy).select_related("seat")
        self.seats = {row.seat.uai: row.seat for row in agencies.order_by("seat__sort_name", "seat__uai")}
        self.fields["wave"].choices = [("", "Choisissez"), *((code, code) for code in self.waves)]
        self.fields["agency"].choices = [
            ("", "Choisissez"),
            *((uai, f"{seat.name} ({seat.town})") for uai, seat in self.seats.items()),
        ]
        self.fields["sphere"].choices = [c for c in Sphere.choices if c[0] in tutor.spheres]

    @property
    def asked(self) -> tuple[Wave, Establishment, Sphere]:
        """Wave, seat and sphere, once valid."""
        given = self.cleaned_data
        return self.waves[given["wave"]], self.seats[given["agency"]], Sphere(given["sphere"])
