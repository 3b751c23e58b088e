"""A tutor sees their own tutoring and no one else; the access is opened by the service and opens nothing more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import AuditEntry, Grant, OutgoingEmail, User
from deployment.models import Academy, Establishment, Wave
from opale_pilot.context import menu
from tests.access import ACTS, FIXED, addresses
from tests.tutoring.conftest import make_tutor
from tests.tutoring.test_pages import queries
from tests.tutoring.work import make_call, make_own, make_place, serve, visit
from tutoring.choices.papers import PaperKind, PaperState
from tutoring.models import Difficulty, Tutor, Visit
from tutoring.school_years import SchoolYear
from tutoring.services import access, papers
from tutoring.services.refusals import TutoringRefused

Signed = Callable[[User], Client]
HOME = "/grenoble/tutorat/"
OWN = f"{HOME}moi/"
LEVEL = {"level": "3", "effective_on": "2024-10-01", "reason": "Deux paiements bloqués"}


@pytest.fixture
def crest(v7: Wave) -> Establishment:
    return make_place(v7.academy)


@pytest.fixture
def lea(crest: Establishment) -> Tutor:
    tutor = make_tutor(crest.academy, "Léa Tutrice", email="lea@exemple.invalid")
    serve(tutor, crest)
    return tutor


@pytest.fixture
def theo(lea: Tutor) -> User:
    """Léa's account."""
    return make_own(lea.academy, "Theo", lea)


@pytest.fixture
def other(crest: Establishment) -> Tutor:
    """Another tutor, of another establishment, with a visit."""
    make_call(crest.academy)
    die = make_place(crest.academy, "Die")
    tutor = make_tutor(crest.academy, "Max Autre")
    serve(tutor, die)
    visit(tutor, die)
    return tutor


def text(response: Any) -> str:
    return str(response.content.decode())


def test_the_own_page_tells_one_s_own_and_no_one_else(
    theo: User, lea: Tutor, crest: Establishment, other: Tutor, signed: Signed
) -> None:
    visit(lea, crest, by=theo)
    page = text(signed(theo).get(OWN))
    assert "Collège Crest" in page and "Chef Crest" in page and "Premier paiement" in page
    assert "Collège Die" not in page and "Max Autre" not in page and "Chef Die" not in page
    assert [entry.url for entry in menu(theo, "grenoble")] == [OWN]


def test_every_other_page_refuses_a_tutor(theo: User, other: Tutor, signed: Signed) -> None:
    """Whatever is asked inside the académie, but the own pages and the account's."""
    browser, opened = signed(theo), set()
    numbers = dict.fromkeys(("pk", "grant_pk", "entry", "answer", "batch", "campaign", "invitation"), 1)
    names = dict.fromkeys(("operation", "file", "identifier", "archive"), "00000000-0000-0000-0000-000000000000")
    others = {"uai": "0380001V", "code": "V7", "held_on": date(2024, 10, 8), "function": "head"}
    for address in addresses():
        if "academy" in address.arguments:
            act = {"act": ACTS[address.room]} if address.room in ACTS else {}
            known = {**FIXED, **numbers, **names, **others, **act}
            path = reverse(address.name, kwargs={name: known[name] for name in address.arguments})
            if browser.get(path).status_code not in (403, 404, 405):
                opened.add(address.name)
    assert opened == {"tutoring:own_tutoring", "tutoring:own_visit"}


def test_another_tutor_s_rows_are_unknown(
    theo: User, other: Tutor, crest: Establishment, signed: Signed, victor: User, samir: User, client: Client
) -> None:
    row = Visit.objects.get(tutor=other)
    browser = signed(theo)
    for url in (f"{OWN}visites/{row.pk}/annuler/", f"{OWN}difficulte/{row.establishment.uai}/"):
        assert browser.get(url).status_code == 404
        assert browser.post(url, {**LEVEL, "reason": "x"}).status_code == 404
    row.refresh_from_db()
    assert row.cancelled_at is None and not Difficulty.objects.exists()
    for url in (OWN, f"{OWN}visite/", f"{OWN}difficulte/{crest.uai}/"):
        assert signed(victor).get(url).status_code == 404
        assert signed(samir).get(url).status_code == 403
        assert client.get(url).status_code == 302


def test_a_tutor_says_the_difficulty_of_their_own(
    theo: User, crest: Establishment, samir: User, emma: User, signed: Signed
) -> None:
    url = f"{OWN}difficulte/{crest.uai}/"
    assert signed(theo).post(url, LEVEL | {"level": "9"}).status_code == 400
    assert "constate" in text(signed(theo).post(url, LEVEL | {"effective_on": "2024-10-09"}))
    assert signed(theo).post(url, LEVEL).status_code == 302
    assert "En difficulté" in text(signed(theo).get(OWN))
    history = f"{HOME}difficultes/{crest.uai}/"
    assert signed(emma).post(f"{history}noter/", LEVEL).status_code == 403
    assert signed(samir).post(f"{history}noter/", LEVEL | {"level": "2"}).status_code == 302
    page = text(signed(emma).get(history))
    assert "Quelques difficultés" in page and "Remplacé" in page
    assert Difficulty.objects.count() == 2


