"""The filters of the outgoing mails."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from dsfr.forms import DsfrBaseForm

from accounts.choices import MailState
from accounts.models.mails import OutgoingEmailQuerySet


class MailFilterForm(DsfrBaseForm):
    """Words of the subject or of an address, a state, a batch."""

    text = forms.CharField(label="Objet ou adresse", required=False, max_length=100)
    state = forms.ChoiceField(label="État", choices=[("", "Tous"), *MailState.choices], required=False)
    batch = forms.ChoiceField(label="Lot", required=False)

    def __init__(self, data: QueryDict, *, rows: OutgoingEmailQuerySet) -> None:
        super().__init__(data or None)
        batches = rows.exclude(batch="").order_by("batch").values_list("batch", flat=True).distinct()
        self.fields["batch"].choices = [("", "Tous"), *((batch, batch) for batch in batches)]

    @property
    def asked(self) -> dict[str, Any]:
        """What was asked; nothing while one of the filters is unreadable."""
        return self.cleaned_data if self.is_valid() else {"text": "", "state": "", "batch": ""}

    def narrow(self, rows: OutgoingEmailQuerySet) -> OutgoingEmailQuerySet:
        """These rows, less what the filters leave out, whatever the state."""
        rows = rows.naming(self.asked["text"])
        return rows.filter(batch=self.asked["batch"]) if self.asked["batch"] else rows


class ReleaseForm(forms.Form):
    """The batch that is sent, and how many drafts the person has seen in it."""

    batch = forms.CharField(max_length=160)
    expected = forms.IntegerField(min_value=1)
