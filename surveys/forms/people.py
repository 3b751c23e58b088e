"""The rows of an answer that names persons: volunteers, and persons to train."""

from __future__ import annotations

from typing import Any

from django import forms

from deployment.choices import Function, Sphere
from surveys.forms.fields import (
    AddressField,
    CountField,
    DayField,
    LineField,
    RadioField,
    SelectField,
    Sheet,
    TextField,
    TickField,
    TicksField,
    is_blank,
)

HIGHEST_CAPACITY = 20
FUNCTIONS = [("", "Choisir une fonction"), *Function.choices]
SILENT = ("capacity",)  # filled in beforehand: tells nothing of whether the row is empty


class PersonRow(Sheet):
    """One person of an answer."""

    name = LineField(label="Prénom et nom")
    email = AddressField(label="Adresse électronique", required=False, max_length=254)
    function = SelectField(label="Fonction", choices=FUNCTIONS)

    @property
    def number(self) -> str:
        """What the hidden `people` of this row says."""
        return str(self.prefix).rpartition("-")[2]

    @property
    def is_blank(self) -> bool:
        """Whether nobody was typed in this row."""
        return self.blank(self.data, str(self.prefix))

    @classmethod
    def blank(cls, data: Any, prefix: str) -> bool:
        """The same, of a row that has no form."""
        told = ((name, field.widget) for name, field in cls.base_fields.items() if name not in SILENT)
        return is_blank([widget.value_from_datadict(data, {}, f"{prefix}-{name}") for name, widget in told])


class VolunteerRow(PersonRow):
    """One person who offers to tutor."""

    spheres = TicksField(label="Peut accompagner", choices=Sphere.choices)
    capacity = CountField(label="Établissements acceptés", highest=HIGHEST_CAPACITY, initial=1)
    area = LineField(label="Secteur", help_text="Villes ou cantons où cette personne peut se rendre.", required=False)
    is_remote = TickField(label="Peut aussi accompagner à distance")
    motivation = TextField(label="Motivation", max_length=2000, required=False)


class TraineeRow(PersonRow):
    """One person to train."""

    sphere = RadioField(label="Formation à", choices=Sphere.choices)
    starts_on = DayField(label="Arrivée dans le poste", help_text="Si elle est récente ou à venir.", required=False)
    need = TextField(label="Besoin particulier", max_length=2000, required=False)


class PeopleSheet(Sheet):
    """Whether there is anybody; never filled in beforehand, so that nothing answers by opening a page."""

    has_people = RadioField(label="", choices=[("yes", ""), ("no", "")], error_messages={"required": "Choisissez."})
    question, yes, no, person, add = "", "", "", "", ""

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        field = self.fields["has_people"]
        assert isinstance(field, forms.ChoiceField)
        field.label, field.choices = self.question, [("yes", self.yes), ("no", self.no)]


class VolunteersSheet(PeopleSheet):
    """Around the rows of volunteers."""

    question = "Des personnes sont-elles volontaires ?"
    yes, no = "Oui, une ou plusieurs", "Non, personne"
    person, add = "Volontaire", "Ajouter une personne"


class TraineesSheet(PeopleSheet):
    """Around the rows of persons to train."""

    comment = TextField(label="Commentaire", max_length=4000, required=False)
    question = "Des personnes sont-elles à former ?"
    yes, no = "Oui, une ou plusieurs", "Non, aucun besoin"
    person, add = "Personne", "Ajouter une personne"
