"""The postman against a real SMTP server on loopback: what leaves, what waits, what is set aside."""

import ssl
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts import mail, postman
from accounts.choices import MailState
from accounts.links import public_url
from accounts.models import MailRelay, OutgoingEmail, User
from tests.relay import Relay, private_relay

pytestmark = [pytest.mark.django_db, pytest.mark.service]

NOW = datetime.fromisoformat("2024-10-08T10:00:00+02:00")


@pytest.fixture
def clock() -> Iterator[Any]:
    """Time stands still but for `clock.shift(…)`."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def relay(settings: Any) -> Iterator[Relay]:
    with private_relay() as running:
        settings.EMAIL_URL = running.url
        settings.MAIL_RATE_COUNT = 100_000
        settings.MAIL_TIMEOUT_SECONDS = 5
        yield running


def write(number: int = 1, **others: Any) -> OutgoingEmail:
    values: dict[str, Any] = {"academy": "grenoble", "person": "Inès", "mails_url": public_url("/grenoble/envois/")}
    row = mail.queue(
        "accounts/emails/trial.html", **{"to": f"n{number}@college.test", "key": str(number), **values, **others}
    )
    assert row
    return row


def campaign(count: int) -> list[OutgoingEmail]:
    return [write(number) for number in range(1, count + 1)]


def standing(row: OutgoingEmail) -> tuple[str, int]:
    row.refresh_from_db()
    return row.state, row.attempts


def states() -> dict[str, int]:
    found = list(OutgoingEmail.objects.values_list("state", flat=True))
    return {state: found.count(state) for state in sorted(set(found))}


def test_mail_leaves_as_it_was_written(relay: Relay) -> None:
    row = write(
        cc=["copie@college.test"], reply_to="nadia@grenoble.test", secret_link="http://localhost:8000/lien/abc/",
        mails_url="https://lien-personnel.invalid/",
    )  # fmt: skip
    assert postman.deliver(row.pk)
    (taken,) = relay.received
    assert (taken.sender, taken.recipients) == (
        "ne-pas-repondre@localhost", ["n1@college.test", "copie@college.test"],
    )  # fmt: skip
    headers = {name: str(taken.message[name]) for name in ("To", "Cc", "Reply-To", "Subject", "Message-ID")}
    assert headers == {
        "To": "n1@college.test", "Cc": "copie@college.test", "Reply-To": "nadia@grenoble.test",
        "Subject": "Message d’essai d’Op@le Pilot", "Message-ID": row.message_id,
    }  # fmt: skip
    assert str(taken.message["From"]) == '"Op@le Pilot" <ne-pas-repondre@localhost>'
    text, html = taken.message.get_body(("plain",)), taken.message.get_body(("html",))
    assert text and html
    assert "Voir les envois : http://localhost:8000/lien/abc/" in text.get_content()
    assert 'href="http://localhost:8000/lien/abc/"' in html.get_content()
    row.refresh_from_db()
    assert (row.state, row.answer, row.secret) == (MailState.SENT, "250 taken as 1", "")
    assert "abc" not in row.text + row.html


def test_many_mails_leave_by_one_conversation(relay: Relay) -> None:
    campaign(20)
    assert postman.deliver_due() == 20
    assert postman.deliver_due() == 0
    assert sorted(relay.addresses) == sorted(f"n{number}@college.test" for number in range(1, 21))
    assert relay.conversations == 1


def test_same_row_gives_the_same_bytes(relay: Relay) -> None:
    row = write()
    assert postman.compose(row).content == postman.compose(OutgoingEmail.objects.get()).content


def test_relay_down_touches_no_mail_then_all_leave_once(relay: Relay, clock: Any) -> None:
    relay.stop()
    campaign(5)
    rests = []
    for _ in range(9):
        assert postman.deliver_due() == 0
        down = MailRelay.objects.get()
        assert down.retry_at and "refused" in down.error
        rests.append((down.retry_at - timezone.now()).total_seconds())
        clock.move_to(down.retry_at)
    assert rests == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    assert states() == {"queued": 5}
    assert {row.attempts for row in OutgoingEmail.objects.all()} == {0}
    relay.start()
    assert postman.deliver_due() == 5
    assert len(relay.received) == 5
    back = MailRelay.objects.get()
    assert (back.failures, back.error, back.retry_at) == (0, "", None)


def test_resting_relay_is_not_called(relay: Relay, clock: Any) -> None:
    relay.stop()
    write()
    postman.deliver_due()
    relay.start()
    assert postman.deliver_due() == 0
    assert relay.conversations == 0


@pytest.mark.parametrize("word", ["n37@college.test", "DATA"])
@pytest.mark.parametrize("answer", ["421 closing", "450 try later"])
def test_mail_put_off_waits_and_the_others_leave(relay: Relay, clock: Any, word: str, answer: str) -> None:
    rows = campaign(40)
    relay.answers[word] = answer
    assert postman.deliver_due() == 39
    put_off = OutgoingEmail.objects.get(state=MailState.QUEUED)
    assert (put_off.attempts, put_off.not_before) == (1, NOW + timedelta(seconds=30))
    assert answer in put_off.answer
    clock.shift(31)
    assert postman.deliver_due() == 1
    assert sorted(relay.addresses) == sorted(row.to for row in rows)


def test_wait_doubles_up_to_fifteen_minutes_and_ends_after_a_day(relay: Relay, clock: Any) -> None:
    row = write()
    relay.answers[row.to] = "*450 try later"
    waits = []
    while row.state == MailState.QUEUED:
        postman.deliver_due()
        row.refresh_from_db()
        waits.append((row.not_before - timezone.now()).total_seconds())
        clock.move_to(row.not_before + timedelta(seconds=1))
        assert len(waits) < 200
    assert waits[:7] == [30, 60, 120, 240, 480, 900, 900]
    assert "pendant toute une journée" in row.error and "450 try later" in row.error
    assert timezone.now() - NOW < timedelta(days=1, minutes=16)


@pytest.mark.parametrize("word", ["n37@college.test", "DATA"])
def test_mail_refused_for_ever_is_set_aside(relay: Relay, word: str) -> None:
    campaign(40)
    relay.answers[word] = "550 no such user"
    assert postman.deliver_due() == 39
    refused = OutgoingEmail.objects.get(state=MailState.FAILED)
    assert "Le relais a refusé le message : " in refused.error and "550 no such user" in refused.error
    assert postman.deliver_due() == 0


def test_refused_copy_is_told_and_the_mail_leaves(relay: Relay) -> None:
    row = write(cc=["parti@college.test", "copie@college.test"])
    relay.answers["parti@college.test"] = "550 no such user"
    assert postman.deliver(row.pk)
    row.refresh_from_db()
    assert (row.state, row.refused_cc) == (MailState.SENT, "parti@college.test : 550 no such user")
    assert relay.addresses == ["n1@college.test", "copie@college.test"]


@pytest.mark.parametrize("answer", ["550 not from you", "421 come back later"])
def test_refused_sender_is_the_relay_s_trouble_not_the_mails(relay: Relay, clock: Any, answer: str) -> None:
    relay.answers["MAIL"] = f"*{answer}"
    campaign(10)
    assert postman.deliver_due() == 0
    assert answer in MailRelay.objects.get().error
    assert states() == {"queued": 10}


def test_line_cut_before_the_mail_was_handed_over_is_tried_again(relay: Relay, clock: Any) -> None:
    campaign(3)
    relay.answers["n2@college.test"] = "DROP"
    assert postman.deliver_due() == 2
    clock.shift(31)
    assert postman.deliver_due() == 1
    assert sorted(relay.addresses) == ["n1@college.test", "n2@college.test", "n3@college.test"]


@pytest.mark.parametrize("when", ["DATA", "DONE"])
def test_line_cut_after_the_mail_was_handed_over_leaves_it_uncertain(relay: Relay, when: str, nadia: User) -> None:
    """Taken (`DONE`) or not (`DATA`), the two cannot be told apart from here."""
    row = write()
    relay.answers[when] = "DROP"
    assert postman.deliver_due() == 0
    assert standing(row) == (MailState.UNCERTAIN, 1)
    assert postman.deliver_due() == 0
    mail.send_again(row, by=nadia)
    assert postman.deliver_due() == 1
    assert {taken.message_id for taken in relay.received} == {row.message_id}
    assert len(relay.received) == (2 if when == "DONE" else 1)


def test_slow_relay_is_waited_for_then_given_up_as_uncertain(relay: Relay, settings: Any) -> None:
    relay.delay = 0.5
    first = write(1)
    assert postman.deliver_due() == 1
    settings.MAIL_TIMEOUT_SECONDS = 0.2
    second = write(2)
    assert postman.deliver_due() == 0
    assert standing(first) == (MailState.SENT, 1)
    assert standing(second) == (MailState.UNCERTAIN, 1)


def test_interrupted_mail_is_left_to_a_person(relay: Relay) -> None:
    """The row of a postman that died says `SENDING`; another one never sends it by itself."""
    row, other = write(1), write(2)
    OutgoingEmail.objects.filter(pk=row.pk).update(state=MailState.SENDING, attempts=1)
    MailRelay.objects.create(
        pk=MailRelay.ONLY, holder="elsewhere 1 1", fence=1, leased_until=timezone.now() - timedelta(seconds=1)
    )
    assert postman.deliver_due() == 1
    assert standing(row) == (MailState.UNCERTAIN, 1)
    assert standing(other) == (MailState.SENT, 1)
    assert relay.addresses == ["n2@college.test"]


def test_one_postman_at_a_time(relay: Relay) -> None:
    write()
    MailRelay.objects.create(
        pk=MailRelay.ONLY, holder="elsewhere 1 1", fence=1, leased_until=timezone.now() + timedelta(minutes=1)
    )
    assert postman.deliver_due() == 0
    assert relay.received == []


def test_late_knowledge_is_kept(relay: Relay) -> None:
    """The lease ended, another postman marked the mail uncertain, then the first one hears that it was accepted."""
    row = write()

    def take_over(_: Any) -> None:
        OutgoingEmail.objects.update(state=MailState.UNCERTAIN)
        MailRelay.objects.update(fence=7)

    turn = postman._take_turn(OutgoingEmail.objects.all())
    assert turn
    transport = postman.transport()
    taken = turn.next_mail(OutgoingEmail.objects.all(), transport)
    assert taken
    take_over(None)
    turn.carry(taken, transport)
    transport.close()
    assert standing(row) == (MailState.SENT, 1)


def test_paused_academy_waits_and_the_others_leave(relay: Relay, nadia: User) -> None:
    write(1)
    write(2, academy="lyon")
    mail.switch("grenoble", paused=True, by=nadia)
    assert postman.deliver_due() == 1
    assert relay.addresses == ["n2@college.test"]
    mail.switch("grenoble", paused=False, by=nadia)
    assert postman.deliver_due() == 1


def test_mail_that_cannot_be_written_is_set_aside(relay: Relay) -> None:
    broken, good = write(1), write(2)
    OutgoingEmail.objects.filter(pk=broken.pk).update(subject="a\r\nBcc: x@y.test")
    assert postman.deliver_due() == 1
    assert standing(broken)[0] == MailState.FAILED
    assert standing(good)[0] == MailState.SENT
    assert relay.addresses == ["n2@college.test"]


@pytest.mark.parametrize(("allowed", "period"), [(20, 60), (5, 10), (1, 10)])
def test_rate_is_never_above_in_any_period(relay: Relay, settings: Any, clock: Any, allowed: int, period: int) -> None:
    settings.MAIL_RATE_COUNT, settings.MAIL_RATE_SECONDS = allowed, period
    count = allowed * 2 + 3
    campaign(count)
    sent_at: list[float] = []
    ring = period / 24
    while len(sent_at) < count:
        sent_at += [timezone.now().timestamp()] * postman.deliver_due()
        clock.shift(ring)
    worst = max(sum(start <= at < start + period for at in sent_at) for start in sent_at)
    assert worst <= allowed
    assert sent_at[-1] - sent_at[0] < period * count / allowed * 3  # it does go on


def test_folder_receives_mails_in_development(settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_URL = f"file://{tmp_path / 'letters'}"
    row = write()
    assert postman.deliver(row.pk)
    (letter,) = (tmp_path / "letters").iterdir()
    assert row.message_id.encode() in letter.read_bytes()
    assert standing(row) == (MailState.SENT, 1)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that signs itself, and its key."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    subprocess.run(["openssl", *command.split(), "-keyout", key, "-out", cert], check=True, capture_output=True)
    return key, cert


def test_encrypted_relay_is_believed_only_with_a_known_certificate(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    key, cert = certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    clock.move_to(datetime.now(tz=NOW.tzinfo))
    with private_relay(tls=context) as relay:
        settings.EMAIL_URL = f"smtp+tls://localhost:{relay.port}"
        row = write()
        assert postman.deliver_due() == 0
        assert "CERTIFICATE_VERIFY_FAILED" in MailRelay.objects.get().error
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
        MailRelay.objects.update(retry_at=None)
        assert postman.deliver_due() == 1
    assert standing(row) == (MailState.SENT, 1)


def test_nothing_is_said_to_a_relay_without_encryption(relay: Relay, settings: Any) -> None:
    settings.EMAIL_URL = f"smtp+tls://account:password@127.0.0.1:{relay.port}"
    write()
    assert postman.deliver_due() == 0
    assert "STARTTLS" in MailRelay.objects.get().error
    assert relay.received == []
