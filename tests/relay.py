"""A real SMTP server on loopback that answers what a test tells it to."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.services import free_port


@dataclass(frozen=True)
class Received:
    """One mail that the server accepted."""

    at: float
    sender: str
    recipients: list[str]
    message: EmailMessage
    content: bytes

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])


@dataclass
class Relay:
    """`answers` holds a reply by verb (`MAIL`, `DATA`) or by recipient; DROP cuts the line. The rest is accepted."""

    port: int = field(default_factory=free_port)
    received: list[Received] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    after_acceptance: Callable[[Received], None] = lambda mail: None
    conversations: int = 0
    delay: float = 0
    tls: ssl.SSLContext | None = None
    controller: Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> None:
        options: dict[str, Any] = {"tls_context": self.tls, "require_starttls": True} if self.tls else {}
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=10, **options)
        self.controller.start()

    def stop(self) -> None:
        if self.controller:
            self.controller.stop()
            self.controller = None

    @property
    def addresses(self) -> list[str]:
        """Each recipient of each mail taken."""
        return [recipient for mail in self.received for recipient in mail.recipients]

    # --- what aiosmtpd calls

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, host: str, replies: list[str]
    ) -> list[str]:
        self.conversations += 1
        session.host_name = host
        return replies

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self._answer(server, "MAIL") or "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._answer(server, address)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(self.delay)
        answer = self._answer(server, "DATA")
        if answer:
            return answer
        content = bytes(envelope.original_content or b"")
        message = message_from_bytes(content, policy=default)
        assert isinstance(message, EmailMessage)
        mail = Received(time.monotonic(), envelope.mail_from or "", list(envelope.rcpt_tos), message, content)
        self.received.append(mail)
        self.after_acceptance(mail)
        if self._answer(server, "DONE"):
            return "250 too late to be heard"
        return f"250 taken as {len(self.received)}"

    def _answer(self, server: SMTP, word: str) -> str | None:
        """What the script says once; an answer that begins with `*` is said every time."""
        answer = self.answers.get(word)
        if answer is None:
            return None
        if not answer.startswith("*"):
            del self.answers[word]
        if "DROP" in answer:
            assert server.transport is not None
            server.transport.abort()
        return answer.removeprefix("*")


@contextmanager
def private_relay(**options: Any) -> Iterator[Relay]:
    relay = Relay(**options)
    try:
        relay.start()
        yield relay
    finally:
        relay.stop()
