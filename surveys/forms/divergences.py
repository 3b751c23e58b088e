"""What an agent types to settle wave wishes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from deployment.forms.waves import RulingForm
from surveys.models import Campaign
from surveys.services.divergences import Ruling, Wishes

KEEP_PLAN, OTHER = "plan", "autre"


class SettleForm(RulingForm):
    """Applies agreed wishes: day, reason, decision."""

    def settled(self, **chosen: Any) -> Ruling:
        """The ruling, once valid; `chosen`: `wave_code`, `kept_part`, `seen`."""
        asked = self.cleaned_data
        blank = {"wave_code": "", "kept_part": "", "seen": ""}
        return Ruling(
            effective_on=asked["effective_on"],
            reason=asked["reason"],
            decision_reference=asked["decision_reference"],
            **blank | chosen,
        )


class DecideForm(SettleForm):
    """Chooses between wishes that diverge: one of them, the plan, or another wave."""

    data: Any  # a QueryDict once bound

    choice = forms.ChoiceField(label="Décision", widget=forms.RadioSelect)
    wave = forms.ChoiceField(label="Autre vague", required=False)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=300)
    field_order = ("choice", "wave", "effective_on", "reason", "decision_reference", "seen")

    def __init__(self, data: QueryDict | None = None, *, campaign: Campaign, wishes: Wishes) -> None:
        super().__init__(data, academy=campaign.academy, initial={"seen": wishes.seen})
        wave = self.fields["wave"]
        assert isinstance(wave, forms.ChoiceField)
        wave.choices = [("", "Choisissez"), *((target.code, target.code) for target in self._waves())]
        self.show(wishes)

    def show(self, wishes: Wishes) -> None:
        """Take these wishes as those that the page shows: pressing again decides on them."""
        self.wishes = wishes
        voices = [(voice.part, f"{voice.wave}, vœu de : {voice.function.lower()}") for voice in wishes.voices]
        kept = f"{wishes.planned}, la vague prévue aujourd’hui" if wishes.planned else "Hors vague, comme aujourd’hui"
        choice = self.fields["choice"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [*voices, (KEEP_PLAN, kept), (OTHER, "Une autre vague")]

    def show_again(self, wishes: Wishes) -> None:
        """The same after a refusal: what was typed stays, what was seen is what is shown now."""
        data = self.data.copy()
        data["seen"] = wishes.seen
        self.data = data
        self.show(wishes)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("choice") == OTHER and not cleaned.get("wave"):
            self.add_error("wave", "Choisissez la vague.")
        return cleaned

    def ruling_given(self) -> Ruling:
        """What was decided, once valid."""
        choice, wishes = self.cleaned_data["choice"], self.wishes
        wished = {voice.part: voice.wave for voice in wishes.voices}
        code = {KEEP_PLAN: wishes.planned, OTHER: self.cleaned_data["wave"]} | wished
        kept = choice if choice in wished else ""
        return self.settled(wave_code=code[choice], kept_part=kept, seen=self.cleaned_data["seen"])
