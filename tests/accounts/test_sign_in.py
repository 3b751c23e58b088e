"""Who may come in, and how."""

from typing import Any

import pytest
from django.conf import settings as site_settings
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import Grant, User
from deployment.models import Academy

PASSWORD = "un-mot-de-passe-assez-long"


@pytest.fixture
def person(grenoble: Academy) -> User:
    user = User.objects.create_user("paule@ac-grenoble.fr", PASSWORD, first_name="Paule", last_name="Essai")
    Grant.objects.create(user=user, role=Role.LEAD, academy="grenoble")
    return user


def sign_in(client: Client, email: str, password: str = PASSWORD) -> Any:
    return client.post(reverse("login"), {"login": email, "password": password})


def test_stranger_is_sent_to_the_sign_in_page_and_back(client: Client, grenoble: Academy) -> None:
    answer = client.get("/grenoble/etablissements/?wave=V8")
    assert answer.status_code == 302
    assert answer.url == "/connexion/?next=/grenoble/etablissements/%3Fwave%3DV8"


def test_person_signs_in_whatever_the_case_of_the_address(client: Client, person: User) -> None:
    answer = sign_in(client, "PAULE@ac-Grenoble.fr")
    assert (answer.status_code, answer.url) == (302, "/")
    assert client.session[SESSION_KEY] == str(person.pk)


@pytest.mark.parametrize("email", ["paule@ac-grenoble.fr", "inconnu@ac-grenoble.fr"])
def test_wrong_password_and_unknown_address_get_the_same_sentence(client: Client, person: User, email: str) -> None:
    answer = sign_in(client, email, "mauvais")
    assert "Adresse électronique ou mot de passe incorrect." in answer.content.decode()
    assert SESSION_KEY not in client.session


def test_closed_account_does_not_come_in(client: Client, person: User) -> None:
    User.objects.update(is_active=False)
    sign_in(client, person.email)
    assert SESSION_KEY not in client.session


def test_sign_in_does_not_lead_to_another_site(client: Client, person: User) -> None:
    answer = client.post("/connexion/?next=https://ailleurs.example/", {"login": person.email, "password": PASSWORD})
    assert answer.url == "/"


def test_sign_out_needs_a_post(client: Client, person: User) -> None:
    client.force_login(person)
    assert client.get(reverse("logout")).status_code == 405
    assert client.post(reverse("logout")).url == "/connexion/"
    assert SESSION_KEY not in client.session


def test_invented_persons_are_one_click_away_in_development(client: Client, nadia: User, settings: Any) -> None:
    settings.DEBUG = True
    assert f'value="{nadia.email}"' in client.get(reverse("login")).content.decode()
    answer = client.post(reverse("demonstration_sign_in"), {"email": nadia.email})
    assert (answer.status_code, answer.url) == (302, "/")
    assert client.session[SESSION_KEY] == str(nadia.pk)


def test_invented_persons_do_not_exist_in_production(client: Client, nadia: User) -> None:
    assert site_settings.DEBUG is False
    assert nadia.email not in client.get(reverse("login")).content.decode()
    assert client.post(reverse("demonstration_sign_in"), {"email": nadia.email}).status_code == 404
    assert SESSION_KEY not in client.session


@pytest.mark.parametrize("email", ["paule@ac-grenoble.fr", "", "x"])
def test_real_person_never_comes_in_without_a_password(client: Client, person: User, settings: Any, email: str) -> None:
    settings.DEBUG = True
    assert person.email not in client.get(reverse("login")).content.decode()
    assert client.post(reverse("demonstration_sign_in"), {"email": email}).status_code == 404
    assert SESSION_KEY not in client.session


@pytest.mark.parametrize("name", ["login", "accessibility", "legal_notice", "personal_data"])
def test_public_pages_need_no_account(client: Client, db: None, name: str) -> None:
    answer = client.get(reverse(name))
    assert answer.status_code == 200
    assert "Accessibilité : non conforme" in answer.content.decode()


def test_home_opens_the_first_page_of_the_first_academy(client: Client, person: User) -> None:
    client.force_login(person)
    assert client.get("/").url.startswith("/grenoble/")


def test_home_of_a_person_without_a_role_says_what_to_do(client: Client, db: None) -> None:
    client.force_login(User.objects.create_user("seule@ac-grenoble.fr", first_name="Seule", last_name="Essai"))
    assert "Demandez au responsable" in client.get("/").content.decode()


def test_neutral_theme_shows_nothing_of_the_state(client: Client, db: None, settings: Any) -> None:
    assert "fr-logo" in client.get(reverse("login")).content.decode()
    settings.OPALE_STATE_BRAND = False
    page = client.get(reverse("login")).content.decode()
    assert "fr-logo" not in page
    assert "dsfr/dist/favicon" not in page
    assert "neutral.css" in page
    assert "gouv.fr" not in page


def test_components_page_is_for_development(client: Client, nadia: User, settings: Any) -> None:
    client.force_login(nadia)
    assert client.get(reverse("components")).status_code == 404
    settings.DEBUG = True
    page = client.get(reverse("components")).content.decode()
    assert page.count("Remplacé") == 1
    assert page.count("Correction") == 1


def test_menu_shows_what_the_person_may_open(nadia: User, lise: User, client: Client) -> None:
    client.force_login(nadia)
    assert "Réglages" in client.get("/grenoble/reglages/").content.decode()
    client.force_login(lise)
    refused = client.get("/grenoble/etablissements/")
    assert refused.status_code == 403
    page = refused.content.decode()
    assert "Accès refusé" in page
    assert "/grenoble/etablissements/" not in page
    assert "/grenoble/reglages/" not in page
