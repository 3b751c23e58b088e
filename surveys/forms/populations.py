"""Choosing who is asked: criteria, additions, exclusions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from dsfr.forms import DsfrBaseForm

from accounts.widgets import LongSelectMultiple
from deployment.choices import Kind
from deployment.models import Academy, AccountingAgency, Establishment, Wave
from deployment.workbooks import LARGEST_FILE
from surveys.importers import uais
from surveys.importers.uais import UaiFile
from surveys.models.campaigns import Criteria

LISTS = ("waves", "kinds", "departements", "agencies")
UNKNOWN = {"invalid_choice": "« %(value)s » n’est pas un choix possible."}


class BoxesField(forms.MultipleChoiceField):
    """Boxes of which none need be ticked, and which the page does not call optional for that."""

    widget = forms.CheckboxSelectMultiple
    template_name = "surveys/_population_boxes.html"


def _boxes(label: str, choices: Any = ()) -> BoxesField:
    return BoxesField(label=label, choices=choices, required=False, error_messages=UNKNOWN)


class CriteriaForm(DsfrBaseForm):
    """Each list chosen narrows; an empty one does not. A GET form: the count is shown before anything is kept."""

    waves = _boxes("Vagues")
    kinds = _boxes("Types d’établissement", Kind.choices)
    departements = _boxes("Départements")
    agencies = forms.MultipleChoiceField(
        label="Agences comptables",
        required=False,
        widget=LongSelectMultiple(attrs={"size": 6}),
        help_text="Maintenez Ctrl (ou Commande) pour en choisir plusieurs.",
        error_messages=UNKNOWN,
    )

    def __init__(self, data: Any = None, *, academy: Academy, criteria: Criteria) -> None:
        super().__init__(data, initial=criteria)
        rows = academy.establishments.order_by("departement").values_list("departement", "departement_label")
        waves = Wave.objects.filter(academy=academy).order_by("rank").values_list("code", "code")
        seats = AccountingAgency.objects.filter(academy=academy).order_by("seat__sort_name", "seat__uai")
        self._offer("waves", waves)
        self._offer("departements", rows.distinct())
        self._offer("agencies", seats.values_list("seat__uai", "seat__name"))

    def _offer(self, name: str, choices: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = list(choices)

    @property
    def criteria(self) -> Criteria:
        """What was chosen, once valid: only the lists that narrow."""
        return {name: self.cleaned_data[name] for name in LISTS if self.cleaned_data[name]}


class ReasonForm(DsfrBaseForm):
    """Establishments ticked on the page, and why the population changes by them."""

    uai = forms.MultipleChoiceField(
        required=True,
        widget=forms.MultipleHiddenInput,
        error_messages={"required": "Cochez au moins un établissement.", **UNKNOWN},
    )
    reason = forms.CharField(label="Motif", max_length=300, error_messages={"required": "Indiquez le motif."})

    def __init__(self, *args: Any, academy: Academy, **options: Any) -> None:
        super().__init__(*args, **options)
        asked = self.data.getlist("uai")[:2000] if self.is_bound else []
        self.found: list[Establishment] = list(academy.establishments.filter(uai__in=asked))
        field = self.fields["uai"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(e.uai, e.name) for e in self.found]

    @property
    def sentences(self) -> list[str]:
        """What is wrong, for a message above the page."""
        return [error for errors in self.errors.values() for error in errors]


class UaiFileForm(DsfrBaseForm):
    """A file of UAIs to add. Its wrong lines stop everything, unless they are knowingly left out."""

    file = forms.FileField(
        label="Fichier",
        help_text="CSV, XLSX ou ODS avec une colonne « UAI ».",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.ods"}),
        error_messages={"required": "Choisissez un fichier."},
    )
    reason = forms.CharField(label="Motif", max_length=300)
    skip_refused = forms.BooleanField(label="Ajouter les lignes bonnes même si d’autres sont refusées", required=False)

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError("Le fichier dépasse 50 Mo.")
        return file

    def read(self, academy: Academy) -> UaiFile:
        """The establishments named by the file. Raises `FileRefused`."""
        file = self.cleaned_data["file"]
        return uais.read(file.read(), file.name or "fichier", academy)
