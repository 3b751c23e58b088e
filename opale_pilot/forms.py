"""The form shown on the page of components."""

from django import forms
from dsfr.forms import DsfrBaseForm


class SampleForm(DsfrBaseForm):
    """A filter with one field in error."""

    text = forms.CharField(label="Nom, commune ou UAI", required=False)
    on = forms.DateField(label="Situation au")
