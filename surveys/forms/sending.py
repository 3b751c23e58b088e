"""The two buttons of a sending, and what each must carry."""

from __future__ import annotations

from django import forms
from dsfr.forms import DsfrBaseForm


class PrepareForm(DsfrBaseForm):
    """Asked when persons were already written to as often as a week allows."""

    override_reason = forms.CharField(
        label="Motif pour leur écrire quand même",
        required=False,
        max_length=300,
        help_text="Gardé avec chaque message.",
    )


class SendForm(forms.Form):
    """`expected` is the number of drafts that the page showed."""

    expected = forms.IntegerField(min_value=0)
