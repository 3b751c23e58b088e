"""The filters of the trail."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from dsfr.forms import DsfrBaseForm

from accounts.choices import AuditKind
from accounts.models import User
from accounts.rights import CATALOGUE

EVERYTHING = [("", "Toutes")]


class TrailFilterForm(DsfrBaseForm):
    """Who, what, when, and words."""

    who = forms.ModelChoiceField(label="Personne", queryset=User.objects.none(), required=False, empty_label="Toutes")
    kind = forms.ChoiceField(label="Nature", choices=[*EVERYTHING, *AuditKind.choices], required=False)
    act = forms.ChoiceField(label="Acte", required=False)
    after = forms.DateField(
        label="Du", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    before = forms.DateField(
        label="Au", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    text = forms.CharField(label="Mots", required=False)

    def __init__(self, data: QueryDict, *, people: Any) -> None:
        super().__init__(data or None)
        self.fields["who"].queryset = people
        self.fields["act"].choices = [("", "Tous"), *sorted(((r.name, r.label) for r in CATALOGUE), key=lambda c: c[1])]

    def narrow(self, rows: Any) -> Any:
        """These rows, less what the filters leave out; nothing is left out while one of them is unreadable."""
        if not self.is_valid():
            return rows
        asked = self.cleaned_data
        by = {"actor": asked["who"], "kind": asked["kind"], "act": asked["act"]}
        by |= {"at__date__gte": asked["after"], "at__date__lte": asked["before"]}
        return rows.filter(**{name: value for name, value in by.items() if value}).containing(asked["text"])
