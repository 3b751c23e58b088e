"""Writing to chosen persons of a campaign: a text of the moment, or a new personal link."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from accounts.placeholders import unknown_names
from surveys.choices import SolicitationKind
from surveys.models import Campaign
from surveys.models.invitations import InvitationQuerySet
from surveys.placeholders import FIELDS
from surveys.services import links, rounds
from surveys.services.refusals import SurveyRefused
from surveys.services.rounds import Limits, Round, Text


def send(campaign: Campaign, rows: InvitationQuerySet, text: Text, limits: Limits, *, by: User | None) -> Round:
    """Write this text to the persons of these rows, whether or not they have answered. Raises `SurveyRefused`."""
    refuse_unknown_fields(text)
    return rounds.send(campaign, rows, SolicitationKind.MESSAGE, text, limits, by=by)


@transaction.atomic
def send_links(campaign: Campaign, rows: InvitationQuerySet, limits: Limits, *, by: User | None) -> Round:
    """Close the links of these persons and mail each a new one. Raises `SurveyRefused`."""
    text = Text(campaign.subject, campaign.body)
    sent = rounds.send(campaign, rows, SolicitationKind.INVITATION, text, limits, by=by)
    links.revoke(campaign, [addressee.recipient.pk for addressee in sent.addressees])
    return sent


def refuse_unknown_fields(text: Text) -> None:
    """A text asks only for fields that exist. Raises `SurveyRefused`."""
    if unknown := sorted({name for part in (text.subject, text.body) for name in unknown_names(part, FIELDS)}):
        raise SurveyRefused(f"Champs inconnus dans le texte : {', '.join(unknown)}.")
