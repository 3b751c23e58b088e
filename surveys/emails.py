"""What the surveys write to establishments: texts of the campaign, filled in, and the personal link."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import TextChoices
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from accounts import mail
from accounts.links import public_url
from accounts.mail_markup import SECRET_MARK, render, to_preview, to_text
from accounts.models import OutgoingEmail
from accounts.placeholders import fill
from deployment.choices import Function
from figures.french import enumeration, long_instant
from surveys.models import Campaign, Recipient

MOST_NAMES = 3


class Layout(TextChoices):
    """The one template of each kind of mail."""

    INVITATION = "surveys/emails/invitation.html"
    MESSAGE = "surveys/emails/message.html"


def deadline(instant: datetime) -> str:
    """« 3 octobre 2024 à 18 h 00 (heure de Paris) »."""
    return f"{moment(instant)} (heure de Paris)"


def moment(instant: datetime) -> str:
    """« 3 octobre 2024 à 18 h 00 », in Paris."""
    return long_instant(timezone.localtime(instant))


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
    return mail.queue(
        Layout.INVITATION,
        to=recipient.email,
        cc=recipient.copies.splitlines(),
        academy=campaign.academy.slug,
        key=key,
        reply_to=campaign.reply_to,
        draft=draft,
        secret_link=link_address(token),
        **_said(recipient, names, subject, body),
    )


def shown_invitation(
    recipient: Recipient, names: Sequence[str], *, subject: str, body: str
) -> tuple[str, SafeString, str]:
    """Subject, body and plain text of that mail as it would be, to be read before anything is written."""
    shown = {**_said(recipient, names, subject, body), "site": settings.PUBLIC_BASE_URL, "secret_link": SECRET_MARK}
    title, html = render(Layout.INVITATION, shown)
    return title, to_preview(html), to_text(html)


def _said(recipient: Recipient, names: Sequence[str], subject: str, body: str) -> dict[str, Any]:
    """What the layout of an invitation says; the same for the preview and for the mail."""
    campaign = recipient.campaign
    values = placeholders(campaign, recipient, names)
    return {
        "title": fill(subject, values),
        "paragraphs": paragraphs(fill(body, values)),
        "names": names,
        "deadline": deadline(campaign.closes_at),
        "sender": campaign.sender_name,
    }


def place_name(name: str, town: str) -> str:
    """An establishment as mails name it."""
    return f"{name}, {town}" if town else name


def message(
    recipient: Recipient, names: Sequence[str], *, key: str, token: str, subject: str, body: str
) -> OutgoingEmail | None:
    """What an agent writes to persons already asked; without `token`, their access was taken back: no link."""
    campaign = recipient.campaign
    values = placeholders(campaign, recipient, names)
    return mail.queue(
        Layout.MESSAGE,
        to=recipient.email,
        academy=campaign.academy.slug,
        key=key,
        reply_to=campaign.reply_to,
        secret_link=link_address(token) if token else "",
        title=fill(subject, values),
        paragraphs=paragraphs(fill(body, values)),
        names=names,
        campaign=campaign.title,
        sender=campaign.sender_name,
    )


def sample(recipient: Recipient, names: Sequence[str], *, subject: str, body: str) -> tuple[str, list[str]]:
    """The subject and paragraphs that this person would read, for a page that asks to confirm."""
    values = placeholders(recipient.campaign, recipient, names)
    return fill(subject, values), paragraphs(fill(body, values))


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
