"""What a person asks of the follow-up of a campaign, and what they confirm before mails leave."""

from __future__ import annotations

from typing import cast

from django import forms
from django.db.models import Q
from django.http import QueryDict
from dsfr.forms import DsfrBaseForm

from accounts.widgets import LongSelect
from accounts.words import normalise
from deployment.models import Establishment
from surveys.choices import Progress
from surveys.models import Campaign
from surveys.models.invitations import InvitationQuerySet
from surveys.placeholders import FIELDS
from surveys.services.rounds import Limits, Text

UNANSWERED = "unanswered"
NONE_OF_THEM = "aucune"
UNKNOWN = "« %(value)s » n’est pas un choix possible ; choisissez dans la liste."
GROUPS = (
    ("function", "Par fonction"),
    ("departement", "Par département"),
    ("agency", "Par agence comptable"),
    ("wave", "Par vague"),
)
TICKED, SHOWN = "cochees", "filtrees"


def _choice(label: str, everything: str = "Tous") -> forms.ChoiceField:
    messages = {"invalid_choice": UNKNOWN}
    return forms.ChoiceField(
        label=label, choices=[("", everything)], required=False, widget=LongSelect, error_messages=messages
    )


class FollowUpFilterForm(DsfrBaseForm):
    """A GET form: every field is optional. `places` are the departements, waves and agencies of the population."""

    text = forms.CharField(label="Établissement, UAI ou personne", required=False, max_length=100)
    state = _choice("État")
    function = _choice("Fonction", "Toutes")
    departement = _choice("Département")
    agency = _choice("Agence comptable", "Toutes")
    wave = _choice("Vague à l’envoi", "Toutes")
    group = forms.ChoiceField(choices=GROUPS, required=False, widget=forms.HiddenInput)

    def __init__(self, asked: QueryDict, *, campaign: Campaign, may_see_people: bool) -> None:
        self.asked, self.may_see_people = asked, may_see_people
        super().__init__(asked)
        if not may_see_people:
            self.fields["text"].label = "Établissement ou UAI"
        places = _places(campaign)
        self._offer("state", (UNANSWERED, "Sans réponse"), *Progress.choices)
        self._offer("function", *((function.value, function.label) for function in campaign.asked_functions))
        self._offer("departement", *sorted({(place[0], place[1]) for place in places}))
        waves = sorted({place[2] for place in places if place[2]}, key=lambda code: (len(code), code))
        self._offer("wave", *((code, code) for code in waves), (NONE_OF_THEM, "Hors vague"))
        self.seats = _seats({place[3] for place in places})
        self._offer("agency", *self.seats.items(), (NONE_OF_THEM, "Sans agence"))

    def _offer(self, name: str, *choices: tuple[str, str]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*cast("list[tuple[str, str]]", field.choices), *choices]

    def narrow(self, rows: InvitationQuerySet) -> InvitationQuerySet:
        """These rows `with_progress`, less what the filters leave out, whatever the state."""
        asked = self.cleaned_data
        for word in normalise(asked["text"]).split():
            place = Q(entry__establishment__sort_name__contains=word) | Q(entry__establishment__uai=word.upper())
            person = Q(recipient__name__icontains=word) | Q(recipient__email__contains=word)
            rows = rows.filter(place | person if self.may_see_people else place)
        fields = {"departement": "entry__establishment__departement", "function": "function"}
        fields |= {"agency": "entry__agency_uai", "wave": "entry__wave_code"}
        for name, field in fields.items():
            if value := asked[name]:
                rows = rows.filter(Q((field, "" if value == NONE_OF_THEM else value)))
        return rows

    def in_state(self, rows: InvitationQuerySet) -> InvitationQuerySet:
        """Those in the state asked."""
        state = self.cleaned_data["state"]
        if state == UNANSWERED:
            return rows.exclude(Q(("progress", Progress.ANSWERED)))
        return rows.in_progress(Progress(state)) if state else rows

    @property
    def grouping(self) -> str:
        return self.cleaned_data["group"] or GROUPS[0][0]

    @property
    def active(self) -> list[tuple[str, str]]:
        """Filters at work, as (words, query string without it)."""
        active = []
        for bound in self.visible_fields():
            if value := self.cleaned_data.get(bound.name):
                others = self.asked.copy()
                for name in (bound.name, "page"):
                    others.pop(name, None)
                choices = getattr(self.fields[bound.name], "choices", None)
                words = dict(choices)[value] if choices else value
                active.append((f"{bound.label} : {words}", others.urlencode()))
        return active


def _places(campaign: Campaign) -> list[tuple[str, str, str, str]]:
    """(departement, its label, wave, seat of the agency) that the population has, each once."""
    names = ("establishment__departement", "establishment__departement_label", "wave_code", "agency_uai")
    return list(campaign.entries.filter(is_excluded=False).order_by().values_list(*names).distinct())


def _seats(uais: set[str]) -> dict[str, str]:
    """Name of each seat by its UAI, in order."""
    rows = Establishment.objects.filter(uai__in=uais - {""}).order_by("sort_name", "uai")
    return {uai: f"{name}, {town}" for uai, name, town in rows.values_list("uai", "name", "town")}


class RoundForm(DsfrBaseForm):
    """Confirms a round of mails. `seen` and `expected` are what the preview showed."""

    override_reason = forms.CharField(
        label="Motif pour écrire aussi aux personnes déjà très sollicitées",
        max_length=300,
        required=False,
        help_text="Vide : ces personnes ne reçoivent rien. Le motif est conservé avec chaque message.",
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    expected = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    @property
    def limits(self) -> Limits:
        """What was seen and decided, once valid."""
        asked = self.cleaned_data
        return Limits(asked["seen"], asked["expected"], asked["override_reason"])


class MessageForm(RoundForm):
    """The same, with the words of the message."""

    subject = forms.CharField(label="Objet", max_length=200)
    body = forms.CharField(
        label="Texte",
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="Une ligne vide sépare deux paragraphes. Champs possibles : "
        + ", ".join(f"{{{name}}} ({words})" for name, words in FIELDS.items())
        + ".",
    )
    field_order = ("subject", "body", "override_reason", "seen", "expected")

    @property
    def text(self) -> Text:
        return Text(self.cleaned_data["subject"], self.cleaned_data["body"])
