"""The second factor: who must have one, how it is enrolled, what it opens and when it no longer does."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import AuditEntry, Grant, OutgoingEmail, User
from deployment.models import Academy
from tests.factories import make_person

PASSWORD = "Quatre-Saisons-2024"
Sign = Callable[[User], Client]


@pytest.fixture
def paule(grenoble: Academy) -> User:
    user = User.objects.create_user("paule@ac-grenoble.fr", PASSWORD, first_name="Paule", last_name="Essai")
    Grant.objects.create(user=user, role=Role.LEAD, academy="grenoble")
    return user


def sign_in(client: Client, person: User) -> Any:
    return client.post(reverse("login"), {"login": person.email, "password": PASSWORD})


def code_for(secret: str, *, period: int = 0) -> str:
    """What the telephone shows now, or `period` periods later."""
    now = list(yield_hotp_counters_from_time())[1]
    return format_hotp_value(hotp_value(secret, now + period))


def enrol(client: Client) -> str:
    """Read the key on the page and give its code; returns the key."""
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.search(r'id="totp-key">(\w+)<', page).group(1)  # type: ignore[union-attr]
    client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)})
    return secret


@pytest.mark.parametrize("role", list(Role))
def test_the_second_factor_is_compulsory_for_four_roles(grenoble: Academy, role: Role) -> None:
    person = make_person("Jo", role, grenoble)
    client = Client()
    client.force_login(person)
    sent_to_enrol = client.get("/grenoble/").headers.get("Location", "").startswith("/compte/application/")
    assert sent_to_enrol is (role in {Role.LEAD, Role.HR, Role.DSI, Role.AUDITOR})


def test_nothing_opens_before_enrolling(client: Client, paule: User) -> None:
    sign_in(client, paule)
    for url in ("/", "/grenoble/etablissements/", "/compte/", "/compte/mot-de-passe/", "/grenoble/personnes/"):
        assert client.get(url).url.startswith("/compte/application/?next=%2F")
    assert client.post("/grenoble/personnes/invitation/").url.startswith("/compte/application/")
    assert client.get(reverse("accessibility")).status_code == 200


def test_enrolling_opens_the_site_and_gives_recovery_codes(
    client: Client, paule: User, django_capture_on_commit_callbacks: Any
) -> None:
    sign_in(client, paule)
    with django_capture_on_commit_callbacks(execute=True):
        enrol(client)
    assert client.get("/grenoble/personnes/").status_code == 200
    page = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert len(re.findall(r"<code>\d{8}</code>", page)) == 10
    assert AuditEntry.objects.filter(actor=paule, target="Second facteur activé").exists()


def test_the_person_is_told_by_mail(client: Client, paule: User, django_capture_on_commit_callbacks: Any) -> None:
    sign_in(client, paule)
    with django_capture_on_commit_callbacks(execute=True):
        enrol(client)
    mail = OutgoingEmail.objects.get()
    assert (mail.to, mail.subject) == (paule.email, "Second facteur activé sur votre compte Op@le Pilot")


def test_the_picture_is_data_and_the_secret_is_not_in_clear(client: Client, paule: User) -> None:
    sign_in(client, paule)
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    assert 'src="data:image/svg+xml;base64,' in page
    secret = enrol(client)
    assert secret not in str(Authenticator.objects.get(type="totp").data)


def test_a_code_is_asked_at_sign_in(client: Client, paule: User) -> None:
    sign_in(client, paule)
    secret = enrol(client)
    other = Client()
    assert sign_in(other, paule).url == reverse("mfa_authenticate")
    assert SESSION_KEY not in other.session
    assert "n’est pas le bon" in other.post(reverse("mfa_authenticate"), {"code": "000000"}).content.decode()
    assert other.post(reverse("mfa_authenticate"), {"code": code_for(secret)}).url == "/"
    assert other.get("/grenoble/personnes/").status_code == 200


def test_a_code_serves_once(client: Client, paule: User) -> None:
    sign_in(client, paule)
    secret = enrol(client)
    code = code_for(secret, period=1)
    first, second = Client(), Client()
    for browser in (first, second):
        cache.clear()  # allauth remembers the code in the memory of one process; this is another one
        sign_in(browser, paule)
        browser.post(reverse("mfa_authenticate"), {"code": code})
    assert SESSION_KEY in first.session
    assert SESSION_KEY not in second.session


def test_codes_at_sign_in_are_limited_whoever_starts_again(client: Client, paule: User) -> None:
    sign_in(client, paule)
    secret = enrol(client)
    for _ in range(10):
        browser = Client()
        sign_in(browser, paule)
        assert browser.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert browser.post(reverse("mfa_authenticate"), {"code": code_for(secret)}).status_code == 429


def test_a_recovery_code_serves_once(client: Client, paule: User) -> None:
    sign_in(client, paule)
    enrol(client)
    page = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    code = re.findall(r"<code>(\d{8})</code>", page)[3]
    for browser, expected in ((Client(), True), (Client(), False)):
        sign_in(browser, paule)
        browser.post(reverse("mfa_authenticate"), {"code": code})
        assert (SESSION_KEY in browser.session) is expected


def test_changing_of_telephone_demands_a_new_one_at_once(client: Client, paule: User) -> None:
    sign_in(client, paule)
    enrol(client)
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.exists()
    assert client.get("/grenoble/").url.startswith("/compte/application/")


def test_a_session_older_than_the_role_gives_a_code(client: Client, paule: User) -> None:
    """Enrolled, but this session entered without a code: a page asks for one."""
    sign_in(client, paule)
    enrol(client)
    session = client.session
    session["account_authentication_methods"] = session["account_authentication_methods"][:1]
    session.save()
    assert client.get("/grenoble/").url == "/compte/confirmation/code/?next=%2Fgrenoble%2F"


def test_what_protects_the_account_asks_who_is_there(client: Client, paule: User) -> None:
    with time_machine.travel("2026-01-05 08:00:00+00:00", tick=False) as clock:
        sign_in(client, paule)
        enrol(client)
        clock.shift(660)
        assert client.get(reverse("mfa_view_recovery_codes")).url.startswith("/compte/confirmation/")
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        assert client.get(reverse("mfa_view_recovery_codes")).status_code == 200


def test_invented_persons_are_spared_in_development_only(nadia: User, settings: Any) -> None:
    client = Client()
    client.force_login(nadia)
    assert client.get("/grenoble/").status_code == 302
    settings.DEBUG = True
    assert client.get("/grenoble/").status_code == 200
    User.objects.filter(pk=nadia.pk).update(email="nadia@ac-grenoble.fr")
    assert client.get("/grenoble/").status_code == 302
