"""Writing mails: rows first, once, in the transaction of the act they tell of; what agents do with them."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.transaction import TransactionManagementError

from accounts import mail
from accounts.choices import MailState
from accounts.links import public_url
from accounts.mail import MailActRefused
from accounts.mail_markup import SECRET_MARK
from accounts.models import AuditEntry, OutgoingEmail, User

pytestmark = pytest.mark.django_db

TRIAL = "accounts/emails/trial.html"


def write(key: str = "essai", *, to: str = "ines@college.test", **others: Any) -> OutgoingEmail | None:
    values: dict[str, Any] = {"academy": "grenoble", "person": "Inès", "mails_url": public_url("/grenoble/envois/")}
    return mail.queue(TRIAL, to=to, key=key, **{**values, **others})


def written(key: str = "essai", **others: Any) -> OutgoingEmail:
    row = write(key, **others)
    assert row
    return row


def state(row: OutgoingEmail) -> str:
    row.refresh_from_db()
    return row.state


# --- queue


def test_mail_is_frozen_as_it_will_leave() -> None:
    row = written(cc=["chef@college.test", "ines@college.test", "chef@college.test"], reply_to="nadia@grenoble.test")
    assert (row.to, row.copies, row.reply_to) == ("ines@college.test", ["chef@college.test"], "nadia@grenoble.test")
    assert row.subject == "Message d’essai d’Op@le Pilot"
    assert "Bonjour Inès," in row.text
    assert "Voir les envois : http://localhost:8000/grenoble/envois/" in row.text
    assert row.state == MailState.QUEUED


def test_same_key_is_queued_once() -> None:
    assert write("relance-12")
    assert write("relance-12", to="autre@college.test") is None
    assert write("relance-12", academy="lyon")
    assert OutgoingEmail.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_mail_is_written_inside_a_transaction_only() -> None:
    with pytest.raises(TransactionManagementError):
        write()


@pytest.mark.django_db(transaction=True)
def test_abandoned_act_sends_nothing() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        write()
        raise RuntimeError
    assert not OutgoingEmail.objects.exists()


def test_one_worker_is_woken_for_many_mails(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        for number in range(5):
            write(str(number))
    assert callbacks == [mail._wake]


def test_rolled_back_part_does_not_take_the_wake_with_it(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        with pytest.raises(RuntimeError), transaction.atomic():
            write("1")
            raise RuntimeError
        write("2")
    assert callbacks == [mail._wake]


@pytest.mark.parametrize(
    "address",
    ["", "ines", "ines@", "Inès <ines@college.test>", "a@college.test, b@college.test", "a@b.test\r\nBcc: c@d.test"],
)
def test_bad_address_sets_this_mail_aside(address: str) -> None:
    aside = written("1", to=address)
    assert (aside.state, "n’est pas une adresse électronique valide" in aside.error) == (MailState.FAILED, True)
    assert written("2").state == MailState.QUEUED


@pytest.mark.parametrize("wrong", [{"cc": ["ok@college.test", "ok@b.test\nx@y.test"]}, {"reply_to": "nadia"}])
def test_bad_copy_sets_the_mail_aside(wrong: dict[str, Any]) -> None:
    row = written(**wrong)
    assert row.state == MailState.FAILED
    with pytest.raises(MailActRefused, match="adresse électronique valide"):
        mail.send_again(row, by=User())


def test_domain_is_written_in_ascii() -> None:
    assert written(to="ines@académie.test").to == "ines@xn--acadmie-eya.test"


def test_personal_link_is_kept_apart() -> None:
    row = written(secret_link="https://opale.test/secret-token/", mails_url=SECRET_MARK)
    assert row.secret == "https://opale.test/secret-token/"
    assert "secret-token" not in row.text + row.html


@pytest.mark.parametrize("path", ["//evil.example/", "grenoble/", "https://evil.example/"])
def test_links_are_ours(path: str) -> None:
    with pytest.raises(ValueError, match="not a path of this site"):
        public_url(path)


def in_threads(count: int, act: Callable[[int], Any]) -> list[Any]:
    """What each of `count` threads answered, all let go at once."""
    answers: list[Any] = []
    gate = threading.Barrier(count)

    def run(number: int) -> None:
        try:
            gate.wait()
            answers.append(act(number))
        except DatabaseError as error:
            answers.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_campaign_launched_ten_times_at_once_is_launched_once() -> None:
    def launch(_: int) -> int:
        with transaction.atomic():
            return sum(write(f"campagne/{number}") is not None for number in range(20))

    assert sorted(in_threads(10, launch)) == [0] * 9 + [20]
    assert OutgoingEmail.objects.count() == 20


# --- what agents do


def test_drafts_wait_until_they_are_released(nadia: User, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        rows = [written(str(number), draft="Invitations") for number in range(3)]
        bad = written("4", draft="Invitations", to="nobody")
    assert callbacks == []
    assert {state(row) for row in rows} == {MailState.DRAFT}
    with django_capture_on_commit_callbacks() as callbacks:
        assert mail.release(OutgoingEmail.objects.filter(batch="Invitations"), by=nadia) == 3
    assert callbacks == [mail._wake]
    assert {state(row) for row in rows} == {MailState.QUEUED}
    assert state(bad) == MailState.FAILED
    assert mail.release(OutgoingEmail.objects.filter(batch="Invitations"), by=nadia) == 0
    entry = AuditEntry.objects.get(act="accounts.send_mails")
    assert (entry.target, entry.details, entry.actor) == ("envoi · Invitations", {"number": 3}, nadia)


ACTS = {
    "cancel": (mail.cancel, {MailState.DRAFT, MailState.QUEUED, MailState.FAILED}, MailState.CANCELLED),
    "again": (mail.send_again, {MailState.FAILED, MailState.UNCERTAIN}, MailState.QUEUED),
    "sent": (mail.mark_sent, {MailState.UNCERTAIN}, MailState.SENT),
}


@pytest.mark.parametrize("before", MailState)
@pytest.mark.parametrize("act", ACTS)
def test_acts_are_allowed_in_their_states_only(act: str, before: MailState, nadia: User) -> None:
    do, allowed, after = ACTS[act]
    row = written()
    OutgoingEmail.objects.update(state=before, attempts=2, error="Essai")
    if before not in allowed:
        with pytest.raises(MailActRefused, match="Ce message est dans l’état"):
            do(row, by=nadia)
        assert state(row) == before
        return
    do(row, by=nadia)
    assert state(row) == after
    assert AuditEntry.objects.filter(act="accounts.send_mails", details={"mail": row.pk}, actor=nadia).count() == 1


def test_mail_sent_again_keeps_its_message_id(nadia: User) -> None:
    row = written()
    before = row.message_id
    OutgoingEmail.objects.update(state=MailState.UNCERTAIN)
    mail.send_again(row, by=nadia)
    row.refresh_from_db()
    assert (row.message_id, row.attempts, row.error) == (before, 0, "")


@pytest.mark.parametrize("erased", [{"text": "", "html": ""}, {"secret": ""}])
def test_mail_whose_words_are_gone_is_not_sent_again(erased: dict[str, str], nadia: User) -> None:
    row = written(secret_link="https://opale.test/secret-token/", mails_url=SECRET_MARK)
    OutgoingEmail.objects.update(state=MailState.FAILED, **erased)
    row.refresh_from_db()
    with pytest.raises(MailActRefused, match="a été effacé"):
        mail.send_again(row, by=nadia)


def test_trail_names_nobody(nadia: User) -> None:
    row = written()
    mail.cancel(row, by=nadia)
    assert AuditEntry.objects.get().target == f"annulation · message {row.pk}"


def test_pause_is_one_academy_s(nadia: User) -> None:
    mail.switch("grenoble", paused=True, by=nadia)
    assert mail.is_paused("grenoble") and not mail.is_paused("lyon")
    mail.switch("grenoble", paused=False, by=nadia)
    assert not mail.is_paused("grenoble")
    assert AuditEntry.objects.filter(act="accounts.send_mails").count() == 2
