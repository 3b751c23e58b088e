"""Matching in a real browser: proposed, one pair locked, solved again, written down; then both papers of a tutor."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from deployment.choices import Kind
from deployment.models import Academy
from tests.browser.conftest import Tab
from tests.browser.test_reply import flaws
from tests.factories import make_establishment, make_wave
from tests.tutoring.conftest import make_agency, make_tutor
from tutoring.models import Assignment, Proposal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BOARD = "/grenoble/tutorat/appariement/V7/"


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def taken(page: Page, link: str) -> Path:
    with page.expect_download() as told:
        page.get_by_role("link", name=link).click()
    return Path(told.value.path())


def test_from_the_board_to_both_papers(open_tab: Callable[..., Tab], grenoble: Academy, nadia: User) -> None:
    grenoble.observed_on = date(2024, 10, 8)
    grenoble.save()
    make_wave(grenoble, "V7", cutover_on=date(2024, 9, 1))
    crest, _ = (make_agency(grenoble, name, x=x) for name, x in (("Crest", 900_000.0), ("Die", 920_000.0)))
    for name, x in (("Ana Proche", 899_000.0), ("Bob Lointain", 921_000.0)):
        home = make_establishment(grenoble, name=f"Lycée de {name}", kind=Kind.LYCEE, x=x, y=6_400_000.0)
        make_tutor(grenoble, name, establishment=home, capacity=4)
    tab = open_tab(nadia)
    page = tab.page
    tab.open(BOARD)
    press(page, "Calculer une proposition")
    expect(page.get_by_role("heading", name="4 paires proposées")).to_be_visible()
    first, need = dict(Proposal.objects.get().pairs), f"{crest.uai}/ordering"
    choice = page.get_by_role("combobox", name="Tuteur pour Lycée Crest, sphère ordonnateur")
    expect(choice.locator("option")).to_have_count(2)
    expect(choice.locator("option").nth(1)).to_contain_text("coût +")
    choice.select_option(index=1)
    press(page, "Verrouiller Lycée Crest, sphère ordonnateur")
    expect(page.get_by_text("Paire verrouillée : le prochain calcul la gardera.")).to_be_visible()
    press(page, "Calculer de nouveau")
    again = dict(Proposal.objects.get().pairs)
    assert again[need] != first[need] and {k: again[k] for k in again if k != need} == {
        k: first[k] for k in first if k != need
    }, "what is locked is kept, and the rest does not move"
    assert flaws(page) == []
    page.get_by_label("toutes les paires affichées").check(force=True)
    page.get_by_label("Motif").fill("Rentrée")
    press(page, "Inscrire les tutorats")
    expect(page.get_by_text("4 tutorats inscrits.")).to_be_visible()
    assert Assignment.objects.count() == 4

    tab.open("/grenoble/tutorat/lettres/")
    page.get_by_role("link", name="Préparer pour l’année").click()
    page.get_by_role("checkbox", name="Ana Proche").check(force=True)
    press(page, "Émettre")
    expect(page.get_by_text("LM-2024-2025-001")).to_be_visible()
    page.get_by_role("link", name="LM-2024-2025-001").click()
    assert taken(page, "Télécharger le PDF").read_bytes().startswith(b"%PDF-1.7")
    with ZipFile(taken(page, "Modifiable (DOCX)")) as document:
        assert "Ana Proche" in document.read("word/document.xml").decode()
    tab.open("/grenoble/tutorat/lettres/")
    page.get_by_role("link", name="OMP-2024-2025-001").click()
    assert taken(page, "Télécharger le PDF").read_bytes().startswith(b"%PDF-1.7")
    assert tab.complaints == []
