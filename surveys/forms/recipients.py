"""Who is asked from now on, in place of somebody else."""

from __future__ import annotations

from django import forms
from dsfr.forms import DsfrBaseForm

from surveys.forms.respondent import PERSON_NAME
from surveys.services.recipients import Replacement


class RecipientForm(DsfrBaseForm):
    """Proposes who holds the post today."""

    name = forms.CharField(label="Prénom et nom", max_length=120, required=False, validators=[PERSON_NAME])
    email = forms.EmailField(label="Adresse électronique", max_length=254)
    override_reason = forms.CharField(
        label="Motif, si cette personne est déjà très sollicitée",
        max_length=300,
        required=False,
        help_text="Demandé seulement au-delà du nombre de messages permis par semaine. Conservé avec le message.",
    )

    former = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    @property
    def given(self) -> Replacement:
        asked = self.cleaned_data
        return Replacement(asked["name"], asked["email"], asked["former"], asked["override_reason"])
