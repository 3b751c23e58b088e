"""The CNIL's rule, and the ways to choose a password."""

from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import Grant, OutgoingEmail, User
from accounts.passwords import is_strong
from deployment.models import Academy

STRONG = "Quatre-Saisons-2024"


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("Azerty12345!", True),  # 12, four classes
        ("Azerty1234!", False),  # 11
        ("Azerty12345678", True),  # 14, three classes
        ("Azerty1234567", False),  # 13
        ("azertyuiopqsdfghjklm", False),  # one class
        ("azertyuiop1234567890", False),  # two
        ("le chat noir dort sous la vieille table", True),  # eight words
        ("le chat noir dort sous la", False),  # six
        ("chat chat chat chat chat chat chat chat", False),  # one word said eight times
        ("", False),
    ],
)
def test_strength(password: str, expected: bool) -> None:
    assert is_strong(password) is expected


def test_a_weak_password_is_refused_with_the_rule() -> None:
    with pytest.raises(ValidationError, match="au moins 7 mots différents"):
        validate_password("azertyuiopqsdfghjklm")


@pytest.fixture
def paule(grenoble: Academy) -> User:
    user = User.objects.create_user("paule@ac-grenoble.fr", STRONG, first_name="Paule", last_name="Essai")
    Grant.objects.create(user=user, role=Role.STAFF, academy="grenoble")
    return user


def ask_link(client: Client, email: str, **headers: str) -> Any:
    return client.post(reverse("account_reset_password"), {"email": email}, headers=headers)


def test_the_link_is_built_from_our_own_address_whatever_the_request_says(client: Client, paule: User) -> None:
    assert ask_link(client, "PAULE@ac-grenoble.fr", host="localhost", x_forwarded_host="pirate.example").url
    mail = OutgoingEmail.objects.get()
    assert mail.to == "paule@ac-grenoble.fr"
    assert mail.secret.startswith("http://localhost:8000/mot-de-passe/")
    assert "pirate" not in mail.secret + mail.html


def test_a_foreign_host_is_refused(client: Client, paule: User) -> None:
    assert ask_link(client, paule.email, host="pirate.example").status_code == 400
    assert not OutgoingEmail.objects.exists()


def test_unknown_suspended_and_known_addresses_get_the_same_answer(client: Client, paule: User) -> None:
    User.objects.create_user("partie@ac-grenoble.fr", first_name="P", last_name="S", is_active=False)
    answers = {ask_link(client, f"{who}@ac-grenoble.fr").url for who in ("paule", "inconnue", "partie")}
    assert answers == {reverse("account_reset_password_done")}
    assert [mail.to for mail in OutgoingEmail.objects.all()] == [paule.email]


def test_the_link_lets_choose_a_password_once(client: Client, paule: User) -> None:
    ask_link(client, paule.email)
    link = OutgoingEmail.objects.get().secret.removeprefix("http://localhost:8000")
    page = client.get(link, follow=True)
    url = page.redirect_chain[-1][0]
    assert "set-password" in url
    weak = client.post(url, {"password1": "chocolat", "password2": "chocolat"}).content.decode()
    assert "trop facile à deviner" in weak
    different = client.post(url, {"password1": STRONG + "!", "password2": STRONG}).content.decode()
    assert "Les deux saisies diffèrent" in different
    assert client.post(url, {"password1": STRONG + "!", "password2": STRONG + "!"}).url == "/"
    assert client.session[SESSION_KEY] == str(paule.pk)
    assert "Ce lien ne sert plus" in Client().get(link, follow=True).content.decode()


def test_a_changed_password_ends_the_other_sessions(client: Client, paule: User) -> None:
    elsewhere = Client()
    for browser in (client, elsewhere):
        browser.post(reverse("login"), {"login": paule.email, "password": STRONG})
    change = {"oldpassword": STRONG, "password1": STRONG + "!", "password2": STRONG + "!"}
    assert client.post(reverse("account_change_password"), change).url == "/compte/"
    assert client.get("/compte/").status_code == 200
    assert elsewhere.get("/compte/").url.startswith("/connexion/")


def test_the_old_password_is_checked(client: Client, paule: User) -> None:
    client.force_login(paule)
    change = {"oldpassword": "non", "password1": STRONG + "!", "password2": STRONG + "!"}
    assert (
        "n’est pas votre mot de passe actuel"
        in client.post(reverse("account_change_password"), change).content.decode()
    )


def test_who_has_no_password_is_led_to_the_link(client: Client, samir: User) -> None:
    client.force_login(samir)
    assert client.get(reverse("account_change_password")).url == reverse("account_reset_password")
    assert "recevoir le lien" in client.get("/compte/").content.decode()


def test_there_is_no_sign_up(client: Client, db: None) -> None:
    for path in ("/inscription/", "/connexion/signup/", "/accounts/signup/", "/signup/"):
        assert client.get(path).status_code in (302, 404)