def test_an_account_without_tutor_is_told_so(tom: User, signed: Signed) -> None:
    assert "Aucun tutorat n’est relié à votre compte" in text(signed(tom).get(OWN))
    assert signed(tom).get(f"{OWN}visite/").status_code == 404


def test_the_service_opens_an_access(lea: Tutor, samir: User, emma: User, signed: Signed) -> None:
    url = f"{HOME}tuteurs/{lea.pk}/acces/"
    assert signed(emma).post(url).status_code == 403
    assert signed(samir).get(url).status_code == 405
    assert "reçoit une invitation" in text(signed(samir).post(url, follow=True))
    lea.refresh_from_db()
    assert lea.user and lea.user.email == lea.email
    assert [(g.role, g.scope) for g in lea.user.grants.all()] == [(Role.TUTOR, "")]
    assert "Tuteur" in OutgoingEmail.objects.get().text
    assert "a déjà un accès" in text(signed(samir).post(url, follow=True))


def test_an_access_needs_an_address_of_its_own(lea: Tutor, samir: User, lise: User) -> None:
    with pytest.raises(TutoringRefused, match="n’a pas d’adresse"):
        access.open_access(make_tutor(lea.academy, "Sans Adresse"), by=samir)
    access.open_access(lea, by=samir)
    with pytest.raises(TutoringRefused, match="a déjà ce compte"):
        access.open_access(make_tutor(lea.academy, "Double", email=lea.email), by=samir)
    member = make_tutor(lea.academy, "Lise Membre", email=lise.email.upper())
    assert access.open_access(member, by=samir).user == lise
    assert set(lise.grants.values_list("role", flat=True)) == {Role.MEMBER, Role.TUTOR}


def test_a_role_taken_back_closes_the_page(theo: User, signed: Signed) -> None:
    Grant.objects.filter(user=theo).delete()
    assert signed(User.objects.get(pk=theo.pk)).get(OWN).status_code == 404


def test_a_tutor_of_two_academies_sees_each_apart(
    theo: User, lea: Tutor, crest: Establishment, lyon: Academy, signed: Signed
) -> None:
    Grant.objects.create(user=theo, role=Role.TUTOR, academy="lyon")
    row = visit(lea, crest, by=theo)
    browser = signed(User.objects.get(pk=theo.pk))
    assert "Collège Crest" not in text(browser.get("/lyon/tutorat/moi/"))
    assert browser.post(f"/lyon/tutorat/moi/visites/{row.pk}/annuler/", {"reason": "x"}).status_code == 404


@pytest.mark.parametrize(("url", "number"), [(OWN, 42), (f"{HOME}visites/", 9)])
def test_queries_do_not_grow(
    url: str, number: int, lea: Tutor, theo: User, crest: Establishment, nadia: User, signed: Signed
) -> None:
    browser = signed(theo if url == OWN else nadia)
    for name in ("Un", "Deux", "Trois"):
        spot = make_place(crest.academy, name)
        serve(lea, spot)
        visit(lea, spot)
        if name != "Deux":
            assert queries(browser, url) == number


def test_a_tutor_takes_their_own_letters_and_no_one_else_s(
    lea: Tutor, theo: User, other: Tutor, nadia: User, signed: Signed
) -> None:
    kinds = [PaperKind.MISSION_LETTER]
    mine, theirs = papers.issue([lea, other], kinds, SchoolYear(2024), on=date(2024, 10, 8), by=nadia)
    if mine.tutor_id != lea.pk:
        mine, theirs = theirs, mine
    page = text(signed(theo).get(OWN))
    assert mine.number in page and theirs.number not in page
    taken = signed(theo).get(f"{OWN}lettres/{mine.pk}/")
    assert (taken.status_code, taken["Content-Type"]) == (200, "application/pdf")
    assert signed(theo).get(f"{OWN}lettres/{theirs.pk}/").status_code == 404
    assert signed(theo).get(f"{HOME}lettres/{mine.pk}/").status_code == 403
    assert AuditEntry.objects.filter(actor=theo, act="tutoring.see_own_tutoring", kind="exported").count() == 1
    papers.step([mine], PaperState.CANCELLED, on=date(2024, 10, 8), by=nadia, note="Erreur")
    assert mine.number not in text(signed(theo).get(OWN))
    assert signed(theo).get(f"{OWN}lettres/{mine.pk}/").status_code == 404
