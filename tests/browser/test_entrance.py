"""Coming in, as people do it: invitation, second factor, recovery code, ProConnect, refusal, suspension."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from axe_playwright_python.sync_playwright import Axe

from accounts.choices import Role
from accounts.models import OutgoingEmail, User
from accounts.services import people
from accounts.services.people import Post
from deployment.models import Academy
from tests.browser.conftest import Tab
from tests.browser.test_walk import RULES
from tests.proconnect import declare

pytestmark = pytest.mark.browser
PASSWORD = "Quatre-Saisons-2024"
OpenTab = Callable[..., Tab]


@pytest.fixture
def site(live_server: Any, settings: Any, tmp_path: Path) -> Path:
    """Links lead to the server of the test; pictures of the pages go to the folder of the test."""
    settings.PUBLIC_BASE_URL = live_server.url
    return tmp_path


def look(tab: Tab, folder: Path, name: str) -> None:
    """Keep a picture, and let axe read the page, once it is whole and the script of the DSFR has begun."""
    tab.page.wait_for_load_state()
    tab.page.locator("html[data-fr-theme]").wait_for(state="attached")
    tab.page.screenshot(path=folder / f"{name}.png", full_page=True)
    found = Axe().run(tab.page, options={"runOnly": RULES}).response["violations"]
    assert [(v["id"], [node["html"] for node in v["nodes"]]) for v in found] == []


def code_of(secret: str, *, later: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1] + later))


def test_first_day_of_a_lead(open_tab: OpenTab, site: Path, nadia: User) -> None:
    people.invite("zoe@ac-grenoble.fr", first_name="Zoé", last_name="Essai", post=Post(Role.LEAD, "grenoble"), by=nadia)
    tab = open_tab(None)
    tab.page.goto(OutgoingEmail.objects.get().secret)
    look(tab, site, "1-password")
    tab.page.get_by_label("Nouveau mot de passe", exact=False).first.fill(PASSWORD)
    tab.page.get_by_label("Nouveau mot de passe, une seconde fois").fill(PASSWORD)
    tab.page.get_by_role("button", name="Enregistrer le mot de passe").click()

    tab.page.wait_for_url("**/compte/application/**")
    tab.open("/grenoble/personnes/")
    assert "/compte/application/" in tab.page.url, "nothing opens before enrolling"
    look(tab, site, "2-enrolment")
    picture = tab.page.locator(".app-enrol__code")
    assert picture.evaluate("image => image.naturalWidth") > 0
    secret = tab.page.locator("#totp-key").inner_text()
    tab.page.get_by_label("Code à six chiffres").fill(code_of(secret))
    tab.page.get_by_role("button", name="Activer").click()

    tab.page.wait_for_url("**/compte/codes-de-secours/")
    look(tab, site, "3-recovery-codes")
    codes = tab.page.locator(".app-codes code").all_inner_texts()
    assert len(codes) == 10
    tab.page.get_by_role("link", name="Continuer").click()
    tab.page.wait_for_url("**/grenoble/")
    tab.open("/compte/")
    look(tab, site, "4-account")
    tab.page.get_by_role("button", name="Se déconnecter").click()
    tab.page.wait_for_url("**/connexion/")

    for name, code in (("5-code", code_of(secret, later=1)), ("6-recovery", codes[0])):
        sign_in(tab, "zoe@ac-grenoble.fr")
        tab.page.wait_for_url("**/connexion/code/")
        look(tab, site, name)
        tab.page.get_by_label("Code").fill(code)
        tab.page.get_by_role("button", name="Entrer").click()
        tab.page.wait_for_url("**/grenoble/")
        tab.page.get_by_role("button", name="Se déconnecter").click()
        tab.page.wait_for_url("**/connexion/")
    assert tab.complaints == []


def sign_in(tab: Tab, email: str) -> None:
    tab.open("/connexion/")
    tab.page.get_by_label("Adresse électronique").fill(email)
    tab.page.get_by_label("Mot de passe").fill(PASSWORD)
    tab.page.get_by_role("button", name="Se connecter").click()


def test_proconnect_lets_in_who_was_invited(open_tab: OpenTab, site: Path, proconnect: str, samir: User) -> None:
    declare(proconnect, "sub-samir", samir.email)
    tab = open_tab(None)
    tab.open("/connexion/")
    look(tab, site, "1-button")
    identify(tab, "sub-samir")
    tab.page.wait_for_url("**/grenoble/")
    assert "Samir" in tab.page.locator("header").inner_text()
    assert [said for said in tab.complaints if said.startswith(tab.home)] == []
    tab.page.get_by_role("button", name="Se déconnecter").click()
    leave = tab.page.get_by_role("link", name="Se déconnecter de ProConnect")
    leave.wait_for()
    look(tab, site, "2-out")
    leave.click()
    tab.page.wait_for_url(f"{proconnect}/oauth2/end_session?**")


def test_proconnect_refuses_a_stranger_in_words(open_tab: OpenTab, site: Path, proconnect: str, db: None) -> None:
    declare(proconnect, "sub-inconnu", "inconnu@ac-grenoble.fr")
    tab = open_tab(None)
    tab.open("/connexion/")
    identify(tab, "sub-inconnu")
    tab.page.wait_for_url("**/connexion/proconnect/retour/**")
    assert "inconnu@ac-grenoble.fr n’a aucun rôle ouvert" in tab.page.locator("main").inner_text()
    look(tab, site, "1-refused")


def identify(tab: Tab, subject: str) -> None:
    """What is done on the page of the provider."""
    tab.page.get_by_role("link", name=re.compile("ProConnect$")).first.click()
    tab.page.locator("input[name=sub]").fill(subject)
    tab.page.locator("button[type=submit], button:not([type])").first.click()


def test_suspension_while_signed_in(open_tab: OpenTab, site: Path, nadia: User, samir: User, grenoble: Academy) -> None:
    his, hers = open_tab(samir), open_tab(nadia)
    his.open("/grenoble/etablissements/")
    hers.open(f"/grenoble/personnes/{samir.pk}/")
    look(hers, site, "1-person")
    hers.page.get_by_role("button", name="Suspendre le compte").click()
    hers.page.get_by_text(f"Le compte de {samir} est suspendu.").wait_for()
    look(hers, site, "2-suspended")
    his.page.reload()
    his.page.wait_for_url("**/connexion/?next=**")
    assert his.complaints == hers.complaints == []


def test_seeing_as_another_person(open_tab: OpenTab, site: Path, nadia: User, lise: User) -> None:
    tab = open_tab(nadia)
    tab.open(f"/grenoble/personnes/{lise.pk}/")
    tab.page.get_by_role("button", name=f"Voir comme {lise}").click()
    tab.page.wait_for_url("**/grenoble/")
    look(tab, site, "1-as-lise")
    assert f"comme {lise}" in tab.page.get_by_role("region", name="Voir comme une autre personne").inner_text()
    tab.page.get_by_role("button", name="Arrêter").click()
    tab.page.wait_for_url("**/grenoble/personnes/")
    look(tab, site, "2-people")
    tab.open("/grenoble/traces/")
    look(tab, site, "3-trail")
    assert "Voir comme" in tab.page.locator("#trail").inner_text()
    assert tab.complaints == []
