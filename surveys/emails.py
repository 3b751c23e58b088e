"""What the surveys write to establishments: texts of the campaign, filled in, and the personal link."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import TextChoices
from django.urls import reverse
from django.utils import timezone

from accounts import mail
from accounts.links import public_url
from accounts.models import OutgoingEmail
from deployment.choices import Function
from figures.french import enumeration, long_day
from surveys.models import Campaign, Link, Recipient
from surveys.placeholders import fill

MOST_NAMES = 3


class Layout(TextChoices):
    """The one template of each kind of mail."""

    INVITATION = "surveys/emails/invitation.html"
    RECEIPT = "surveys/emails/receipt.html"
    DELEGATION = "surveys/emails/delegation.html"


def deadline(instant: datetime) -> str:
    """« jeudi 3 octobre 2024 à 18 h 00 (heure de Paris) »."""
    local = timezone.localtime(instant)
    return f"{long_day(local.date())} à {local:%H} h {local:%M} (heure de Paris)"


def invitation(
    recipient: Recipient,
    names: Sequence[str],
    *,
    key: str,
    token: str,
    subject: str,
    body: str,
    draft: str = "",
) -> OutgoingEmail | None:
    """The mail that asks, or asks again: the campaign's own text, the establishments, the personal link."""
    campaign = recipient.campaign
    values = placeholders(campaign, recipient, names)
    return mail.queue(
        Layout.INVITATION,
        to=recipient.email,
        cc=recipient.copies.splitlines(),
        academy=campaign.academy.slug,
        key=key,
        reply_to=campaign.reply_to,
        draft=draft,
        secret_link=link_address(token),
        title=fill(subject, values),
        paragraphs=paragraphs(fill(body, values)),
        names=names,
        deadline=deadline(campaign.closes_at),
        sender=campaign.sender_name,
    )


def placeholders(campaign: Campaign, recipient: Recipient, names: Sequence[str]) -> dict[str, str]:
    """The value of each field that a text may hold; one line each."""
    shown = enumeration(names) if len(names) <= MOST_NAMES else f"{len(names)} établissements"
    values = {
        "destinataire": recipient.name or Function(recipient.function).label,
        "fonction": Function(recipient.function).label.lower(),
        "etablissements": shown,
        "enquete": campaign.title,
        "cloture": deadline(campaign.closes_at),
        "signataire": campaign.sender_name,
        "service": campaign.academy.service_name,
        "academie": campaign.academy.label,
    }
    return {name: " ".join(value.split()) for name, value in values.items()}


def paragraphs(text: str) -> list[str]:
    """Paragraphs of a typed text: an empty line parts them."""
    return [" ".join(part.split()) for part in text.replace("\r", "").split("\n\n") if part.strip()]


def link_address(token: str) -> str:
    return public_url(reverse("reply_enter", args=[token]))


def delegation(link: Link, *, token: str) -> OutgoingEmail | None:
    """To the colleague who prepares an answer; the person asked is in copy of nothing, their page shows it."""
    campaign = link.recipient.campaign
    assert link.invitation is not None
    return mail.queue(
        Layout.DELEGATION,
        to=link.delegate_email,
        academy=campaign.academy.slug,
        key=f"survey-delegation-{link.pk}",
        reply_to=campaign.reply_to,
        secret_link=link_address(token),
        name=link.delegate_name,
        asked=link.recipient.name or Function(link.recipient.function).label,
        title=campaign.title,
        establishment=str(link.invitation.entry.establishment.name),
        deadline=deadline(campaign.closes_at),
        service=campaign.academy.service_name,
    )
