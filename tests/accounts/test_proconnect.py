"""ProConnect against a real OpenID Connect server on loopback (tests/oidc_provider.py)."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import AuditEntry, FederatedIdentity, User
from accounts.services import people
from deployment.models import Academy
from tests.factories import make_person
from tests.proconnect import declare, order
from tests.services import START_LIMIT

WEAK, STRONG = "eidas1", "eidas1-mfa"


@pytest.fixture
def provider(proconnect: str) -> Iterator[str]:
    yield proconnect
    order(proconnect, "")


def identify(leaving: Any, subject: str) -> str:
    """What the person does at ProConnect; returns the path they are sent back to."""
    answer = requests.post(leaving.url, data={"sub": subject}, allow_redirects=False, timeout=START_LIMIT)
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def come(client: Client, subject: str, *, next_url: str = "") -> Any:
    """The whole way, as many times as we ask ProConnect again."""
    answer = client.get(reverse("proconnect_leave"), {"next": next_url} if next_url else {})
    while answer.status_code == 302 and answer.url.startswith("http://localhost"):
        answer = client.get(identify(answer, subject))
    return answer


@pytest.fixture
def samir_at_proconnect(provider: str, samir: User) -> str:
    declare(provider, "sub-samir", samir.email.upper(), acr=WEAK)
    return "sub-samir"


def test_the_button_is_there_when_configured(client: Client, db: None, provider: str, settings: Any) -> None:
    assert reverse("proconnect_leave") in client.get(reverse("login")).content.decode()
    settings.PROCONNECT_CLIENT_ID = ""
    assert reverse("proconnect_leave") not in client.get(reverse("login")).content.decode()
    for name in ("proconnect_leave", "proconnect_return"):
        assert client.get(reverse(name)).status_code == 404


def test_what_is_asked(client: Client, db: None, provider: str) -> None:
    asked = parse_qs(urlsplit(client.get(reverse("proconnect_leave")).url).query)
    assert asked["redirect_uri"] == ["http://localhost:8000/connexion/proconnect/retour/"]
    assert len(asked["state"][0]) >= 32 and len(asked["nonce"][0]) >= 32
    assert asked["state"] != asked["nonce"]
    assert asked.keys() == {"response_type", "client_id", "redirect_uri", "scope", "state", "nonce"}


def test_an_invited_person_enters_where_they_wanted(client: Client, samir: User, samir_at_proconnect: str) -> None:
    answer = come(client, samir_at_proconnect, next_url="/grenoble/etablissements/")
    assert (answer.status_code, answer.url) == (302, "/grenoble/etablissements/")
    assert client.session[SESSION_KEY] == str(samir.pk)
    assert FederatedIdentity.objects.get().user == samir
    assert AuditEntry.objects.filter(actor=samir, target="Connexion", details__methods=["proconnect"]).exists()


def test_the_identity_holds_when_the_address_changes(
    client: Client, provider: str, samir: User, samir_at_proconnect: str
) -> None:
    come(Client(), samir_at_proconnect)
    declare(provider, samir_at_proconnect, "samir.nouveau@ac-grenoble.fr")
    come(client, samir_at_proconnect)
    assert client.session[SESSION_KEY] == str(samir.pk)
    assert FederatedIdentity.objects.count() == 1


@pytest.mark.parametrize("why", ["unknown", "no address", "suspended", "no role"])
def test_who_has_no_role_here_is_refused_in_words(
    client: Client, provider: str, samir: User, nadia: User, why: str
) -> None:
    if why == "suspended":
        people.suspend(samir, academy="grenoble", by=nadia)
    if why == "no role":
        samir.grants.all().delete()
    emails = {"unknown": "inconnu@ac-grenoble.fr", "no address": ""}
    declare(provider, f"sub-{why}", emails.get(why, samir.email))
    answer = come(client, f"sub-{why}")
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "n’a aucun rôle ouvert dans Op@le Pilot" in page
    assert f"{provider}/oauth2/end_session?id_token_hint=" in page
    assert SESSION_KEY not in client.session


def test_a_known_identity_is_refused_once_suspended(
    client: Client, samir: User, nadia: User, samir_at_proconnect: str
) -> None:
    come(Client(), samir_at_proconnect)
    people.suspend(samir, academy="grenoble", by=nadia)
    assert come(client, samir_at_proconnect).status_code == 403


# --- second factor


def test_a_lead_who_passed_a_second_factor_there_enters_without_ours(
    client: Client, provider: str, nadia: User
) -> None:
    declare(provider, "sub-nadia", nadia.email, acr=WEAK, strong_acr=STRONG)
    browser = Client()
    assert come(browser, "sub-nadia").url == "/"
    assert browser.get("/grenoble/personnes/").status_code == 200


def test_a_lead_is_sent_back_once_to_pass_one(provider: str, nadia: User) -> None:
    declare(provider, "sub-nadia", nadia.email, acr=WEAK, strong_acr=STRONG)
    browser = Client()
    again = browser.get(identify(browser.get(reverse("proconnect_leave")), "sub-nadia"))
    asked = parse_qs(urlsplit(again.url).query)
    assert '"acr": {"essential": true' in asked["claims"][0]
    assert SESSION_KEY not in browser.session


@pytest.mark.parametrize("role", [Role.LEAD, Role.HR, Role.DSI, Role.AUDITOR])
def test_a_strong_role_without_second_factor_is_refused(provider: str, grenoble: Academy, role: Role) -> None:
    person = make_person("Ada", role, grenoble)
    declare(provider, f"sub-{role}", person.email, acr=WEAK)
    browser = Client()
    answer = come(browser, f"sub-{role}")
    assert answer.status_code == 403
    assert "Votre rôle demande un second facteur" in answer.content.decode()
    assert SESSION_KEY not in browser.session


def test_who_enrolled_here_is_not_asked_our_code_as_well(client: Client, samir: User, samir_at_proconnect: str) -> None:
    TOTP.activate(samir, "JBSWY3DPEHPK3PXP")
    assert come(client, samir_at_proconnect).url == "/"


# --- sessions


@pytest.mark.parametrize("was_signed_in", [True, False])
def test_nothing_is_left_of_the_previous_session_of_a_shared_machine(
    client: Client, lise: User, samir: User, samir_at_proconnect: str, was_signed_in: bool
) -> None:
    if was_signed_in:
        client.force_login(lise)
    session = client.session
    session["left_behind"] = "of whoever was there"
    session.save()
    client.cookies["sessionid"] = session.session_key
    come(client, samir_at_proconnect)
    assert client.session[SESSION_KEY] == str(samir.pk)
    assert "left_behind" not in client.session
    assert client.session.session_key != session.session_key


def test_signing_out_offers_to_leave_proconnect(client: Client, samir_at_proconnect: str, provider: str) -> None:
    come(client, samir_at_proconnect)
    page = client.post(reverse("logout")).content.decode()
    assert f"{provider}/oauth2/end_session?id_token_hint=ey" in page
    assert "post_logout_redirect_uri=http%3A%2F%2Flocalhost%3A8000%2Fconnexion%2F" in page
    assert SESSION_KEY not in client.session


def test_signing_out_works_when_proconnect_is_down(client: Client, samir_at_proconnect: str, provider: str) -> None:
    come(client, samir_at_proconnect)
    order(provider, "down")
    assert client.post(reverse("logout")).url == "/connexion/"


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "javascript:alert(1)"])
def test_the_way_in_never_leads_elsewhere(client: Client, samir_at_proconnect: str, target: str) -> None:
    assert come(client, samir_at_proconnect, next_url=target).url == "/"


# --- forged and broken answers


def refused(client: Client, answer: Any, words: str) -> None:
    assert answer.status_code == 403
    assert words in answer.content.decode()
    assert SESSION_KEY not in client.session


@pytest.mark.parametrize("fault", ["plain_userinfo", "foreign_key", "other_subject", "wrong_audience"])
def test_user_information_not_signed_for_us_is_refused(
    client: Client, samir_at_proconnect: str, provider: str, fault: str
) -> None:
    order(provider, fault)
    refused(client, come(client, samir_at_proconnect), "n’est pas celle attendue")


def test_an_identity_made_for_another_attempt_is_refused(
    client: Client, samir_at_proconnect: str, provider: str
) -> None:
    order(provider, "no_nonce")
    refused(client, come(client, samir_at_proconnect), "n’est plus valable")


@pytest.mark.parametrize("forged", ["state=autre&code=1", "code=1", "state=&code=1", "state=é&code=1", ""])
def test_an_answer_nobody_asked_for_is_refused(client: Client, provider: str, db: None, forged: str) -> None:
    client.get(reverse("proconnect_leave"))
    refused(client, client.get(f"{reverse('proconnect_return')}?{forged}"), "n’est plus valable")


def test_an_answer_serves_once_and_in_its_own_browser(client: Client, samir_at_proconnect: str) -> None:
    url = identify(client.get(reverse("proconnect_leave")), samir_at_proconnect)
    thief = Client()
    refused(thief, thief.get(url), "n’est plus valable")
    assert client.get(url).status_code == 302
    assert client.get(url).status_code == 403


def test_giving_up_is_said(client: Client, provider: str, db: None) -> None:
    leaving = client.get(reverse("proconnect_leave"))
    state = parse_qs(urlsplit(leaving.url).query)["state"][0]
    answer = client.get(reverse("proconnect_return"), {"state": state, "error": "access_denied"})
    refused(client, answer, "Vous avez renoncé")


def test_proconnect_down_leaves_the_password(client: Client, db: None, provider: str, settings: Any) -> None:
    order(provider, "down")
    refused(client, client.get(reverse("proconnect_leave")), "entrez avec votre mot de passe")
    settings.PROCONNECT_ISSUER = "http://localhost:1"
    refused(client, client.get(reverse("proconnect_leave")), "entrez avec votre mot de passe")
    assert client.get(reverse("login")).status_code == 200


def test_a_provider_that_says_another_name_is_refused(client: Client, db: None, provider: str) -> None:
    order(provider, "other_issuer")
    refused(client, client.get(reverse("proconnect_leave")), "n’est pas celle attendue")
