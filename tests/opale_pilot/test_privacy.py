"""Personal data: every field is declared, one person can be told and erased, and what is left names nobody."""

import json
from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from accounts import append_only, audit, emails, mail
from accounts.choices import MailState
from accounts.models import AuditEntry, FederatedIdentity, Grant, OutgoingEmail, User
from accounts.rights import MANAGE_PEOPLE
from accounts.words import normalise
from deployment.choices import Function
from deployment.models import Academy, Establishment, PostHolding, WaveMove
from opale_pilot.privacy import people
from opale_pilot.privacy.identity import Identity
from opale_pilot.privacy.register import ERASURES, Entry, columns, entries
from tests.factories import appoint, make_establishment, place

Signed = Callable[[User], Client]
ENTRIES = {entry.table: entry for entry in entries()}


# --- privacy.toml


def test_every_table_is_declared() -> None:
    assert {model._meta.label for model in apps.get_models()} == set(ENTRIES)


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_every_field_is_declared_once(entry: Entry) -> None:
    declared = [*entry.plain, *entry.fields]
    assert sorted(declared) == sorted(columns(entry.model))
    assert set(entry.hidden) <= set(entry.fields)


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_every_rule_exists(entry: Entry) -> None:
    assert entry.erasure in ERASURES
    assert set(entry.fields.values()) <= set(people.RULES)
    assert bool(entry.fields) == bool(entry.about) == bool(entry.data)
    links = {name for name in entry.about if name not in ("self", "words", "session")}
    assert all(entry.model._meta.get_field(name).related_model is User for name in links)


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_every_link_to_a_person_is_followed(entry: Entry) -> None:
    links = {field.name for field in entry.model._meta.fields if field.related_model is User}
    assert links <= set(entry.about)


def test_page_says_what_the_file_says(client: Client, db: None) -> None:
    page = client.get("/donnees-personnelles/").content.decode()
    assert "Contenu des messages envoyés : 62 jours." in page
    assert "Se connecter, et savoir qui a pris quelle décision : nom, prénom, adresse électronique" in page


# --- recognising a person

ZOE = Identity(7, "zephyrine.canari@academie.test", ("Zéphyrine-Chloé CANARI d’Œuf",), "7")


@pytest.mark.parametrize(
    "words",
    ["écrire à Zephyrine.Canari@academie.test.", "Mme zephyrine chloe canari d’oeuf", "CANARI d’ŒUF Zéphyrine-Chloé,",
     {"a": [{"b": "ZÉPHYRINE-CHLOÉ CANARI D'ŒUF"}]}],
)  # fmt: skip
def test_person_is_recognised_and_redacted(words: Any) -> None:
    assert ZOE.is_named_in(words)
    assert not ZOE.is_named_in(ZOE.redact(words))


@pytest.mark.parametrize("words", ["Zéphyrine-Chloé", "canari", "", None, 7, "zephyrine.canari@academie.testament"])
def test_others_are_left_alone(words: Any) -> None:
    assert not ZOE.is_named_in(words)
    assert ZOE.redact(words) == words


def test_the_rest_of_a_sentence_stays() -> None:
    redacted = ZOE.redact("Invitation de Zéphyrine-Chloé CANARI d’Œuf (zephyrine.canari@academie.test) : V8")
    assert redacted == "Invitation de Personne effacée (anonyme-7@invalid) : V8"


# --- one person everywhere


@pytest.fixture
def canary(grenoble: Academy, nadia: User, signed: Signed) -> User:
    """A person who left a mark wherever the product lets one."""
    person = User.objects.create_user(
        "zephyrine.canari@academie.test", first_name="Zéphyrine-Chloé", last_name="CANARI-Quétzal"
    )
    Grant.objects.create(user=person, role="staff", academy="grenoble")
    FederatedIdentity.objects.create(user=person, issuer="https://pc.test", subject="zephyrine.canari@academie.test")
    signed(person).get("/grenoble/etablissements/")
    with transaction.atomic():
        emails.invitation(person, by=nadia, academy="grenoble", roles=["Agent SA EPLE"])
        emails.role_given(nadia, by=person, academy="grenoble", roles=["Responsable"])
        copied = mail.queue(
            "accounts/emails/trial.html", to="ines@college.test", cc=[person.email], academy="grenoble", key="copie",
            person="Inès", mails_url="https://opale.test/",
        )  # fmt: skip
        assert copied
    audit.record(
        nadia, MANAGE_PEOPLE, f"Invitation de {person}", academy="grenoble", person=str(person), also=[person.email]
    )
    audit.record(person, MANAGE_PEOPLE, "Autre chose", academy="grenoble")
    return person


