"""Preparing a meeting: its date, its agenda, its typed slides."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from dsfr.forms import DsfrBaseForm

from cosui.choices import SectionKind
from cosui.models import AgendaItem, Meeting, TypedSlide
from deployment.forms.volumetry import day_field
from deployment.models import Wave

HOW_TO_TYPE = (
    "Une ligne par paragraphe. « - » au début d’une ligne fait une puce, deux espaces puis « - » une puce dessous, "
    "« # » une colonne avec son titre, « 1. » une étape numérotée."
)


class MeetingForm(DsfrBaseForm):
    """A new meeting."""

    held_on = day_field("Date du comité")


class AgendaItemForm(DsfrBaseForm, forms.ModelForm):
    """One point. A point drawn from the registers needs its first and last waves."""

    on = day_field("Situation au")
    from_wave = forms.ChoiceField(label="De la vague", required=False)
    to_wave = forms.ChoiceField(label="À la vague", required=False)

    class Meta:
        model = AgendaItem
        fields = ("title", "section", "on", "comment")
        widgets = {"section": forms.RadioSelect, "comment": forms.Textarea(attrs={"rows": 4})}
        help_texts = {"comment": f"Paraît à côté des chiffres. {HOW_TO_TYPE}"}

    def __init__(self, *args: Any, meeting: Meeting, **options: Any) -> None:
        super().__init__(*args, **options)
        codes = Wave.objects.filter(academy=meeting.academy).order_by("rank").values_list("code", flat=True)
        offered = [("", "Toutes"), *((code, code) for code in codes)]
        for name in ("from_wave", "to_wave"):
            cast(forms.ChoiceField, self.fields[name]).choices = offered
            self.initial.setdefault(name, self.instance.parameters.get(name, ""))
        self.instance.meeting = meeting

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or self.cleaned_data
        span = {name: asked.get(name, "") for name in ("from_wave", "to_wave")}
        drawn = asked.get("section") == SectionKind.VOLUMETRY
        self.instance.parameters = {name: code for name, code in span.items() if code} if drawn else {}
        return asked


class TypedSlideForm(DsfrBaseForm, forms.ModelForm):
    """One typed slide."""

    class Meta:
        model = TypedSlide
        fields = ("headline", "text", "source")
        widgets = {"text": forms.Textarea(attrs={"rows": 12})}
        help_texts = {
            "headline": "Ce que la page établit, en une phrase.",
            "text": HOW_TO_TYPE,
            "source": "Par exemple : Source : enquête du 20 septembre 2024, situation au 30 septembre.",
        }
