"""What surrounds an answer that an agent types for an establishment: who gave it, and by which way."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.http import QueryDict
from dsfr.forms import DsfrBaseForm

from surveys.models import Answer
from surveys.services.answers import Submission


class CallForm(DsfrBaseForm):
    """`seen` is the version that the page showed, `submission` makes pressing twice be sending once."""

    data: Any  # a QueryDict once bound

    name = forms.CharField(label="Prénom et nom de la personne qui répond", max_length=120)
    function = forms.CharField(label="Sa fonction", max_length=80, required=False)
    reason = forms.CharField(
        label="Comment cette réponse vous est parvenue",
        max_length=300,
        help_text="Par exemple : au téléphone le 3 octobre, ou par message du même jour. Conservé dans les traces.",
    )
    submission = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, answer: Answer, data: QueryDict | None = None, *, known: tuple[str, str] = ("", "")) -> None:
        name, function = known
        initial: dict[str, Any] = {"name": name, "function": function, "submission": uuid4(), "seen": answer.number}
        super().__init__(data, initial=initial, prefix="call")

    def show(self, answer: Answer) -> None:
        """Take what the page shows now as seen: pressing again replaces it knowingly."""
        data = self.data.copy()
        data[self.add_prefix("seen")] = str(answer.number)
        data[self.add_prefix("submission")] = str(uuid4())
        self.data = data

    def given(self, content: Any) -> Submission:
        asked = self.cleaned_data
        return Submission(asked["submission"], content, asked["name"], asked["function"], asked["seen"])
