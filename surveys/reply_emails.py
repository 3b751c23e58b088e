"""What the surveys write to who answers: the link of a colleague who prepares, the receipt."""

from __future__ import annotations

from collections.abc import Sequence

from accounts import mail
from accounts.models import OutgoingEmail
from deployment.choices import Function
from surveys.choices import AnswerOrigin
from surveys.emails import deadline, link_address, moment
from surveys.models import Answer, AnswerVersion, Link


def delegation(link: Link, *, token: str) -> OutgoingEmail | None:
    """To the colleague who prepares an answer; the person asked is in copy of nothing, their page shows it."""
    assert link.invitation is not None
    campaign = link.invitation.entry.campaign  # the link handed on may be that of another campaign
    return mail.queue(
        "surveys/emails/delegation.html",
        to=link.delegate_email,
        academy=campaign.academy.slug,
        key=delegation_key(link.pk),
        reply_to=campaign.reply_to,
        secret_link=link_address(token),
        name=link.delegate_name,
        asked=link.recipient.name or Function(link.recipient.function).label,
        title=campaign.title,
        establishment=str(link.invitation.entry.establishment.name),
        deadline=deadline(campaign.closes_at),
        service=campaign.academy.service_name,
    )


def delegation_key(link: int) -> str:
    """By which key the mail of that colleague's link is found again."""
    return f"survey-delegation-{link}"


def receipt(
    answer: Answer, version: AnswerVersion, *, to: str, copies: Sequence[str], told: Sequence[tuple[str, str]]
) -> None:
    """What was answered, to who answered; once a version, whoever asks."""
    campaign = answer.entry.campaign
    until = campaign.corrected_until or campaign.closes_at
    mail.queue(
        "surveys/emails/receipt.html",
        to=to,
        cc=copies,
        academy=campaign.academy.slug,
        key=f"survey-receipt-{version.pk}",
        reply_to=campaign.reply_to,
        title=campaign.title,
        establishment=str(answer.entry.establishment.name),
        name=version.name,
        function=version.function,
        at=moment(version.submitted_at),
        number=version.number,
        is_late=version.is_late,
        by_staff=version.origin == AnswerOrigin.STAFF,
        told=told,
        until=deadline(until) if until > version.submitted_at else "",
        service=campaign.academy.service_name,
    )
