"""The conversation with the mail relay, and what its end means: accepted, refused, not reached, or not known."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings

PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
CLOSING = 421


class RelayDown(Exception):
    """The relay cannot be used for now. Nothing was accepted: every mail may be tried again."""


class MailRefused(Exception):
    """The relay answered no to this mail; it has accepted nothing. For ever, or for now."""

    def __init__(self, answer: str, *, for_ever: bool) -> None:
        super().__init__(answer)
        self.for_ever = for_ever


class Undecided(Exception):
    """The line was cut after the mail was handed over and before the answer: nobody knows."""


@dataclass(frozen=True)
class Letter:
    """One mail as the relay takes it. `to` must be accepted; copies may be refused one by one."""

    message_id: str
    sender: str
    to: str
    copies: Sequence[str]
    content: bytes


@dataclass(frozen=True)
class Receipt:
    """What the relay answered when it accepted, and the copies that it refused with its reasons."""

    answer: str
    refused_copies: dict[str, str] = field(default_factory=dict)


class Transport(Protocol):
    """What carries mails. `open` is free when it is open already."""

    def open(self) -> None:
        """Reach the relay. Raises `RelayDown`."""

    def send(self, letter: Letter) -> Receipt:
        """Hand one mail over. Raises `RelayDown`, `MailRefused` or `Undecided`."""

    def close(self) -> None: ...


def transport() -> Transport:
    """What EMAIL_URL names: an SMTP relay, or a folder where development reads its mails."""
    address = urlsplit(settings.EMAIL_URL)
    return Folder(Path(address.path)) if address.scheme == "file" else SmtpRelay(address)


class Folder:
    """Each mail is a file that a mail program opens."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RelayDown(str(error)) from error

    def send(self, letter: Letter) -> Receipt:
        file = self.path / f"{letter.message_id.strip('<>').partition('@')[0]}.eml"
        try:
            file.write_bytes(letter.content)
        except OSError as error:
            raise RelayDown(str(error)) from error
        return Receipt(f"enregistré dans {file}")

    def close(self) -> None:
        """Nothing to close."""


class SmtpRelay:
    """SMTP, encrypted from the start (`smtps`), or by a compulsory STARTTLS (`smtp+tls`); in clear on loopback only."""

    def __init__(self, address: SplitResult) -> None:
        self.address = address
        self.session: smtplib.SMTP | None = None

    def open(self) -> None:
        if self.session is None:
            try:
                self.session = self._connect()
            except OSError as error:  # smtplib's exceptions are OSErrors
                raise RelayDown(_words(error)) from error

    def _connect(self) -> smtplib.SMTP:
        scheme, host = self.address.scheme, self.address.hostname or ""
        where = (host, self.address.port or PORTS[scheme])
        name, timeout = urlsplit(settings.PUBLIC_BASE_URL).hostname, settings.MAIL_TIMEOUT_SECONDS
        if scheme == "smtps":
            encrypted = ssl.create_default_context()
            session: smtplib.SMTP = smtplib.SMTP_SSL(*where, local_hostname=name, timeout=timeout, context=encrypted)
        else:
            session = smtplib.SMTP(*where, local_hostname=name, timeout=timeout)
        try:
            if scheme == "smtp+tls":
                session.starttls(context=ssl.create_default_context())
            if self.address.username:
                session.login(unquote(self.address.username), unquote(self.address.password or ""))
            session.ehlo_or_helo_if_needed()
        except OSError:
            session.close()
            raise
        return session

    def send(self, letter: Letter) -> Receipt:
        self.open()
        try:
            refused = self._announce(letter)
        except OSError as error:
            self._drop()
            raise RelayDown(_words(error)) from error
        return Receipt(self._hand_over(letter.content), refused)

    def _announce(self, letter: Letter) -> dict[str, str]:
        """Name the sender and the recipients; the copies refused for ever."""
        session = self._opened()
        code, words = session.mail(letter.sender)
        if code != 250:
            self.close()
            raise RelayDown(f"expéditeur {letter.sender} refusé : {_answer(code, words)}")
        refused = {}
        for recipient in (letter.to, *letter.copies):
            code, words = session.rcpt(recipient)
            if code in (250, 251):
                continue
            if recipient != letter.to and code >= 500:
                refused[recipient] = _answer(code, words)
                continue
            self._start_again(code)
            raise MailRefused(f"{recipient} : {_answer(code, words)}", for_ever=code >= 500)
        return refused

    def _hand_over(self, content: bytes) -> str:
        """The words with which the relay takes the mail."""
        try:
            code, words = self._opened().data(content)
        except smtplib.SMTPDataError as refusal:  # it did not let us begin
            code, words = refusal.smtp_code, _bytes(refusal.smtp_error)
        except OSError as error:
            self._drop()
            raise Undecided(_words(error)) from error
        if code == 250:
            return _answer(code, words)
        self._start_again(code)
        raise MailRefused(_answer(code, words), for_ever=code >= 500)

    def _start_again(self, code: int) -> None:
        """Leave the session fit for the next mail, or close it."""
        try:
            if code == CLOSING or self._opened().rset()[0] != 250:
                self._drop()
        except OSError:
            self._drop()

    def _opened(self) -> smtplib.SMTP:
        assert self.session is not None
        return self.session

    def close(self) -> None:
        try:
            if self.session is not None:
                self.session.quit()
        except OSError:
            pass
        self._drop()

    def _drop(self) -> None:
        """Without a word: the other side no longer listens."""
        if self.session is not None:
            self.session.close()
            self.session = None


def _answer(code: int, words: bytes) -> str:
    return f"{code} {words.decode('utf-8', 'replace')}".replace("\n", " ").strip()


def _bytes(words: bytes | str) -> bytes:
    return words if isinstance(words, bytes) else words.encode()


def _words(error: OSError) -> str:
    """The error as a person of the DSI reads it."""
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, _bytes(error.smtp_error))
    return str(error) or type(error).__name__
