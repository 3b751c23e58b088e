"""Carries the mails that are due to the relay, one process at a time; what nobody can know is left to a person.

Before the relay hears of a mail its row says `SENDING`, committed. Whoever takes over from a postman that died finds
such a row and marks it uncertain: it may have been accepted, so it is never sent again by itself. What each fault
costs is measured in docs/reliability.md.
"""

from __future__ import annotations

import logging
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import escape
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import leases
from accounts.choices import MailState
from accounts.mail_markup import SECRET_MARK, to_mail
from accounts.mail_transport import Letter, MailRefused, Receipt, RelayDown, Transport, Undecided, transport
from accounts.models import MailRelay, OutgoingEmail
from accounts.models.mails import OutgoingEmailQuerySet

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)  # more than the slowest conversation with a relay
TURN_SECONDS = 60.0  # then another worker, or the next ring of the clock, goes on
MOST_CUTS = 3  # the relay hung up on so many mails in a row: let it rest
LONGEST_REST = timedelta(minutes=5)
LONGEST_WAIT = timedelta(minutes=15)
GIVE_UP_AFTER = timedelta(days=1)

INTERRUPTED = "L’envoi s’est interrompu pendant la remise au relais : le message est peut-être parti."
GIVEN_UP = "Le relais a remis cet envoi à plus tard pendant toute une journée. Dernière réponse : {}"
REFUSED = "Le relais a refusé le message : {}"
NOT_WRITABLE = "Le message n’a pas pu être composé ; le service informatique a le détail."


def deliver(pk: int) -> bool:
    """Send this mail if it is due; whether it left."""
    return bool(_round(OutgoingEmail.objects.filter(pk=pk)))


def deliver_due() -> int:
    """Send the mails that are due, as fast as the relay allows, for a minute at most; how many left."""
    return _round(OutgoingEmail.objects.all())


def _round(mails: OutgoingEmailQuerySet) -> int:
    turn = _take_turn(mails)
    if turn is None:
        return 0
    sent, end = 0, time.monotonic() + TURN_SECONDS
    with closing(transport()) as relay:
        try:
            while time.monotonic() < end and (mail := turn.next_mail(mails, relay)):
                sent += turn.carry(mail, relay)
        except RelayDown as trouble:
            turn.let_it_rest(str(trouble))
        finally:
            turn.end()
    return sent


def _take_turn(mails: OutgoingEmailQuerySet) -> _Turn | None:
    """Become the postman, unless there is nothing to do, another one lives, or the relay rests."""
    now = timezone.now()
    if not (mails.due(now).exists() or OutgoingEmail.objects.filter(state=MailState.SENDING).exists()):
        return None
    MailRelay.objects.get_or_create(pk=MailRelay.ONLY)
    with transaction.atomic():
        relay = MailRelay.objects.select_for_update(of=("self",)).get(pk=MailRelay.ONLY)
        if relay.is_held(now):
            return None
        interrupted = OutgoingEmail.objects.filter(state=MailState.SENDING)
        interrupted.update(state=MailState.UNCERTAIN, error=INTERRUPTED)
        if relay.is_resting(now):
            return None
        relay.fence += 1
        relay.holder, relay.leased_until = leases.this_process(), now + LEASE
        relay.save()
    return _Turn(relay.fence)


