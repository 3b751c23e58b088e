"""Reading the filters of the list of establishments."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from dsfr.forms import DsfrBaseForm

from accounts.widgets import LongSelect
from deployment.choices import Kind, OpeningStatus
from deployment.filters import NONE_OF_THEM, EstablishmentFilters
from deployment.models import Academy, AccountingAgency
from deployment.models.territory import EstablishmentQuerySet
from deployment.models.waves import Wave

ORDERINGS = {
    "name": ("sort_name", "uai"),
    "uai": ("uai",),
    "town": ("town", "sort_name", "uai"),
    "departement": ("departement", "sort_name", "uai"),
    "wave": ("wave_rank", "sort_name", "uai"),
}
UNKNOWN = "« %(value)s » n’est pas un choix possible ; choisissez dans la liste."


def _day(label: str) -> forms.DateField:
    messages = {"invalid": "Date illisible ; écrivez par exemple 08/10/2024."}
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=False, widget=widget, error_messages=messages)


def _choice(label: str, choices: Any = ()) -> forms.ChoiceField:
    messages = {"invalid_choice": UNKNOWN}
    return forms.ChoiceField(
        label=label,
        choices=[("", "Tous"), *choices],
        required=False,
        widget=LongSelect,
        error_messages=messages,
    )


class EstablishmentFilterForm(DsfrBaseForm):
    """A GET form: every field is optional, and every answer is in the address of the page."""

    text = forms.CharField(label="Nom, commune ou UAI", required=False, max_length=100)
    kind = _choice("Type", Kind.choices)
    wave = _choice("Vague")
    departement = _choice("Département")
    agency = _choice("Agence comptable")
    status = _choice("État", OpeningStatus.choices)
    on = _day("Situation au")
    known_on = _day("Telle que connue le")
    sort = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, asked: QueryDict, *, academy: Academy, rows: EstablishmentQuerySet) -> None:
        self.asked, self.today = asked, academy.today
        data = asked.copy()
        data["on"] = data.get("on") or self.today.isoformat()
        super().__init__(data)
        waves = Wave.objects.filter(academy=academy).order_by("rank").values_list("code", "code")
        seats = AccountingAgency.objects.filter(academy=academy).order_by("seat__sort_name", "seat__uai")
        agencies = seats.values_list("seat__uai", "seat__name")
        places = rows.order_by("departement").values_list("departement", "departement_label").distinct()
        self._offer("wave", ("", "Toutes"), *waves, (NONE_OF_THEM, "Hors vague"))
        self._offer("agency", ("", "Toutes"), *agencies, (NONE_OF_THEM, "Sans agence"))
        self._offer("departement", ("", "Tous"), *{code: (code, label) for code, label in places}.values())

    def _offer(self, name: str, *choices: tuple[str, str]) -> None:
        self.fields[name].choices = choices

    def clean_sort(self) -> str:
        asked = str(self.cleaned_data["sort"]) or "name"
        if asked.removeprefix("-") not in ORDERINGS:
            raise forms.ValidationError("Tri inconnu ; cliquez sur le titre d’une colonne.")
        return asked

    @property
    def ordering(self) -> list[str]:
        """For `order_by`; only the first column turns round."""
        asked = self.cleaned_data["sort"]
        first, *others = ORDERINGS[asked.removeprefix("-")]
        return [f"-{first}" if asked.startswith("-") else first, *others]

    @property
    def filters(self) -> EstablishmentFilters:
        """What was asked, once valid. « Connue le » a day means at its end."""
        asked = self.cleaned_data
        known_on = asked["known_on"]
        known_at = timezone.make_aware(datetime.combine(known_on, time.max)) if known_on else None
        names = ("on", "text", "kind", "wave", "departement", "agency", "status")
        return EstablishmentFilters(known_at=known_at, **{name: asked[name] for name in names})

    @property
    def active(self) -> list[tuple[str, str]]:
        """Filters at work, as (words, query string without it); the day is one only when it is not today."""
        active = []
        for bound in self.visible_fields():
            value = self.cleaned_data.get(bound.name)
            if value and not (bound.name == "on" and value == self.today):
                others = self.asked.copy()
                others.pop(bound.name, None)
                others.pop("page", None)
                active.append((f"{bound.label} : {self._in_words(bound.name, value)}", others.urlencode()))
        return active

    def _in_words(self, name: str, value: Any) -> str:
        if isinstance(value, date):
            return f"{value:%d/%m/%Y}"
        choices = getattr(self.fields[name], "choices", None)
        return str(dict(choices)[value]) if choices else str(value)
