"""Outgoing mail, for the rooms and for the agents of the page « Envois ». Rows are the queue: see accounts/postman.py.

A room calls `mail.queue(…)` in the transaction of the act the mail tells of: if it is rolled back, nothing leaves. With
`draft=True` the mail waits until `release`, so that every mail of a batch can be read before any is sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, connection, transaction
from django.db.models import Count
from django.db.transaction import TransactionManagementError
from django.utils import timezone
from django.utils.encoding import punycode

from accounts import audit, broker
from accounts.choices import MailState
from accounts.mail_markup import SECRET_MARK, render, to_text
from accounts.models import MailSwitch, OutgoingEmail, User
from accounts.models.mails import OutgoingEmailQuerySet
from accounts.rights import SEND_MAILS
from accounts.words import normalise
from figures.french import count

DELIVER_TASK = "accounts.tasks.deliver_mails"
BAD_ADDRESS = "« {} » n’est pas une adresse électronique valide : corrigez-la là où elle est enregistrée."
LONGEST_SUBJECT, LONGEST_ADDRESS = 250, 320


class MailActRefused(Exception):
    """The mail is not in a state that allows this; the message is French and is shown to the person."""


def queue(
    template: str,
    *,
    to: str,
    academy: str,
    key: str,
    cc: Iterable[str] = (),
    reply_to: str = "",
    draft: str = "",
    **context: Any,
) -> OutgoingEmail | None:
    """Write one mail, in the caller's transaction; None if this académie has one with this `key` already.

    A bad address sets this mail aside, with the reason, and raises nothing. Among the values, `secret_link` is a link
    that lets its bearer in: it is shown to nobody but the recipient, and forgotten once the mail has left.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("mail.queue is called in the transaction of the act that the mail tells of")
    secret = str(context.pop("secret_link", ""))
    shown = {**context, "site": settings.PUBLIC_BASE_URL, "secret_link": SECRET_MARK if secret else ""}
    subject, html = render(template, shown)
    to, copies = _clean(to), [_clean(address) for address in cc]
    mail = OutgoingEmail(
        academy=academy,
        key=key,
        template=template,
        batch=draft,
        to=to[:LONGEST_ADDRESS],
        cc="\n".join(dict.fromkeys(address for address in copies if address != to)),
        reply_to=_clean(reply_to)[:LONGEST_ADDRESS],
        subject=subject[:LONGEST_SUBJECT],
        html=html,
        text=to_text(html),
        secret=secret,
        search_text=normalise(" ".join([to, *copies, subject, draft])),
        state=MailState.DRAFT if draft else MailState.QUEUED,
        queued_at=None if draft else timezone.now(),
    )
    if wrong := _wrong_address(mail):
        mail.state, mail.error = MailState.FAILED, wrong
    return mail if _inserted(mail) else None


def _inserted(mail: OutgoingEmail) -> bool:
    """Write the row; False when its key is taken, also by a transaction that ends at this instant."""
    try:
        with transaction.atomic():
            mail.save(force_insert=True)
    except IntegrityError:
        if OutgoingEmail.objects.filter(academy=mail.academy, key=mail.key).exists():
            return False
        raise
    if mail.state == MailState.QUEUED:
        _wake_on_commit()
    return True


@transaction.atomic
def release(drafts: OutgoingEmailQuerySet, *, by: User | None) -> int:
    """Send these drafts; how many. Those that are no longer drafts are left alone."""
    rows = OutgoingEmail.objects.filter(pk__in=drafts.values("pk"), state=MailState.DRAFT)
    counts = list(rows.values_list("academy", "batch").annotate(Count("pk")).order_by("academy", "batch"))
    now = timezone.now()
    released = rows.update(state=MailState.QUEUED, queued_at=now, not_before=now)
    for academy, batch, number in counts:
        audit.record(by, SEND_MAILS, f"envoi · {batch or 'messages'}", academy=academy, number=number)
    if released:
        _wake_on_commit()
    return released


@transaction.atomic
def release_batch(academy: str, batch: str, expected: int, *, by: User) -> int:
    """Send the drafts of a batch that somebody has read; refused when they are no longer `expected` in number."""
    drafts = OutgoingEmail.objects.filter(academy=academy, batch=batch, state=MailState.DRAFT)
    found = drafts.select_for_update(of=("self",)).count()
    if found != expected:
        raise MailActRefused(
            f"Le lot a changé depuis que vous l’avez lu : {count(found, 'brouillon')} au lieu de {expected}. "
            "Relisez-le."
        )
    return release(drafts, by=by)