@dataclass
class _Turn:
    """The right of one process to talk to the relay, until its lease ends. `cuts`: conversations cut in a row."""

    fence: int
    cuts: int = 0

    def next_mail(self, mails: OutgoingEmailQuerySet, relay: Transport) -> OutgoingEmail | None:
        """The next mail to carry, already marked as being sent; None when there is none, or none may leave yet.

        The relay is reached first: when it is down, no mail is touched. Raises `RelayDown`.
        """
        now = timezone.now()
        if MailRelay.objects.get(pk=MailRelay.ONLY).allowance(now) < 1 or not mails.due(now).exists():
            return None
        relay.open()
        with transaction.atomic():
            now = timezone.now()
            held = MailRelay.objects.select_for_update(of=("self",)).get(pk=MailRelay.ONLY)
            waiting = mails.due(now).order_by("not_before", "pk").select_for_update(skip_locked=True, of=("self",))
            mail = waiting.first() if held.fence == self.fence else None
            if mail is None or not held.take_token(now):
                return None
            held.leased_until = now + LEASE
            held.save()
            mail.state, mail.fence, mail.tried_at = MailState.SENDING, self.fence, now
            mail.attempts += 1
            mail.save()
        return mail

    def carry(self, mail: OutgoingEmail, relay: Transport) -> bool:
        """Hand the mail over and write what came of it; whether it left. Raises `RelayDown` after several cuts."""
        try:
            receipt = relay.send(compose(mail))
        except MailRefused as refusal:
            self._refused(mail, refusal)
        except Undecided as doubt:
            self._settle(mail, state=MailState.UNCERTAIN, error=INTERRUPTED, answer=str(doubt))
            self._count_cut(str(doubt))
        except RelayDown as trouble:
            self._later(mail, str(trouble))
            self._count_cut(str(trouble))
        except (ValueError, LookupError):
            logger.exception("mail %s cannot be written", mail.pk)
            self._settle(mail, state=MailState.FAILED, error=NOT_WRITABLE)
        else:
            self._sent(mail, receipt)
            return True
        return False

    def _sent(self, mail: OutgoingEmail, receipt: Receipt) -> None:
        refused = "\n".join(f"{address} : {answer}" for address, answer in receipt.refused_copies.items())
        sent = {"state": MailState.SENT, "sent_at": timezone.now(), "secret": "", "error": ""}
        self._settle(mail, **sent, answer=receipt.answer, refused_cc=refused)
        self.cuts = 0
        self._hold(Q(failures__gt=0)).update(failures=0, error="", retry_at=None)

    def _refused(self, mail: OutgoingEmail, refusal: MailRefused) -> None:
        self.cuts = 0
        if refusal.for_ever:
            self._settle(mail, state=MailState.FAILED, error=REFUSED.format(refusal), answer=str(refusal))
        else:
            self._later(mail, str(refusal))

    def _later(self, mail: OutgoingEmail, answer: str) -> None:
        """Back in the queue, each time for twice as long, and given up after a day."""
        now = timezone.now()
        if now - (mail.queued_at or mail.created_at) > GIVE_UP_AFTER:
            self._settle(mail, state=MailState.FAILED, error=GIVEN_UP.format(answer), answer=answer)
            return
        wait = _doubled(settings.MAIL_BACK_OFF_SECONDS, mail.attempts, LONGEST_WAIT)
        self._settle(mail, state=MailState.QUEUED, not_before=now + wait, answer=answer)

    def _settle(self, mail: OutgoingEmail, **fields: Any) -> None:
        """Write what is known now, even if another postman has meanwhile marked the mail uncertain."""
        ours = OutgoingEmail.objects.filter(pk=mail.pk, fence=mail.fence)
        if not ours.filter(state__in=(MailState.SENDING, MailState.UNCERTAIN)).update(**fields):
            logger.error("mail %s was taken over; here it ended as %s", mail.pk, fields.get("state"))

    def _count_cut(self, words: str) -> None:
        self.cuts += 1
        if self.cuts >= MOST_CUTS:
            raise RelayDown(words)

    def let_it_rest(self, words: str) -> None:
        """Do not call the relay for a while, each time twice as long; the mails wait untouched."""
        logger.warning("mail relay out of order: %s", words)
        for relay in self._hold():
            relay.failures += 1
            wait = _doubled(settings.MAIL_RELAY_REST_SECONDS, relay.failures, LONGEST_REST)
            relay.error, relay.retry_at = words, timezone.now() + wait
            relay.save(update_fields=["failures", "error", "retry_at"])

    def end(self) -> None:
        self._hold().update(holder="", leased_until=None)

    def _hold(self, *conditions: Q) -> Any:
        return MailRelay.objects.filter(*conditions, pk=MailRelay.ONLY, fence=self.fence)


def _doubled(seconds: float, times: int, most: timedelta) -> timedelta:
    """`seconds`, doubled at each time after the first."""
    return min(most, timedelta(seconds=seconds * 2 ** min(times - 1, 20)))


def compose(mail: OutgoingEmail) -> Letter:
    """The mail as the relay takes it: the same row always gives the same bytes."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = mail.subject
    message["From"] = settings.MAIL_FROM
    message["To"] = mail.to
    if mail.cc:
        message["Cc"] = ", ".join(mail.copies)
    if mail.reply_to:
        message["Reply-To"] = mail.reply_to
    message["Date"] = format_datetime(timezone.localtime(mail.created_at))
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"
    text, html = mail.text, to_mail(mail.html, mail.subject)
    if mail.secret:
        text, html = text.replace(SECRET_MARK, mail.secret), html.replace(SECRET_MARK, escape(mail.secret))
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    message.set_boundary(f"=_{mail.message_id.strip('<>').partition('@')[0]}")
    sender = parseaddr(settings.MAIL_FROM)[1]
    return Letter(mail.message_id, sender, mail.to, mail.copies, message.as_bytes())