def naming(*words: str) -> list[str]:
    """Each column of each table of the database, whatever the models say, that holds one of these words."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                found += [f"{table}.{name}" for name, value in zip(names, row, strict=True) if _holds(value, words)]
    return found


def _holds(value: Any, words: tuple[str, ...]) -> bool:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    readable = normalise(text.encode().decode("unicode-escape", "replace") if "\\u" in text else text)
    return any(normalise(word) in readable for word in words)


def counts() -> dict[str, int]:
    kept = (entry.model for entry in ENTRIES.values() if entry.erasure != "delete")
    return {model._meta.label: model._default_manager.count() for model in kept}


MARKS = ("zephyrine", "quétzal")


def test_erased_person_is_nowhere_and_counts_stay(canary: User, nadia: User) -> None:
    place(make_establishment(Academy.objects.get()), "V8", on=date(2024, 1, 1))
    marked, before = naming(*MARKS), counts()
    assert {"accounts_user.email", "accounts_auditentry.target", "accounts_outgoingemail.to"} <= set(marked)
    assert people.erase(Identity.of(canary)) == []
    assert naming(*MARKS) == []
    after = counts()
    assert after.pop("accounts.AuditEntry") == before.pop("accounts.AuditEntry") + 1
    assert after == before
    canary.refresh_from_db()
    assert (str(canary), canary.email, canary.is_active) == (
        "Personne effacée", f"anonyme-{canary.pk}@invalid", False,
    )  # fmt: skip
    assert AuditEntry.objects.filter(actor=canary).exists()  # their acts stay theirs, under no name
    assert not Session.objects.exists()
    assert set(OutgoingEmail.objects.values_list("state", flat=True)) == {MailState.CANCELLED}
    assert nadia.email == User.objects.get(pk=nadia.pk).email


def test_erasing_again_changes_nothing(canary: User) -> None:
    people.erase(Identity.of(canary))
    canary.refresh_from_db()
    before = {**User.objects.values().get(pk=canary.pk), "password": ""}
    people.erase(Identity.of(canary))
    assert {**User.objects.values().get(pk=canary.pk), "password": ""} == before


def test_free_text_and_files_that_still_name_the_person_are_told(canary: User, settings: Any) -> None:
    place(make_establishment(Academy.objects.get()), "V8", reason="Demande de Zéphyrine-Chloé Canari-Quétzal")
    folder = Path(settings.MEDIA_ROOT) / "imports"
    folder.mkdir(parents=True)
    (folder / "liste.csv").write_text("nom;adresse\nx;zephyrine.canari@academie.test\n")
    left = people.erase(Identity.of(canary))
    assert left == [f"deployment.WaveMove {WaveMove.objects.get().pk}", str(folder / "liste.csv")]


def test_export_holds_what_erasure_would_touch(canary: User) -> None:
    told = people.export(Identity.of(canary))
    assert {"accounts.User", "accounts.Grant", "accounts.FederatedIdentity", "accounts.AuditEntry",
            "accounts.OutgoingEmail"} <= set(told["tables"])  # fmt: skip
    (account,) = told["tables"]["accounts.User"]
    assert account["email"] == canary.email
    whole = json.dumps(told, ensure_ascii=False)
    assert canary.password not in whole
    assert len(told["tables"]["accounts.OutgoingEmail"]) == 3
    assert "secret" not in told["tables"]["accounts.OutgoingEmail"][0]


def test_commands(canary: User) -> None:
    told, erased = StringIO(), StringIO()
    call_command("export", "Zephyrine.Canari@academie.test", stdout=told)
    assert json.loads(told.getvalue())["person"] == "Zéphyrine-Chloé CANARI-Quétzal"
    call_command("erase", canary.email, stdout=erased)
    assert f"le compte n° {canary.pk} est anonyme" in erased.getvalue()
    for command in ("erase", "export"):
        with pytest.raises(CommandError, match="Rien n’est conservé sous l’adresse"):
            call_command(command, "nobody@academie.test")
    traces = AuditEntry.objects.filter(act="accounts.handle_personal_data").values_list("target", flat=True)
    assert sorted(traces) == [f"effacement · personne {canary.pk}", f"export · personne {canary.pk}"]


# --- a person without account: nearly everyone, since establishments answer by a link


@pytest.fixture
def head(grenoble: Academy, nadia: User) -> Establishment:
    """A collège whose head left a mark in the registers, the mails and the trail; another head bears her name."""
    college, other = make_establishment(grenoble, email="ce.college@academie.test"), make_establishment(grenoble)
    appoint(college, Function.HEAD, "Zéphyrine Canari Quétzal", "z.quetzal@academie.test")
    appoint(other, Function.HEAD, "Zéphyrine Canari Quétzal", "zephyrine2@academie.test")
    with transaction.atomic():
        mail.queue(
            "accounts/emails/trial.html", to="z.quetzal@academie.test", academy="grenoble", key="tete",
            person="Zéphyrine Canari Quétzal", mails_url="https://opale.test/",
        )  # fmt: skip
    audit.record(nadia, MANAGE_PEOPLE, "Appel de Canari Quétzal Zéphyrine", academy="grenoble")
    return college


def test_who_has_no_account_is_told(head: Establishment) -> None:
    told = StringIO()
    call_command("export", "Z.Quetzal@academie.test", stdout=told)
    export = json.loads(told.getvalue())
    assert export["person"] == "Zéphyrine Canari Quétzal"
    assert set(export["tables"]) == {"deployment.PostHolding", "accounts.OutgoingEmail", "accounts.AuditEntry"}
    assert [row["email"] for row in export["tables"]["deployment.PostHolding"]] == ["z.quetzal@academie.test"]


def test_who_has_no_account_is_erased_and_a_homonym_is_left_to_a_human(head: Establishment) -> None:
    before, erased = counts(), StringIO()
    call_command("erase", "z.quetzal@academie.test", stdout=erased)
    own, homonym = PostHolding.objects.order_by("pk")
    assert own.name == "Personne effacée"
    assert own.email.startswith("anonyme-") and own.email.endswith("@invalid")
    assert (homonym.name, homonym.email) == ("Zéphyrine Canari Quétzal", "zephyrine2@academie.test")
    assert naming("quetzal") == ["deployment_postholding.name"]
    assert f"deployment.PostHolding {homonym.pk}" in erased.getvalue()
    after = counts()
    assert after.pop("accounts.AuditEntry") == before.pop("accounts.AuditEntry") + 1
    assert after == before
    with pytest.raises(CommandError, match="Rien n’est conservé"):
        call_command("export", "z.quetzal@academie.test")


def test_the_mailbox_of_an_establishment_is_nobody(head: Establishment) -> None:
    for command in ("erase", "export"):
        with pytest.raises(CommandError, match="est l’adresse d’un établissement"):
            call_command(command, "ce.college@academie.test")


# --- the lock of the trail


def is_locked() -> bool:
    try:
        with transaction.atomic():
            AuditEntry.objects.all()._raw_delete("default")
    except DatabaseError as error:
        return "append-only" in str(error)
    return False


@pytest.mark.django_db(transaction=True)
def test_lock_is_back_whatever_happens() -> None:
    audit.record(None, MANAGE_PEOPLE, "Essai", academy="grenoble")
    table = AuditEntry._meta.db_table
    with append_only.unlocked(table):
        AuditEntry.objects.update(target="Changé")
    assert is_locked()
    with pytest.raises(RuntimeError), append_only.unlocked(table):
        AuditEntry.objects.all()._raw_delete("default")
        raise RuntimeError
    assert is_locked()
    with pytest.raises(DatabaseError), append_only.unlocked(table), connection.cursor() as cursor:
        cursor.execute("SELECT nothing")
    assert is_locked()
    assert AuditEntry.objects.get().target == "Changé"
