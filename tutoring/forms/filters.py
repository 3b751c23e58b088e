"""What the list of applications may be asked."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.http import QueryDict
from dsfr.forms import DsfrBaseForm

from accounts.words import normalise
from deployment.choices import Sphere
from tutoring.choices.candidates import ApplicationState
from tutoring.forms.candidates import UNKNOWN
from tutoring.models import Application, TutorCall

WITHOUT_CALL, IN_TIME, LATE = "aucun", "dans", "hors"


class ApplicationFilterForm(DsfrBaseForm):
    """A GET form above the list of applications."""

    text = forms.CharField(label="Nom ou établissement", required=False, max_length=100)
    state = forms.ChoiceField(
        label="État", choices=[("", "Tous"), *ApplicationState.choices], required=False, error_messages=UNKNOWN
    )
    sphere = forms.ChoiceField(
        label="Sphère", choices=[("", "Toutes"), *Sphere.choices], required=False, error_messages=UNKNOWN
    )

    call = forms.ChoiceField(label="Appel", required=False, error_messages=UNKNOWN)
    late = forms.ChoiceField(
        label="Délai",
        choices=[("", "Tous"), (IN_TIME, "Dans le délai"), (LATE, "Hors délai")],
        required=False,
        error_messages=UNKNOWN,
    )

    def __init__(self, asked: QueryDict, *, calls: Iterable[TutorCall]) -> None:
        super().__init__(asked)
        told = [(str(call.pk), call.reference) for call in calls]
        self.fields["call"].choices = [("", "Tous"), *told, (WITHOUT_CALL, "Sans appel")]

    def kept(self, rows: Iterable[Application]) -> list[Application]:
        """Those asked, of rows that come with their establishment and call; accents and case do not count."""
        if not self.is_valid():
            return []
        asked = self.cleaned_data
        words = normalise(asked["text"]).split()
        return [
            row
            for row in rows
            if asked["state"] in ("", row.state)
            and (not asked["sphere"] or asked["sphere"] in row.spheres)
            and asked["call"] in ("", str(row.call_id or WITHOUT_CALL))
            and asked["late"] in ("", LATE if row.is_late else IN_TIME)
            and all(
                word in f"{normalise(row.name)} {row.establishment.sort_name} {row.establishment.uai.lower()}"
                for word in words
            )
        ]
