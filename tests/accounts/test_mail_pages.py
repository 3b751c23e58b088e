"""The page « Envois »: what left, what waits, and what an agent does about it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import emails, mail
from accounts.choices import AuditKind, MailState
from accounts.models import AuditEntry, MailRelay, MailSwitch, OutgoingEmail, User

Signed = Callable[[User], Client]
LIST = "/grenoble/envois/"


def make_mail(key: str = "1", academy: str = "grenoble", **fields: Any) -> OutgoingEmail:
    context = {"person": "Inès", "mails_url": "https://opale.test/", "draft": fields.pop("draft", "")}
    context |= {name: fields.pop(name) for name in ("cc", "person", "secret_link") if name in fields}
    row = mail.queue(
        "accounts/emails/trial.html", to=fields.pop("to", "ines@college.test"), academy=academy, key=key, **context
    )
    assert row
    OutgoingEmail.objects.filter(pk=row.pk).update(**fields)
    row.refresh_from_db()
    return row


def page_of(client: Client, url: str = LIST) -> str:
    return client.get(url).content.decode()


def test_mails_of_the_academy_are_listed(signed: Signed, samir: User) -> None:
    make_mail(to="ines@college.test")
    make_mail(to="autre@lyon.test", academy="lyon")
    page = page_of(signed(samir))
    assert "ines@college.test" in page and "À envoyer : 1" in page
    assert "autre@lyon.test" not in page


def test_list_is_empty_with_words(signed: Signed, samir: User) -> None:
    assert "Aucun message" in page_of(signed(samir))


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same_whatever_its_length(
    signed: Signed, samir: User, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        make_mail(str(number))
    client = signed(samir)
    with django_assert_num_queries(11):
        assert page_of(client).count("ines@college.test") == count


@pytest.mark.parametrize(
    ("asked", "found"),
    [("text=INES", {"ines"}), ("text=hiver", {"marc"}), ("state=failed", {"marc"}), ("batch=Hiver", {"marc"}),
     ("text=nobody", set()), ("state=wrong", {"ines", "marc"})],
)  # fmt: skip
def test_list_is_filtered(signed: Signed, samir: User, asked: str, found: set[str]) -> None:
    make_mail("1", to="ines@college.test")
    make_mail("2", to="marc@college.test", draft="Hiver", state=MailState.FAILED)
    page = page_of(signed(samir), f"{LIST}?{asked}")
    assert {name for name in ("ines", "marc") if f"{name}@college.test" in page} == found


def test_reading_the_list_is_traced_with_what_was_searched(signed: Signed, samir: User) -> None:
    page_of(signed(samir), f"{LIST}?text=ines&state=")
    entry = AuditEntry.objects.get(act="accounts.view_mails")
    assert (entry.actor, entry.kind, entry.target) == (samir, AuditKind.SEEN, "Liste des envois")
    assert entry.details == {"filters": {"text": "ines"}}


def test_strangers_see_nothing(signed: Signed, client: Client, victor: User, lise: User, denis: User) -> None:
    row = make_mail()
    for url in (LIST, f"{LIST}{row.pk}/"):
        assert signed(victor).get(url).status_code == 404
        assert signed(lise).get(url).status_code == 403
        assert signed(denis).get(url).status_code == 403
        assert client.get(url).status_code == 302
    for act in ("nouvel-envoi", "arrivee", "annulation"):
        assert signed(lise).post(f"{LIST}{row.pk}/{act}/").status_code == 403


def test_mail_of_another_academy_is_not_found(signed: Signed, samir: User) -> None:
    foreign = make_mail(academy="lyon")
    client = signed(samir)
    assert client.get(f"{LIST}{foreign.pk}/").status_code == 404
    assert client.post(f"{LIST}{foreign.pk}/annulation/").status_code == 404


def test_mail_is_read_as_its_recipient_reads_it_and_reading_is_traced(signed: Signed, samir: User) -> None:
    hostile = '<img src=x onerror="alert(1)">'
    row = make_mail(person=hostile, cc=["chef@college.test"])
    page = page_of(signed(samir), f"{LIST}{row.pk}/")
    assert "chef@college.test" in page
    assert "Bonjour &lt;img src=x onerror=" in page
    assert hostile not in page
    assert "<h3>Les envois fonctionnent</h3>" in page
    assert AuditEntry.objects.filter(actor=samir, kind="seen", target=f"message {row.pk}").count() == 1


def test_personal_link_is_shown_to_nobody(signed: Signed, samir: User, nadia: User) -> None:
    """An agent who could read it would enter in the place of the person invited."""
    emails.invitation(nadia, by=samir, academy="grenoble", roles=["Responsable SA EPLE"])
    row = OutgoingEmail.objects.get()
    assert row.secret
    token = row.secret.rstrip("/").rpartition("/")[2]
    page = page_of(signed(samir), f"{LIST}{row.pk}/")
    assert token not in page and "lui seul le connaît" in page
    assert token not in page_of(signed(samir))


def test_erased_mail_says_so(signed: Signed, samir: User) -> None:
    row = make_mail(text="", html="", state=MailState.SENT)
    assert "a été effacé" in page_of(signed(samir), f"{LIST}{row.pk}/")


def test_batch_is_read_mail_by_mail_then_sent(signed: Signed, samir: User) -> None:
    rows = [make_mail(str(number), draft="Hiver", to=f"n{number}@college.test") for number in range(3)]
    client = signed(samir)
    middle = page_of(client, f"{LIST}{rows[1].pk}/")
    assert "Précédent : n0@college.test" in middle and "Suivant : n2@college.test" in middle
    page = page_of(client, f"{LIST}?batch=Hiver")
    assert "3 brouillons dans «&nbsp;Hiver&nbsp;»" in page
    sent = client.post(f"{LIST}lot/", {"batch": "Hiver", "expected": "3"}, follow=True)
    assert "3 messages remis à l’envoi." in sent.content.decode()
    assert set(OutgoingEmail.objects.values_list("state", flat=True)) == {MailState.QUEUED}


@pytest.mark.parametrize("posted", [{"batch": "Hiver", "expected": "2"}, {"batch": "Hiver"}, {}])
def test_batch_that_changed_is_not_sent(signed: Signed, samir: User, posted: dict[str, str]) -> None:
    for number in range(3):
        make_mail(str(number), draft="Hiver")
    answer = signed(samir).post(f"{LIST}lot/", posted, follow=True)
    assert "fr-alert--error" in answer.content.decode()
    assert set(OutgoingEmail.objects.values_list("state", flat=True)) == {MailState.DRAFT}


@pytest.mark.parametrize(
    ("before", "act", "after"),
    [("failed", "nouvel-envoi", "queued"), ("uncertain", "nouvel-envoi", "queued"), ("uncertain", "arrivee", "sent"),
     ("draft", "annulation", "cancelled"), ("sent", "annulation", "sent"), ("sent", "nouvel-envoi", "sent")],
)  # fmt: skip
def test_acts(signed: Signed, samir: User, before: str, act: str, after: str) -> None:
    row = make_mail(state=before)
    url = f"{LIST}{row.pk}/{act}/"
    client = signed(samir)
    assert client.get(url).status_code == 405
    assert client.post(url).url == f"{LIST}{row.pk}/"
    row.refresh_from_db()
    assert row.state == after


def test_sending_is_paused_and_resumed(signed: Signed, samir: User) -> None:
    client = signed(samir)
    assert "Envois suspendus" in client.post(f"{LIST}suspension/", follow=True).content.decode()
    assert MailSwitch.objects.get().is_paused
    assert "Envois suspendus" not in client.post(f"{LIST}reprise/", follow=True).content.decode()


def test_relay_out_of_order_is_told(signed: Signed, samir: User) -> None:
    MailRelay.objects.create(pk=MailRelay.ONLY, failures=2, error="Connection refused", retry_at="2024-10-08T10:00:00Z")
    assert "Le relais de messagerie ne répond pas" in page_of(signed(samir))


def test_agent_tries_whether_mails_arrive(signed: Signed, samir: User) -> None:
    signed(samir).post(f"{LIST}essai/")
    assert OutgoingEmail.objects.get().to == samir.email
