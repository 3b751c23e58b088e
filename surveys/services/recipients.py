"""Asking somebody else: a post filled since the sending, a wrong address, « ce n’est pas mon établissement »."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from accounts import audit
from accounts.models import User
from deployment.choices import Function
from deployment.models import Academy, Holder
from figures.french import count
from surveys.choices import CampaignState, SolicitationKind
from surveys.clock import current
from surveys.models import Answer, Campaign, Invitation, Link, Recipient
from surveys.rights import SEND_CAMPAIGNS
from surveys.services import links, rounds
from surveys.services.campaigns import locked_campaign
from surveys.services.outbox import Directory, directory
from surveys.services.refusals import SurveyRefused
from surveys.services.rounds import Limits, Text


@dataclass(frozen=True)
class Replacement:
    """Who is to be asked from now on, in place of `former`, whom the page showed (None: nobody)."""

    name: str
    email: str
    former: int | None
    override_reason: str = ""


def proposed(campaign: Campaign, row: Invitation) -> Holder:
    """Who holds the post on the académie's day, or the official mailbox; nobody when it is vacant."""
    return _directory(campaign, row).person(Function(row.function), row.entry)


@transaction.atomic
def replace(campaign: Campaign, row: Invitation, given: Replacement, *, by: User | None) -> Recipient:
    """Ask this person, by a mail of their own, instead of who was asked before, who loses access to this line.

    The draft stays. Asked again for what is done, does nothing. Raises `SurveyRefused`, also when somebody else was
    asked meanwhile, or when the week's cap holds the mail back without `override_reason`.
    """
    Academy.objects.select_for_update(of=("self",), no_key=True).get(pk=campaign.academy_id)
    campaign = locked_campaign(campaign, CampaignState.SENT)
    row = Invitation.objects.select_for_update(of=("self",)).get(pk=row.pk)
    former = row.recipient
    if former and former.pk != given.former and former.email == given.email.lower():
        return former  # pressed twice
    _refuse(campaign, row, given)
    recipient = _recipient(campaign, row, given)
    links.take_back(campaign.academy.slug, Link.objects.filter(invitation=row, revoked_at__isnull=True))
    row.recipient, row.opened_at, row.disowned_at, row.disowned_note = recipient, None, None, ""
    row.save(update_fields=["recipient", "opened_at", "disowned_at", "disowned_note"])
    if former and not former.invitations.exists():
        links.close(campaign, [former.pk])
    _write_to(campaign, row, given.override_reason, by)
    act = f"personne sollicitée remplacée · {row.entry.establishment} · {campaign}"
    details = {"campaign": campaign.pk, "function": row.function, "before": former and former.pk, "now": recipient.pk}
    audit.record(
        by, SEND_CAMPAIGNS, act, academy=campaign.academy.slug, reason=given.override_reason.strip(), **details
    )
    return recipient


def _refuse(campaign: Campaign, row: Invitation, given: Replacement) -> None:
    if row.recipient_id != given.former:
        raise SurveyRefused("Une autre personne vient d’être sollicitée pour cette ligne : relisez ce qui suit.")
    if current(campaign.academy) > campaign.closes_at:
        raise SurveyRefused("Cette enquête est close : prolongez-la d’abord, ou saisissez la réponse vous-même.")
    if Answer.objects.filter(entry=row.entry, part=campaign.part_of(row.function), number__gt=0).exists():
        raise SurveyRefused("La réponse est déjà arrivée : il n’y a plus personne à solliciter.")
    if row.recipient and row.recipient.email == given.email.lower() and not row.disowned_at:
        raise SurveyRefused(
            "C’est déjà la personne sollicitée : pour lui écrire de nouveau, donnez-lui un nouveau lien."
        )


def _recipient(campaign: Campaign, row: Invitation, given: Replacement) -> Recipient:
    """The person as this campaign knows them in this function, or a new line."""
    copies = dict.fromkeys(_directory(campaign, row).copies(campaign.copied_functions, row.entry))
    email = given.email.lower()
    known = {"name": given.name.strip(), "copies": "\n".join(copy for copy in copies if copy.lower() != email)}
    found, _ = Recipient.objects.get_or_create(campaign=campaign, function=row.function, email=email, defaults=known)
    return found


def _write_to(campaign: Campaign, row: Invitation, override_reason: str, by: User | None) -> None:
    """The campaign's own invitation, for this establishment, by the way of every other mail: register, cap, worker."""
    rows = Invitation.objects.with_progress(campaign).filter(pk=row.pk)
    text, limits = Text(campaign.subject, campaign.body), Limits(override_reason=override_reason)
    sent = rounds.send(campaign, rows, SolicitationKind.INVITATION, text, limits, by=by)
    if sent.held:
        mails = count(sent.held[0].recent, "message d’enquête", "messages d’enquête")
        raise SurveyRefused(f"Cette personne a déjà reçu {mails} en sept jours : indiquez un motif pour passer outre.")


def _directory(campaign: Campaign, row: Invitation) -> Directory:
    place = row.entry.establishment
    return directory(campaign.academy, [place.host_id or place.pk])
