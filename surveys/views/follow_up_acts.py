"""The acts on rows of the follow-up: their words, their form, the service each calls, what is told afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from accounts.models import User
from figures.french import count, enumeration
from surveys.choices import SolicitationKind
from surveys.forms.follow_up import MessageForm, RoundForm
from surveys.models import Campaign
from surveys.models.invitations import InvitationQuerySet
from surveys.services import messages as mailing
from surveys.services import reminders
from surveys.services.rounds import Addressee, Round

MOST_NAMES = 5


@dataclass(frozen=True)
class Act:
    """`mails` and `went`: the noun, and its past participle, one and several."""

    button: str
    icon: str
    title: str
    consequence: str
    kind: SolicitationKind
    form: type[RoundForm]
    mails: tuple[str, str]
    apply: Callable[[Campaign, InvitationQuerySet, Any, User], Round]


def _remind(campaign: Campaign, rows: InvitationQuerySet, form: RoundForm, by: User) -> Round:
    return reminders.remind(campaign, rows, form.limits, by=by)


def _write(campaign: Campaign, rows: InvitationQuerySet, form: MessageForm, by: User) -> Round:
    return mailing.send(campaign, rows, form.text, form.limits, by=by)


def _send_links(campaign: Campaign, rows: InvitationQuerySet, form: RoundForm, by: User) -> Round:
    return mailing.send_links(campaign, rows, form.limits, by=by)


ACTS: Mapping[str, Act] = {
    "relancer": Act(
        "Relancer",
        "mail-send-line",
        "Relancer ceux qui n’ont pas répondu",
        "Chaque personne reçoit un seul message, avec la liste de ses établissements qui n’ont pas encore répondu et "
        "un lien personnel. Celles qui auront répondu d’ici l’envoi ne recevront rien.",
        SolicitationKind.REMINDER,
        RoundForm,
        ("relance", "relances"),
        _remind,
    ),
    "ecrire": Act(
        "Écrire un message",
        "quill-pen-line",
        "Écrire un message",
        "Chaque personne reçoit un seul message, qu’elle ait répondu ou non, avec un lien vers sa page.",
        SolicitationKind.MESSAGE,
        MessageForm,
        ("message", "messages"),
        _write,
    ),
    "nouveau-lien": Act(
        "Donner un nouveau lien",
        "link",
        "Donner un nouveau lien",
        "Les anciens liens de ces personnes cessent de fonctionner, ceux confiés à leurs collègues aussi ; chacune en "
        "reçoit un nouveau. Leurs brouillons et leurs réponses restent.",
        SolicitationKind.INVITATION,
        RoundForm,
        ("message", "messages"),
        _send_links,
    ),
}


def tell(request: HttpRequest, act: Act, done: Round) -> None:
    """What left, and who was left out and why."""
    if done.addressees:
        number = count(len(done.addressees), *act.mails)
        places = count(done.concerned, "ligne du suivi", "lignes du suivi")
        messages.success(
            request, f"{number} en cours de rédaction, pour {places}. Chaque message part dès qu’il est prêt."
        )
    for sentence in _left_out(done):
        messages.warning(request, sentence)
    if not done.addressees and not (done.held or done.overtaken):
        messages.warning(request, "Aucun message n’est parti : aucune de ces lignes ne l’appelle.")


def _left_out(done: Round) -> Iterator[str]:
    if done.held:
        cap = count(done.cap, "message d’enquête", "messages d’enquête")
        names = _names(done.held)
        yield f"Rien n’a été envoyé à {names} : déjà {cap} en sept jours. Indiquez un motif pour passer outre."
    if done.overtaken:
        yield f"Un autre envoi vient d’être fait à {_names(done.overtaken)} : rien n’a été envoyé en double."


def _names(people: list[Addressee]) -> str:
    """« Ada Martin », « Ada Martin et 12 autres personnes »."""
    shown = [str(person.recipient) for person in people[:MOST_NAMES]]
    rest = len(people) - len(shown)
    return enumeration([*shown, count(rest, "autre personne", "autres personnes")] if rest else shown)
