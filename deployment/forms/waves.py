"""What a person types to move establishments and to decide on waves."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from dsfr.forms import DsfrBaseForm

from accounts.models import User
from deployment.choices import Kind, WaveStatus
from deployment.filters import EstablishmentFilters
from deployment.forms.volumetry import day_field
from deployment.models import Academy, Establishment, Wave
from deployment.services.wave_states import Ruling

OUT = "hors"
CHECKED, SHOWN = "cochees", "affichees"


class MembersFilterForm(DsfrBaseForm):
    """Filters the establishments of one wave."""

    text = forms.CharField(label="Nom, commune ou UAI", required=False, max_length=100)
    kind = forms.ChoiceField(label="Type", choices=[("", "Tous"), *Kind.choices], required=False)
    departement = forms.ChoiceField(label="Département", required=False)

    def __init__(self, asked: QueryDict, *, academy: Academy) -> None:
        super().__init__(asked)
        places = academy.establishments.order_by("departement").values_list("departement", "departement_label")
        self.fields["departement"].choices = [("", "Tous"), *places.distinct()]

    def filters(self, wave: Wave, on: date) -> EstablishmentFilters:
        """Those asked, within the wave; unreadable ones count for nothing and the form says so."""
        asked = self.cleaned_data if self.is_valid() else {}
        return EstablishmentFilters(on=on, wave=wave.code, **{name: asked.get(name, "") for name in self.fields})


class RulingForm(DsfrBaseForm):
    """Day, reason and decision of any act on waves."""

    effective_on = day_field("À compter du")
    reason = forms.CharField(label="Motif", max_length=300)
    decision_reference = forms.CharField(
        label="Référence de la décision",
        max_length=120,
        required=False,
        help_text="Arrêté, relevé de décisions du COSUI… Obligatoire si la vague est gelée ou basculée.",
    )

    def __init__(self, *args: Any, academy: Academy, **options: Any) -> None:
        initial = {"effective_on": academy.today} | options.pop("initial", {})
        super().__init__(*args, initial=initial, **options)
        self.academy = academy

    def ruling(self, by: User) -> Ruling:
        asked = self.cleaned_data
        return Ruling(asked["effective_on"], asked["reason"], by, asked["decision_reference"])

    def _waves(self, **excluded: Any) -> list[Wave]:
        """Waves that can receive establishments."""
        waves = Wave.objects.filter(academy=self.academy).exclude(**excluded).with_state(date.max)
        return [wave for wave in waves.order_by("rank") if wave.status not in (None, WaveStatus.ABOLISHED)]


class MoveForm(RulingForm):
    """Moves the ticked rows, or all those shown, to one wave."""

    chosen = forms.ChoiceField(
        label="Établissements à déplacer",
        choices=[(CHECKED, "les lignes cochées"), (SHOWN, "toutes les lignes affichées")],
        widget=forms.RadioSelect,
        initial=CHECKED,
    )
    target = forms.ChoiceField(label="Vers")
    seen_at = forms.DateTimeField(widget=forms.HiddenInput)
    field_order = ("chosen", "target", "effective_on", "reason", "decision_reference", "seen_at")

    def __init__(self, *args: Any, wave: Wave, **options: Any) -> None:
        super().__init__(*args, academy=wave.academy, **options)
        self.targets = {target.code: target for target in self._waves(pk=wave.pk)}
        codes = [(code, f"la vague {code}") for code in self.targets]
        self.fields["target"].choices = [("", "Choisissez"), *codes, (OUT, "hors du déploiement")]

    @property
    def destination(self) -> Wave | None:
        """None: out of the deployment."""
        return self.targets.get(self.cleaned_data["target"])


class RescheduleForm(RulingForm):
    """Changes the planned cutover date."""

    cutover_on = day_field("Nouvelle date de bascule")
    legal_basis = forms.CharField(label="Fondement", max_length=200, required=False)
    field_order = ("cutover_on", "legal_basis", "effective_on", "reason", "decision_reference")


class AbolishForm(RulingForm):
    """Abolishes a wave: one wave for all its establishments, or one chosen for each."""

    to = forms.ChoiceField(label="Ses établissements vont en")
    field_order = ("to", "effective_on", "reason", "decision_reference")

    def __init__(self, *args: Any, wave: Wave, members: list[Establishment], **options: Any) -> None:
        super().__init__(*args, academy=wave.academy, **options)
        self.members = members
        self.targets = {target.code: target for target in self._waves(pk=wave.pk)}
        codes = [(code, code) for code in self.targets]
        self.fields["to"].choices = [("", "Choisissez"), *codes]
        self.fields["decision_reference"].required = True
        for member in members:
            choices = [("", "comme les autres"), *codes]
            self.fields[member.uai] = forms.ChoiceField(
                label=f"Sauf {member.name} ({member.town})", choices=choices, required=False
            )

    @property
    def member_fields(self) -> list[forms.BoundField]:
        """One choice an establishment, shown apart from what holds for all."""
        return [self[member.uai] for member in self.members]

    @property
    def main_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("to", *RulingForm.base_fields)]

    @property
    def others(self) -> dict[Establishment, Wave]:
        asked = {member: self.cleaned_data[member.uai] for member in self.members}
        return {member: self.targets[code] for member, code in asked.items() if code}


class OpenWaveForm(RulingForm):
    """Opens a new wave."""

    code = forms.CharField(label="Code", max_length=10, help_text="Par exemple V13.")
    cutover_on = day_field("Bascule prévue le", required=False)
    legal_basis = forms.CharField(label="Fondement", max_length=200, required=False)
    field_order = ("code", "cutover_on", "legal_basis", "effective_on", "reason", "decision_reference")
