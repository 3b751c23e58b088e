"""Sessions: a new key at sign-in and when roles change, the end at suspension."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import AuditEntry, User
from accounts.services import people
from accounts.services.people import Post
from deployment.models import Academy

PASSWORD = "Quatre-Saisons-2024"
Sign = Callable[[User], Client]


@pytest.fixture
def karim(samir: User) -> User:
    samir.set_password(PASSWORD)
    samir.save()
    return samir


def sign_in(client: Client, person: User) -> Any:
    return client.post(reverse("login"), {"login": person.email, "password": PASSWORD})


def test_the_key_changes_at_sign_in(client: Client, karim: User) -> None:
    client.get(reverse("proconnect_leave"))
    session = client.session
    session["planted"] = 1
    session.save()
    client.cookies["sessionid"] = session.session_key
    sign_in(client, karim)
    assert client.session.session_key != session.session_key
    assert not Session.objects.filter(session_key=session.session_key).exists()


def test_sessions_are_in_the_database(client: Client, karim: User) -> None:
    sign_in(client, karim)
    assert Session.objects.filter(session_key=client.session.session_key).exists()


def test_the_key_changes_when_a_role_does(signed: Sign, nadia: User, karim: User) -> None:
    client = signed(karim)
    client.get("/grenoble/etablissements/")
    before = client.session.session_key
    people.give_role(karim, Post(Role.TRAINING, "grenoble"), by=nadia)
    assert client.get("/grenoble/etablissements/").status_code == 200
    after = client.session.session_key
    assert after != before
    assert not Session.objects.filter(session_key=before).exists()
    client.get("/grenoble/etablissements/")
    assert client.session.session_key == after


def test_suspension_ends_every_session_at_once_and_for_good(signed: Sign, nadia: User, karim: User) -> None:
    first, second = signed(karim), signed(karim)
    assert first.get("/grenoble/etablissements/").status_code == 200
    people.suspend(karim, academy="grenoble", by=nadia)
    assert first.get("/grenoble/etablissements/").url.startswith("/connexion/?next=")
    people.reactivate(karim, academy="grenoble", by=nadia)
    for client in (first, second):
        assert client.get("/grenoble/etablissements/").url.startswith("/connexion/?next=")


def test_a_suspended_person_is_told_so_only_with_the_right_password(client: Client, nadia: User, karim: User) -> None:
    people.suspend(karim, academy="grenoble", by=nadia)
    assert sign_in(client, karim).url == reverse("account_inactive")
    wrong = client.post(reverse("login"), {"login": karim.email, "password": "non"})
    assert "incorrect" in wrong.content.decode()
    assert SESSION_KEY not in client.session


def test_signing_out_ends_the_session_on_our_side(client: Client, karim: User) -> None:
    sign_in(client, karim)
    key = client.session.session_key
    client.post(reverse("logout"))
    assert not Session.objects.filter(session_key=key).exists()
    client.cookies["sessionid"] = key
    assert client.get("/grenoble/etablissements/").url.startswith("/connexion/")


def test_signing_in_and_out_are_traced_with_the_address(client: Client, karim: User) -> None:
    sign_in(client, karim)
    client.post(reverse("logout"))
    lines = AuditEntry.objects.order_by("pk").values_list("actor", "target", "origin")
    assert list(lines) == [(karim.pk, "Connexion", "127.0.0.1"), (karim.pk, "Déconnexion", "127.0.0.1")]


@pytest.mark.parametrize("target", ["//evil.example", r"/\evil.example", "https:evil.example", "javascript:alert(1)"])
def test_sign_in_never_leads_elsewhere(client: Client, karim: User, grenoble: Academy, target: str) -> None:
    answer = client.post(reverse("login"), {"login": karim.email, "password": PASSWORD, "next": target})
    assert answer.url == "/"
