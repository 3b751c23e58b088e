"""What a person types about a call for tutors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from dsfr.forms import DsfrBaseForm

from accounts.days import plausible
from deployment.choices import Sphere
from deployment.forms.volumetry import day_field
from deployment.models import Academy, Wave
from figures.french import full_day, long_day
from tutoring.choices.candidates import TutorFunction
from tutoring.models import TutorCall
from tutoring.services.calls import deadline_for

ONE_LINE = ("reference", "title", "routing")
MOST_LINES = 20
GROUPS = (
    ("L’appel", ("reference", "title", "published_on", "deadline_on", "recipients", "routing")),
    ("À qui il s’adresse", ("functions", "waves")),
    ("La mission", ("spheres", "target_load", "rate", "mission_ends_on", "extensions")),
    ("Le texte et les réponses", ("body", "signatory", "reply_to", "copies")),
)


def _ticks(label: str, choices: Any, **options: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, choices=choices, widget=forms.CheckboxSelectMultiple, **options)


def _lines(label: str, help_text: str, rows: int = 3) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=False, max_length=2000, widget=widget, help_text=help_text)


class CallForm(DsfrBaseForm, forms.ModelForm):
    """A call that is not published yet. What only HR may know is not in it."""

    published_on = day_field("Date de publication")
    deadline_on = day_field(
        "Candidatures jusqu’au", required=False, help_text="Vide : deux semaines après la publication."
    )
    functions = _ticks("Fonctions éligibles", TutorFunction.choices)
    waves = _ticks(
        "Vagues des établissements éligibles", (), required=False, help_text="Aucune cochée : toutes les vagues."
    )
    spheres = _ticks("Sphères", Sphere.choices)
    mission_ends_on = day_field("Fin de la mission")
    extensions = _lines("Prolongations possibles", "Une date par ligne, par exemple 31/08/2026.")
    copies = _lines("Adresses en copie", "Une par ligne : elles reçoivent l’accusé de chaque candidature.")

    class Meta:
        model = TutorCall
        fields = tuple(name for _, names in GROUPS for name in names)
        widgets = {
            "recipients": forms.Textarea(attrs={"rows": 2}),
            "body": forms.Textarea(attrs={"rows": 14}),
            "signatory": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {
            "recipients": "Un par ligne.",
            "routing": "Par exemple : s/c de mesdames et messieurs les chefs d’établissement.",
            "rate": "Par établissement tutoré et par année scolaire.",
            "reply_to": "Où arrivent les réponses aux accusés et aux décisions.",
            "body": "Une ligne vide sépare deux paragraphes. La lettre tient sur une page.",
        }

    def __init__(self, *args: Any, academy: Academy, **options: Any) -> None:
        call: TutorCall = options["instance"]
        super().__init__(*args, **options | {"initial": _typed_lists(call)})
        codes = Wave.objects.filter(academy=academy).order_by("rank").values_list("code", flat=True)
        _choices(self, "waves", [(code, code) for code in codes])

    @property
    def groups(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """The fields, as the page groups them."""
        for title, names in GROUPS:
            yield title, [self[name] for name in names]

    def clean_extensions(self) -> list[str]:
        days = {_day(line).isoformat() for line in _kept_lines(self.cleaned_data["extensions"])}
        return sorted(days)

    def clean_copies(self) -> list[str]:
        addresses = list(dict.fromkeys(_kept_lines(self.cleaned_data["copies"])))
        for address in addresses:
            try:
                validate_email(address)
            except ValidationError:
                raise ValidationError(f"« {address[:80]} » n’est pas une adresse électronique.") from None
        return addresses

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        for name in ONE_LINE:
            if name in typed:
                typed[name] = " ".join(typed[name].split())
        self._check_days(typed)
        return typed

    def _check_days(self, typed: dict[str, Any]) -> None:
        published, ends = typed.get("published_on"), typed.get("mission_ends_on")
        if published is None:
            return
        deadline = typed.get("deadline_on") or deadline_for(published)
        typed["deadline_on"] = deadline
        if deadline < published:
            self.add_error("deadline_on", f"Avant la publication ; deux semaines mènent au {_two_weeks(published)}.")
        if ends and ends <= deadline:
            self.add_error("mission_ends_on", "La mission finit après la date limite des candidatures.")
        if ends and typed.get("extensions") and typed["extensions"][0] <= ends.isoformat():
            self.add_error("extensions", f"Une prolongation va au-delà de la fin de la mission ({long_day(ends)}).")


class BonusForm(DsfrBaseForm):
    """The coefficient of the bonus, by HR alone."""

    coefficient = forms.DecimalField(
        label="Coefficient de la part variable (CIA)",
        min_value=0,
        max_digits=4,
        decimal_places=2,
        required=False,
        localize=True,
        help_text="Vide : aucun. Visible des seules ressources humaines.",
    )


class ExtensionForm(DsfrBaseForm):
    """Until when the mission is extended, and why."""

    until = forms.ChoiceField(label="Prolonger jusqu’au")
    reason = forms.CharField(label="Motif", max_length=300)

    def __init__(self, *args: Any, call: TutorCall, **options: Any) -> None:
        super().__init__(*args, **options)
        _choices(self, "until", [(day.isoformat(), long_day(day)) for day in call.possible_extensions])

    @property
    def day(self) -> date:
        """The day asked, once valid."""
        return date.fromisoformat(self.cleaned_data["until"])


def _choices(form: forms.BaseForm, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def _typed_lists(call: TutorCall) -> dict[str, Any]:
    """The lists of a call as they are typed."""
    days = "\n".join(f"{day:%d/%m/%Y}" for day in call.extension_days)
    return {"extensions": days, "copies": "\n".join(call.copies)}


def _kept_lines(text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_LINES:
        raise ValidationError(f"{MOST_LINES} lignes au plus.")
    return lines


def _day(text: str) -> date:
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            day = datetime.strptime(text, form).date()
        except ValueError:
            continue
        plausible(day)
        return day
    raise ValidationError(f"« {text[:40]} » n’est pas une date : écrivez par exemple 31/08/2026.")


def _two_weeks(published: date) -> str:
    return full_day(deadline_for(published))
