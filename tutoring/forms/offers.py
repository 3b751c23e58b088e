"""What a tutor offers from now on, and how the académie counts its needs."""

from __future__ import annotations

from typing import Any

from django import forms
from dsfr.forms import DsfrBaseForm

from deployment.forms.volumetry import day_field
from tutoring.choices.candidates import NeedRule
from tutoring.forms.candidates import EMAIL_HELP, FARTHEST_KM, available_field, capacity_field, spheres_field
from tutoring.models import Tutor


class OfferForm(DsfrBaseForm):
    """What the tutor accepts; what they already tutor is not changed here."""

    email = forms.EmailField(label="Adresse électronique", required=False, help_text=EMAIL_HELP)
    spheres = spheres_field()
    capacity = capacity_field(
        "Tutorats acceptés, au plus", help_text="Un tutorat : une agence comptable, dans une sphère."
    )
    reach_km = forms.IntegerField(
        label="Distance acceptée (km)", min_value=1, max_value=FARTHEST_KM, help_text="À vol d’oiseau."
    )
    available_from = available_field()
    remote_training_on = day_field(
        "Formation à la prise en main à distance suivie le", required=False, help_text="Vide : pas encore suivie."
    )

    def __init__(self, *args: Any, tutor: Tutor, **options: Any) -> None:
        offer = {name: getattr(tutor, name) for name in self.base_fields}
        super().__init__(*args, initial=offer, **options)


class NeedRuleForm(DsfrBaseForm):
    """How the needs of every wave are counted."""

    need_rule = forms.ChoiceField(label="Décompte des besoins", choices=NeedRule.choices, widget=forms.RadioSelect)
