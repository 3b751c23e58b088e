"""A call for tutors in a real browser: published, answered by a stranger on a phone, decided by two persons."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import OutgoingEmail, User
from deployment.models import Academy
from tests.browser.conftest import Tab
from tests.browser.test_reply import flaws, is_narrow
from tests.factories import make_establishment, place
from tutoring.models import Application, Tutor, TutorCall

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def publish(tab: Tab) -> str:
    """From the blank page to the link."""
    page = tab.page
    tab.open("/grenoble/tutorat/appels/")
    page.get_by_role("link", name="Nouvel appel").first.click()
    page.get_by_label("Référence").fill("SA/2024-7")
    page.get_by_label("Titre").fill("Appel à candidatures : tuteurs Op@le")
    page.get_by_label("Destinataires").fill("Mesdames et messieurs les secrétaires généraux")
    for box in ("Secrétaire général", "V7", "Sphère ordonnateur"):
        page.get_by_label(box, exact=True).check(force=True)
    page.get_by_label("Indemnité par établissement tutoré (€)").fill("500")
    page.get_by_label("Fin de la mission").fill("2030-08-31")
    press(page, "Enregistrer")
    expect(page.get_by_text("500\u202f€ par établissement tutoré")).to_be_visible()
    press(page, "Publier l’appel")
    link = page.get_by_label("Lien à diffuser avec l’appel").input_value()
    assert flaws(page) == []
    return link


def apply(tab: Tab, link: str, file: Path) -> None:
    """A stranger, on a phone, who forgets something, then sends twice."""
    page = tab.page
    page.goto(link)
    assert "/candidature/" in page.url and is_narrow(page) and flaws(page) == []
    page.get_by_label("Prénom et nom").fill("Ana Volontaire")
    page.get_by_label("Adresse électronique professionnelle").fill("ana@exemple.invalid")
    page.get_by_label("Fonction").select_option("secretary_general")
    page.get_by_label("Établissement d’exercice").select_option(label="Collège Stendhal (Grenoble)")
    press(page, "Envoyer ma candidature")
    expect(page.get_by_role("alert")).to_contain_text("2 réponses sont à revoir")
    tab.complaints = [text for text in tab.complaints if "400" not in text]
    page.get_by_label("Sphère ordonnateur").check(force=True)
    page.get_by_label("Fichier (facultatif)").set_input_files(file)
    page.get_by_role("button", name="Envoyer ma candidature").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Candidature envoyée")
    assert is_narrow(page) and flaws(page) == []


def decide(tab: Tab) -> None:
    """One person's opinion, from the list."""
    page = tab.page
    tab.open("/grenoble/tutorat/candidatures/")
    page.get_by_role("link", name="Ana Volontaire").click()
    expect(page.get_by_text("sont celles de l’appel")).to_be_visible()
    page.get_by_label("Retenir", exact=True).check(force=True)
    press(page, "Donner mon avis")


def test_a_call_from_the_blank_page_to_a_tutor(
    open_tab: Callable[..., Tab],
    live_server: Any,
    settings: Any,
    tmp_path: Path,
    grenoble: Academy,
    nadia: User,
    samir: User,
) -> None:
    settings.PUBLIC_BASE_URL = live_server.url
    place(make_establishment(grenoble, name="Collège Stendhal"), "V7")
    letter = tmp_path / "motivation.pdf"
    letter.write_bytes(b"%PDF-1.7 motivation")
    lead, agent, stranger = open_tab(nadia), open_tab(samir), open_tab(None, width=360)
    apply(stranger, publish(lead), letter)
    assert Application.objects.get().call == TutorCall.objects.get()
    decide(lead)
    expect(lead.page.get_by_text("il faut une seconde personne").first).to_be_visible()
    decide(agent)
    expect(agent.page.get_by_text("Son message attend dans « Envois »")).to_be_visible()
    expect(agent.page.get_by_role("link", name="Voir ses tutorats")).to_be_visible()
    with agent.page.expect_download() as told:
        agent.page.get_by_role("link", name="motivation.pdf").click()
    assert Path(told.value.path()).read_bytes() == letter.read_bytes()
    assert Tutor.objects.get().email == "ana@exemple.invalid"
    lead.open("/grenoble/envois/")
    expect(lead.page.get_by_role("table").get_by_text("Décisions · appel SA/2024-7")).to_be_visible()
    assert set(OutgoingEmail.objects.values_list("state", flat=True)) == {"queued", "draft"}
    assert [text for tab in (lead, agent, stranger) for text in tab.complaints] == []
