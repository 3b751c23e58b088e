"""Importing answers: the file, which column tells what, and the confirmation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from dsfr.forms import DsfrBaseForm

from accounts.widgets import LongSelect
from deployment.workbooks import LARGEST_FILE
from surveys.importers.columns import targets_of
from surveys.models import AnswerImport

ABSENT = "Absente du fichier"
ALREADY_TAKEN = "Cette colonne sert déjà à « %(other)s »."


class AnswersFileForm(DsfrBaseForm, forms.Form):
    """The file, as the other tool exported it."""

    file = forms.FileField(
        label="Fichier exporté",
        help_text="XLSX, ODS, CSV (UTF-8) ou JSON de Publik, 50 Mo au plus (10 Mo en JSON).",
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx,.ods,.json"}),
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError("Le fichier dépasse 50 Mo.")
        return file


class ColumnsForm(DsfrBaseForm, forms.Form):
    """For each thing that an answer needs, the column that tells it; one column serves once."""

    def __init__(self, batch: AnswerImport, data: Any = None) -> None:
        super().__init__(data, prefix="c")
        self.targets = targets_of(batch.campaign)
        columns = [(header, f"{header} (ex. {example})" if example else header) for header, example in batch.headers]
        for target in self.targets:
            self.fields[target.name] = forms.ChoiceField(
                label=target.label,
                choices=[("", ABSENT), *columns],
                initial=batch.mapping.get(target.name, ""),
                required=target.is_required,
                widget=LongSelect,
                error_messages={"required": "Choisissez une colonne."},
            )
        self.fields["profile"] = forms.CharField(
            label="Garder ces colonnes sous le nom",
            help_text="Un fichier de même forme les retrouvera, pour toutes les enquêtes de même objet.",
            initial=batch.profile,
            max_length=60,
            required=False,
        )
        self.set_autofocus_on_first_error = False

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        taken: dict[str, str] = {}
        for target in self.targets:
            if not (header := given.get(target.name)):
                continue
            if header in taken:
                self.add_error(target.name, forms.ValidationError(ALREADY_TAKEN, params={"other": taken[header]}))
            taken.setdefault(header, target.label)
        return given

    @property
    def mapping(self) -> dict[str, str]:
        return {target.name: h for target in self.targets if (h := self.cleaned_data.get(target.name))}


class AnswersConfirmForm(DsfrBaseForm, forms.Form):
    """Shown when lines are refused."""

    skip_refused = forms.BooleanField(
        label="Importer les bonnes lignes et laisser de côté les lignes refusées", required=False
    )