def cancel(mail: OutgoingEmail, *, by: User) -> None:
    """Give up a mail that has not left."""
    _change(mail, by, "annulation", MailState.DRAFT, MailState.QUEUED, MailState.FAILED, state=MailState.CANCELLED)


@transaction.atomic
def withdraw(academy: str, keys: Iterable[str]) -> list[str]:
    """Give up those of these mails that have not left, their reason gone; the keys of those given up."""
    waiting = (MailState.DRAFT, MailState.QUEUED)
    rows = OutgoingEmail.objects.filter(academy=academy, key__in=list(keys), state__in=waiting)
    held = list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk", "key"))
    given_up = OutgoingEmail.objects.filter(pk__in=[pk for pk, _ in held])
    given_up.update(state=MailState.CANCELLED, secret="")
    return [key for _, key in held]


def send_again(mail: OutgoingEmail, *, by: User) -> None:
    """Send again a mail that failed, or whose fate is not known, under the same Message-ID."""
    if wrong := _wrong_address(mail):
        raise MailActRefused(wrong)
    if mail.is_erased or (SECRET_MARK in mail.html and not mail.secret):
        raise MailActRefused("Le contenu de ce message a été effacé : refaites l’acte qui l’avait écrit.")
    now = timezone.now()
    again = {"state": MailState.QUEUED, "attempts": 0, "error": "", "not_before": now, "queued_at": now}
    _change(mail, by, "nouvel envoi", MailState.FAILED, MailState.UNCERTAIN, **again)


def mark_sent(mail: OutgoingEmail, *, by: User) -> None:
    """Record that an uncertain mail did arrive: its recipient says so."""
    sent = {"state": MailState.SENT, "sent_at": mail.tried_at, "error": "", "secret": ""}
    _change(mail, by, "arrivée constatée", MailState.UNCERTAIN, **sent)


@transaction.atomic
def switch(academy: str, *, paused: bool, by: User) -> None:
    """Hold back the mails of an académie, or let them go."""
    changed = {"is_paused": paused, "changed_by": by, "changed_at": timezone.now()}
    MailSwitch.objects.update_or_create(academy=academy, defaults=changed)
    audit.record(by, SEND_MAILS, "suspension des envois" if paused else "reprise des envois", academy=academy)
    if not paused:
        _wake_on_commit()


def is_paused(academy: str) -> bool:
    return MailSwitch.objects.filter(academy=academy, is_paused=True).exists()


def _change(mail: OutgoingEmail, by: User, act: str, *allowed: MailState, **fields: Any) -> None:
    """Change a mail that is still in one of these states, and trace it."""
    with transaction.atomic():
        fresh = OutgoingEmail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
        if fresh.state not in allowed:
            raise MailActRefused(f"Ce message est dans l’état « {fresh.get_state_display().lower()} ».")
        for name, value in fields.items():
            setattr(fresh, name, value)
        fresh.save()
        audit.record(by, SEND_MAILS, f"{act} · message {fresh.pk}", academy=fresh.academy, mail=fresh.pk)
        if fresh.state == MailState.QUEUED:
            _wake_on_commit()


def _clean(address: str) -> str:
    """One line, its domain in ASCII; a line break becomes a space, which no address may hold."""
    name, found, domain = " ".join(address.split()).rpartition("@")
    try:
        return f"{name}{found}{punycode(domain)}"
    except UnicodeError:
        return f"{name}{found}{domain}"


def _wrong_address(mail: OutgoingEmail) -> str:
    """What is wrong with its addresses, in French; empty when nothing is."""
    for address in (mail.to, *mail.copies, *([mail.reply_to] if mail.reply_to else [])):
        try:
            validate_email(address)
        except ValidationError:
            return BAD_ADDRESS.format(address)
    return ""


def _wake_on_commit() -> None:
    """Wake one worker when the transaction ends, however many mails it writes."""
    if not any(callback is _wake for _, callback, *_ in connection.run_on_commit):
        transaction.on_commit(_wake, robust=True)


def _wake() -> None:
    broker.wake(DELIVER_TASK)
