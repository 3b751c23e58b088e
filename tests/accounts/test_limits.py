"""Tries are counted by account and by real address, in the database."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts import limits
from accounts.choices import Role
from accounts.limits import SIGN_IN_BY_ACCOUNT, SIGN_IN_BY_ADDRESS, Limit, OnSuccess, TooManyTries
from accounts.models import AttemptCount, Grant, OutgoingEmail, User
from deployment.models import Academy

PASSWORD = "Quatre-Saisons-2024"
SPOOFED = ("x-forwarded-for", "x-real-ip", "forwarded", "x_forwarded_for", "client-ip", "x-client-ip")


@pytest.fixture
def paule(grenoble: Academy) -> User:
    user = User.objects.create_user("paule@ac-grenoble.fr", PASSWORD, first_name="Paule", last_name="Essai")
    Grant.objects.create(user=user, role=Role.STAFF, academy="grenoble")
    return user


def sign_in(client: Client, email: str = "paule@ac-grenoble.fr", password: str = "non", **headers: str) -> Any:
    return client.post(reverse("login"), {"login": email, "password": password}, headers=headers)


# --- by account


def test_the_eleventh_try_is_refused_even_with_the_right_password(client: Client, paule: User) -> None:
    assert [sign_in(client).status_code for _ in range(11)] == [200] * 10 + [429]
    refused = sign_in(client, "  PAULE@ac-grenoble.fr", PASSWORD)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 900
    assert "Recommencez dans 15 minutes" in refused.content.decode()
    assert SESSION_KEY not in client.session


def test_an_unknown_account_is_counted_the_same(client: Client, paule: User) -> None:
    assert [sign_in(client, "inconnue@ac-grenoble.fr").status_code for _ in range(11)] == [200] * 10 + [429]


def test_the_right_password_clears_the_count(client: Client, paule: User) -> None:
    for _ in range(3):
        assert [sign_in(Client()).status_code for _ in range(9)] == [200] * 9
        assert sign_in(Client(), password=PASSWORD).status_code == 302


def test_tries_are_allowed_again_after_the_window(client: Client, paule: User) -> None:
    with time_machine.travel("2026-01-05 08:00:00+00:00", tick=False) as clock:
        for _ in range(11):
            sign_in(client)
        clock.shift(899)
        assert sign_in(client).status_code == 429
        clock.shift(2)
        assert sign_in(client, password=PASSWORD).status_code == 302


# --- by address


@pytest.mark.parametrize("header", [None, *SPOOFED])
def test_a_header_that_the_client_writes_changes_nothing(paule: User, header: str | None) -> None:
    """CVE-2023-44463 and its like: 101 accounts tried from one address that says it is 101."""
    codes = []
    for number in range(101):
        headers = {header: f"203.0.113.{number}"} if header else {}
        codes.append(sign_in(Client(), f"personne{number}@ac-grenoble.fr", **headers).status_code)
    assert codes == [200] * 100 + [429]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "", "192.0.2.9"),
        (0, "198.51.100.1", "192.0.2.9"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "6.6.6.6, 198.51.100.1", "198.51.100.1"),  # the first was written by the client
        (2, "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (1, "", "192.0.2.9"),
        (3, "198.51.100.1", "198.51.100.1"),
        (1, "<script>", "0.0.0.0"),
        (1, "2001:db8:1:2:3::4", "2001:db8:1:2:3::4"),
    ],
)
def test_the_address_is_the_one_our_own_proxies_saw(settings: Any, proxies: int, forwarded: str, expected: str) -> None:
    settings.OPALE_TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.9", HTTP_X_FORWARDED_FOR=forwarded)
    assert limits.client_address(request) == expected


def test_an_ipv6_subscriber_is_counted_once() -> None:
    networks = {
        limits.client_network(RequestFactory().get("/", REMOTE_ADDR=f"2001:db8:1:2::{n:x}")) for n in range(1, 50)
    }
    assert networks == {"2001:db8:1:2::/64"}


def test_signing_in_does_not_clear_the_count_of_an_address(paule: User) -> None:
    """Else whoever has one account could try all the others for ever."""
    for number in range(60):
        sign_in(Client(), f"personne{number}@ac-grenoble.fr")
        assert sign_in(Client(), password=PASSWORD).status_code == 302
    assert AttemptCount.objects.get(key__startswith=SIGN_IN_BY_ADDRESS.name).count == 60


# --- the rest


def test_links_are_limited_and_stay_so(client: Client, paule: User) -> None:
    codes = [client.post(reverse("account_reset_password"), {"email": paule.email}).status_code for _ in range(4)]
    assert codes == [302, 302, 302, 429]
    assert OutgoingEmail.objects.count() == 3


def test_codes_of_the_second_factor_are_limited(client: Client, paule: User) -> None:
    client.force_login(paule)
    codes = [client.post(reverse("mfa_activate_totp"), {"code": "000000"}).status_code for _ in range(11)]
    assert codes == [200] * 10 + [429]


def test_passwords_given_again_are_limited(client: Client, paule: User) -> None:
    client.force_login(paule)
    change = {"oldpassword": "non", "password1": "x", "password2": "x"}
    codes = [client.post(reverse("account_change_password"), change).status_code for _ in range(11)]
    assert codes == [200] * 10 + [429]


def test_no_address_is_kept_in_clear(client: Client, paule: User) -> None:
    sign_in(client)
    assert not [row.key for row in AttemptCount.objects.all() if "paule" in row.key or "127.0.0.1" in row.key]


def test_counts_of_the_past_are_swept(db: None) -> None:
    with time_machine.travel("2026-01-05 08:00:00+00:00", tick=False) as clock:
        limits.spend(SIGN_IN_BY_ACCOUNT, "a")
        clock.shift(1000)
        limits.spend(SIGN_IN_BY_ACCOUNT, "b")
    assert AttemptCount.objects.count() == 1


def test_redis_is_not_asked(client: Client, paule: User, settings: Any) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    assert sign_in(client, password=PASSWORD).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_two_hundred_tries_at_once_spend_the_allowance_once() -> None:
    limit = Limit("parallel", 20, 60, OnSuccess.CLEAR)

    def attempt(_: int) -> bool:
        try:
            limits.spend(limit, "paule")
            return True
        except TooManyTries:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        passed = sum(pool.map(attempt, range(200)))
    assert passed == 20
