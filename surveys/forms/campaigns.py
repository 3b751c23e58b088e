"""Creating, changing and rescheduling a campaign."""

from __future__ import annotations

from typing import Any

from django import forms
from dsfr.forms import DsfrBaseForm

from accounts.placeholders import unknown_names
from deployment.choices import Function
from surveys.forms.times import ParisTimeField
from surveys.models import Campaign
from surveys.placeholders import FIELDS

ASKED = (Function.HEAD, Function.SECRETARY_GENERAL, Function.ACCOUNTANT, Function.DEPUTY_ACCOUNTANT)
TEXTS = ("subject", "body", "reminder_subject", "reminder_body")
GROUPS = (
    ("Ce qui est demandé", ("title", "introduction")),
    ("Quand", ("opens_at", "closes_at", "corrected_until")),
    ("À qui", ("asked", "copied")),
    ("De la part de qui", ("sender_name", "reply_to")),
    ("Message d’invitation", ("subject", "body")),
    ("Relance", ("reminder_subject", "reminder_body", "reminder_days")),
)
PARIS = "Heure de Paris."


def _functions(label: str, functions: Any, help_text: str, *, required: bool) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=[(function.value, function.label) for function in functions],
        widget=forms.CheckboxSelectMultiple,
        required=required,
        help_text=help_text,
        error_messages={"required": "Choisissez au moins une fonction à interroger."},
    )


def _closing(label: str = "Clôture") -> ParisTimeField:
    return ParisTimeField(label=label, help_text=f"{PARIS} Une réponse commencée avant est encore acceptée, en retard.")


def _correction() -> ParisTimeField:
    return ParisTimeField(
        label="Correction possible jusqu’au",
        required=False,
        help_text=f"{PARIS} Après la clôture, ceux qui ont répondu peuvent encore corriger. Vide : non.",
    )


def check_dates(form: forms.Form | forms.ModelForm[Campaign], given: dict[str, Any]) -> None:
    """Say beside the field which date comes too early."""
    opens_at, closes_at, until = (given.get(name) for name in ("opens_at", "closes_at", "corrected_until"))
    if opens_at and closes_at and closes_at <= opens_at:
        form.add_error("closes_at", "La clôture vient après l’ouverture.")
    if closes_at and until and until < closes_at:
        form.add_error("corrected_until", "La correction se termine après la clôture.")


class CampaignForm(DsfrBaseForm, forms.ModelForm):
    """Everything of a campaign but its purpose, its questions and its population."""

    opens_at = ParisTimeField(label="Ouverture", help_text=f"{PARIS} Aucune réponse n’est prise avant.")
    closes_at = _closing()
    corrected_until = _correction()
    asked = _functions(
        "Fonctions interrogées",
        ASKED,
        "Chacune reçoit son message et son lien ; un seul pour tous les établissements d’une même personne.",
        required=True,
    )
    copied = _functions(
        "Fonctions en copie",
        Function,
        "Elles reçoivent le même message, en copie, avec le lien : qui l’a peut répondre.",
        required=False,
    )

    class Meta:
        model = Campaign
        fields = (
            "title", "introduction", "opens_at", "closes_at", "corrected_until", "asked", "copied", "sender_name",
            "reply_to", "subject", "body", "reminder_subject", "reminder_body", "reminder_days",
        )  # fmt: skip
        widgets = {
            "introduction": forms.Textarea(attrs={"rows": 4}),
            "body": forms.Textarea(attrs={"rows": 10}),
            "reminder_body": forms.Textarea(attrs={"rows": 8}),
        }
        help_texts = {
            "title": "Les établissements le lisent.",
            "introduction": "Montrée en tête du formulaire. Facultatif.",
            "sender_name": "Signe les messages.",
            "reply_to": "Où arrivent les réponses aux messages. Vide : nulle part.",
        }

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        check_dates(self, given)
        for name in TEXTS:
            if unknown := unknown_names(given.get(name) or "", FIELDS):
                self.add_error(name, f"Champ inconnu : {', '.join(unknown)}. Voir la liste des champs ci-dessous.")
        return given

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields under their headings, in the order of the page."""
        return [(title, [self[name] for name in names]) for title, names in GROUPS]


class RescheduleForm(DsfrBaseForm):
    """New dates of a campaign, with the reason; `campaign` gives those of today."""

    closes_at = _closing("Nouvelle clôture")
    corrected_until = _correction()
    reason = forms.CharField(label="Motif", max_length=300, help_text="Gardé dans l’historique de l’enquête.")

    def __init__(self, *args: Any, campaign: Campaign) -> None:
        dates = {"closes_at": campaign.closes_at, "corrected_until": campaign.corrected_until}
        super().__init__(*args, initial=dates)
        self.campaign = campaign

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        check_dates(self, {**given, "opens_at": self.campaign.opens_at})
        return given
