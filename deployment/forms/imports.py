"""Depositing a file, confirming what it would do, undoing what it did."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from dsfr.forms import DsfrBaseForm

from deployment.choices import ImportKind
from deployment.workbooks import LARGEST_FILE


class ImportForm(DsfrBaseForm, forms.Form):
    """The file, its kind, and what must be said with it: a list of waves needs a day and a reason."""

    kind = forms.ChoiceField(label="Nature du fichier", choices=ImportKind, widget=forms.RadioSelect)
    file = forms.FileField(
        label="Fichier",
        help_text="XLSX, ODS ou CSV (UTF-8), 50 Mo au plus. Les colonnes sont reconnues par leur nom.",
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx,.ods"}),
    )
    effective_on = forms.DateField(
        label="À compter du",
        required=False,
        help_text="Vagues : jour de la décision. Agences et personnes en poste : jour d’effet des lignes sans date.",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    reason = forms.CharField(
        label="Motif", required=False, max_length=300, help_text="Inscrit au registre ; demandé pour les vagues."
    )
    decision_reference = forms.CharField(
        label="Référence de la décision",
        required=False,
        max_length=120,
        help_text="Demandée pour entrer dans une vague gelée ou en sortir.",
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError("Le fichier dépasse 50 Mo.")
        return file

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("kind") == ImportKind.WAVES:
            if not given.get("effective_on") and "effective_on" not in self.errors:
                self.add_error("effective_on", "Indiquez le jour de la décision.")
            if not given.get("reason"):
                self.add_error("reason", "Indiquez le motif.")
        return given

    @property
    def parameters(self) -> dict[str, str]:
        """What the importer of that kind reads, as plain JSON."""
        given = self.cleaned_data
        day = given["effective_on"].isoformat() if given["effective_on"] else ""
        said = {
            ImportKind.WAVES: {
                "decided_on": day,
                "reason": given["reason"],
                "decision_reference": given["decision_reference"],
            },
            ImportKind.AGENCIES: {"effective_on": day, "reason": given["reason"]},
            ImportKind.POSTS: {"effective_on": day, "reason": given["reason"]},
        }
        return said.get(given["kind"], {})


class ConfirmForm(DsfrBaseForm, forms.Form):
    """Shown when lines are refused."""

    skip_refused = forms.BooleanField(
        label="Importer les lignes bonnes et laisser de côté les lignes refusées", required=False
    )


class UndoForm(DsfrBaseForm, forms.Form):
    """Shown for a list of waves: taking moves back may need a decision too."""

    decision_reference = forms.CharField(
        label="Référence de la décision", required=False, max_length=120, help_text="Si une vague est gelée."
    )
