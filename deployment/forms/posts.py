"""What a person types to say who takes a post, or that it is vacant."""

from __future__ import annotations

from typing import Any

from django import forms
from dsfr.forms import DsfrBaseForm

from deployment.choices import AGENCY_FUNCTIONS, Function
from deployment.forms.volumetry import day_field
from deployment.models import Establishment
from deployment.services.posts import LONGEST_NAME, MOST_POSTS, Appointment


class PostForm(DsfrBaseForm):
    """One change of one post of an establishment. The accountant and the deputies are offered at a seat only."""

    function = forms.ChoiceField(label="Fonction")
    number = forms.IntegerField(
        label="Numéro du poste",
        min_value=1,
        max_value=MOST_POSTS,
        initial=1,
        help_text="1, sauf si plusieurs personnes tiennent la même fonction.",
    )
    name = forms.CharField(label="Prénom et nom", max_length=LONGEST_NAME, required=False)
    email = forms.EmailField(label="Adresse électronique", required=False, help_text="Format attendu : nom@domaine.fr")
    is_vacant = forms.BooleanField(label="Poste vacant", required=False)
    effective_on = day_field("À compter du")
    reason = forms.CharField(label="Motif", max_length=300)

    def __init__(self, *args: Any, establishment: Establishment, is_seat: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.establishment = establishment
        offered = [choice for choice in Function.choices if is_seat or choice[0] not in AGENCY_FUNCTIONS]
        self.fields["function"].choices = offered

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("is_vacant") and (given.get("name") or given.get("email")):
            self.add_error("is_vacant", "Un poste vacant n’a ni nom ni adresse : effacez-les, ou décochez la case.")
        elif not given.get("is_vacant") and not given.get("name") and "name" not in self.errors:
            self.add_error("name", "Indiquez le nom, ou cochez « Poste vacant ».")
        return given

    @property
    def appointment(self) -> Appointment:
        """What was asked, once valid."""
        given = self.cleaned_data
        function, number = Function(given["function"]), given["number"]
        return Appointment(self.establishment, function, given["name"], given["email"], given["effective_on"], number)
