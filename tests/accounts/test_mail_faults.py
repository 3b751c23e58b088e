"""Faults of the mail relay, of workers and of the broker, with real ones: every mail arrives, and once.

Short campaigns here; `make chaos` sends 400 mails and repeats (RUNS=50). The figures are in docs/reliability.md.
"""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from accounts import mail
from accounts.choices import MailState
from accounts.models import OutgoingEmail, User
from opale_pilot.celery import app
from opale_pilot.settings import BRIEF
from tests.relay import Received, Relay, private_relay
from tests.services import ServiceMissing, private_redis, wait_until
from tests.workers import clock, worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.service]

LONG = "RUNS" in os.environ
MAILS, DEATHS = (400, 3) if LONG else (40, 1)
repeated = pytest.mark.parametrize("run", range(int(os.environ.get("RUNS", "1"))))
QUICK = {
    "OPALE_MAIL_RATE_COUNT": "100000",
    "OPALE_MAIL_SWEEP_SECONDS": "1",
    "OPALE_MAIL_BACK_OFF_SECONDS": "0.5",
    "OPALE_MAIL_RELAY_REST_SECONDS": "0.5",
}


@pytest.fixture
def relay(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Relay]:
    """The relay of this test, whose workers find it in their environment; a broker of its own, in a folder."""
    before = {name: app.conf[name] for name in ("broker_url", "broker_transport_options")}
    folder = tmp_path / "broker"
    folders = {"data_folder_in": "messages", "data_folder_out": "messages", "control_folder": "control"}
    for name in folders.values():
        (folder / name).mkdir(parents=True, exist_ok=True)
    app.conf.update(
        broker_url="filesystem://", broker_transport_options={key: str(folder / name) for key, name in folders.items()}
    )
    with private_relay() as running:
        for name, value in {**QUICK, "EMAIL_URL": running.url}.items():
            monkeypatch.setenv(name, value)
        yield running
    app.conf.update(**before)


def launch(count: int) -> list[str]:
    """A campaign, queued in one transaction; its recipients."""
    recipients = [f"n{number}@college.test" for number in range(count)]
    with transaction.atomic():
        for number, recipient in enumerate(recipients):
            mail.queue(
                "accounts/emails/trial.html", to=recipient, academy="grenoble", key=f"essai/{number}",
                person="Inès", mails_url="https://opale.test/",
            )  # fmt: skip
    return recipients


def sent() -> int:
    return OutgoingEmail.objects.filter(state=MailState.SENT).count()


def wait_sent(count: int, limit: float = 120) -> None:
    wait_until(lambda: sent() == count, f"{count} mails sent", limit)


@repeated
def test_relay_down_then_up_delivers_each_mail_once(
    relay: Relay, run: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    relay.stop()
    with worker(tmp_path), clock(tmp_path):
        recipients = launch(MAILS)
        wait_until(lambda: "out of order" in (tmp_path / "worker.log").read_text(), "the relay is found down")
        assert sent() == 0
        relay.start()
        back_at = time.monotonic()
        wait_sent(MAILS)
        record_property(f"{MAILS} mails after the return of the relay", time.monotonic() - back_at)
    assert sorted(relay.addresses) == sorted(recipients)


@repeated
def test_worker_killed_after_acceptance_leaves_one_uncertain_mail(
    relay: Relay, run: int, tmp_path: Path, nadia: User
) -> None:
    """kill -9 between the relay's acceptance and our commit: the one instant at which nobody can know."""
    recipients = launch(10)
    with worker(tmp_path, "first") as first:

        def kill_at_the_fifth(_: Received) -> None:
            if len(relay.received) == 5:
                first.kill()

        relay.after_acceptance = kill_at_the_fifth
        wait_until(lambda: first.process.poll() is not None, "the worker died")
    with worker(tmp_path, "second"), clock(tmp_path):
        wait_sent(9)
        uncertain = OutgoingEmail.objects.get(state=MailState.UNCERTAIN)
        assert sorted(relay.addresses) == sorted(recipients)
        mail.send_again(uncertain, by=nadia)
        wait_sent(10)
    again = [taken for taken in relay.received if taken.recipients == [uncertain.to]]
    assert [taken.message_id for taken in again] == [uncertain.message_id] * 2
    assert again[0].content == again[1].content
    assert len(relay.received) == 11


@repeated
def test_worker_killed_anywhere_duplicates_nothing_by_itself(relay: Relay, run: int, tmp_path: Path) -> None:
    """Deaths during one campaign: each leaves at most one mail to a person."""
    recipients = launch(MAILS)
    for death in range(1, 1 + DEATHS):
        with worker(tmp_path, f"mortal{death}") as mortal, clock(tmp_path):
            wait_until(lambda least=death: len(relay.received) >= MAILS * least // 5, "some mails")
            mortal.kill()
    with worker(tmp_path, "last"), clock(tmp_path):
        wait_until(lambda: not OutgoingEmail.objects.filter(state__in=("queued", "sending")).exists(), "the rest", 120)
    assert OutgoingEmail.objects.filter(state=MailState.UNCERTAIN).count() <= DEATHS
    assert len(set(relay.addresses)) == len(relay.addresses)
    assert sent() + OutgoingEmail.objects.filter(state=MailState.UNCERTAIN).count() == len(recipients)


@repeated
def test_mails_of_a_broker_that_is_down_leave_once_it_is_back(
    relay: Relay, run: int, tmp_path: Path, settings: Any
) -> None:
    try:
        with private_redis() as redis:
            app.conf.update(broker_url=redis.url, broker_transport_options={})
            settings.JOB_PUBLISH_OPTIONS = BRIEF
            redis.stop()
            recipients = launch(10)
            redis.start()
            with worker(tmp_path), clock(tmp_path):
                wait_sent(10)
    except ServiceMissing as absent:
        pytest.skip(str(absent))
    assert sorted(relay.addresses) == sorted(recipients)


@repeated
def test_rate_counted_by_the_relay_is_never_above(
    relay: Relay, run: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers together, counted where it matters."""
    allowed, period = 20, 4.0
    monkeypatch.setenv("OPALE_MAIL_RATE_COUNT", str(allowed))
    monkeypatch.setenv("OPALE_MAIL_RATE_SECONDS", str(period))
    monkeypatch.setenv("OPALE_MAIL_SWEEP_SECONDS", "0.3")
    launch(40)
    with worker(tmp_path, "first"), worker(tmp_path, "second"), clock(tmp_path):
        wait_sent(40)
    instants = [taken.at for taken in relay.received]
    assert max(sum(start <= at < start + period for at in instants) for start in instants) <= allowed
