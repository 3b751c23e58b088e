"""What a person without account types to apply to a call: plain fields, as in the answers to the surveys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from accounts.widgets import LongSelect
from deployment.choices import Sphere
from deployment.models import Establishment
from surveys.forms.fields import (
    AddressField,
    CountField,
    DayField,
    LineField,
    SelectField,
    Sheet,
    TextField,
    TickField,
    TicksField,
)
from tutoring.choices.candidates import TutorFunction
from tutoring.forms.candidates import MOST_ACCEPTED, establishment_choices
from tutoring.models import Application, TutorCall
from tutoring.services import applying
from tutoring.services.refusals import TutoringRefused

NAME = re.compile(r"[^\W\d_]+(?:(?:\.?[ \-]|['’ʼ])+[^\W\d_]+)*\.?")
ADDRESS = re.compile(r"[/@:]|www\.|\.[a-z]{2,}\b", re.IGNORECASE)


class NameField(LineField):
    """A person's name: it is written at the head of a mail, so that no address and no sentence can be slipped in."""

    def clean(self, value: Any) -> Any:
        name = super().clean(value)
        if name and not NAME.fullmatch(name):
            raise forms.ValidationError("Écrivez un prénom et un nom, en lettres.")
        return name


class AreaField(LineField):
    """A place in words: it is in the mail too, so that nobody is sent to another site in our name."""

    def clean(self, value: Any) -> Any:
        area = super().clean(value)
        if ADDRESS.search(area):
            raise forms.ValidationError("Écrivez un lieu, sans adresse électronique ni lien.")
        return area


class PlaceField(SelectField):
    """An establishment of the académie, among hundreds; `kind` has the widget drawn as it is."""

    kind = "widget"
    widget = LongSelect(attrs={"class": "fr-select"})


class MotivationFileField(forms.FileField):
    """A file in place of a text, told by its content."""

    kind = "motivation_file"

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload: UploadedFile[Any] | None = super().clean(data, initial)
        if upload:
            try:
                applying.file_name(upload)
            except TutoringRefused as refused:
                raise forms.ValidationError(str(refused)) from None
        return upload


class ApplyForm(Sheet):
    """One application to a call. Whoever it does not fit is told, never stopped."""

    name = NameField(label="Prénom et nom", autocomplete="name")
    email = AddressField(label="Adresse électronique professionnelle", help_text="L’accusé de réception y arrive.")
    function = SelectField(label="Fonction", choices=[("", "Choisissez"), *TutorFunction.choices])
    establishment = PlaceField(label="Établissement d’exercice")
    spheres = TicksField(label="Sphères", choices=Sphere.choices)
    capacity = CountField(
        label="Établissements que vous accepteriez d’accompagner, au plus",
        highest=MOST_ACCEPTED,
        help_text="Ceux d’une même agence comptable comptent pour un.",
    )
    area = AreaField(label="Secteur souhaité", required=False, help_text="Une ville, un bassin.")
    is_remote = TickField(label="J’accepte aussi d’accompagner à distance")
    available_from = DayField(label="Disponible à compter du", required=False)
    motivation = TextField(
        label="Votre motivation",
        help_text="Quelques lignes, ou un fichier ci-dessous.",
        error_messages={"required": "Écrivez quelques lignes, ou joignez un fichier."},
    )
    file = MotivationFileField(
        label="Fichier", required=False, allow_empty_file=True, help_text="À la place du texte, ou en plus."
    )

    def __init__(self, call: TutorCall, data: Any = None, files: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, files=files, initial={"capacity": call.target_load})
        self.call = call
        self.fields["motivation"].required = not (files and files.get("file"))
        places, spheres = self.fields["establishment"], self.fields["spheres"]
        assert isinstance(places, PlaceField) and isinstance(spheres, TicksField)
        places.choices = [("", "Choisissez"), *establishment_choices(call.academy)]
        spheres.choices = [choice for choice in Sphere.choices if choice[0] in (call.spheres or Sphere.values)]

    @property
    def application(self) -> Application:
        """What was typed, once valid, not saved."""
        asked = dict(self.cleaned_data)
        asked.pop("file")
        day = asked.pop("available_from")
        place = Establishment.objects.get(academy=self.call.academy, uai=asked.pop("establishment"))
        return Application(
            call=self.call,
            academy=self.call.academy,
            establishment=place,
            available_from=date.fromisoformat(day) if day else None,
            **asked,
        )

    @property
    def upload(self) -> UploadedFile[Any] | None:
        found: UploadedFile[Any] | None = self.cleaned_data["file"]
        return found
