"""The menu: what a person may open, and nothing else."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import resolve

from accounts.models import Grant, User
from deployment.models import Academy, Establishment
from opale_pilot.context import MENU, Entry, menu, right_of

Signed = Callable[[User], Client]
SETTINGS = "/grenoble/reglages/"


def lines(person: User, path: str = "") -> list[Entry]:
    """Every line that the person sees, those of the headings too."""
    return [line for entry in menu(person, "grenoble", path) for line in entry.lines or (entry,)]


def test_every_line_leads_somewhere() -> None:
    pages = [page for label, held in MENU for page in (held if isinstance(held, tuple) else ((label, held),))]
    assert [name for _, name in pages if right_of(name) is None] == []


def test_a_heading_unfolds_and_one_page_alone_is_a_line(nadia: User, lise: User) -> None:
    assert {entry.label for entry in menu(nadia, "grenoble") if entry.lines} == {"Tutorat", "Administration"}
    assert "Besoins de tutorat" in {entry.label for entry in menu(lise, "grenoble") if not entry.lines}


def test_a_page_under_another_is_told_by_the_nearest_line(nadia: User) -> None:
    here = [line.label for line in lines(nadia, "/grenoble/tutorat/candidatures/3/") if line.is_here]
    assert here == ["Candidatures"]
    assert [line.label for line in lines(nadia, "/grenoble/tutorat/appariement/V7/") if line.is_here] == [
        "Besoins de tutorat"
    ]
    assert [line.label for line in lines(nadia, "/grenoble/") if line.is_exact] == ["Tableau de bord"]


@pytest.mark.parametrize("who", ["nadia", "samir", "claire", "lise", "denis", "tom", "alice"])
def test_each_line_opens_for_whoever_sees_it(
    request: pytest.FixtureRequest, signed: Signed, territory: dict[str, Establishment], who: str
) -> None:
    person = request.getfixturevalue(who)
    client = signed(person)
    shown = [line.url for line in lines(person)]
    assert [url for url in shown if client.get(url).status_code != 200] == []
    hidden = [f"/grenoble/{path}" for path in ("etablissements/", "reglages/", "traitements/")]
    assert [client.get(url).status_code for url in hidden if url not in shown] == [
        403 for url in hidden if url not in shown
    ]


def test_line_of_the_page_shown_is_marked(signed: Signed, nadia: User) -> None:
    page = signed(nadia).get(SETTINGS).content.decode()
    assert f'href="{SETTINGS}" aria-current="page"' in page
    assert resolve(SETTINGS).view_name == "deployment:academy_edit"


def test_switcher_is_for_those_who_hold_several(signed: Signed, nadia: User, lyon: Academy) -> None:
    assert "Changer d’académie" not in signed(nadia).get(SETTINGS).content.decode()
    Grant.objects.create(user=nadia, role="lead", academy="lyon")
    page = signed(User.objects.get(pk=nadia.pk)).get(SETTINGS).content.decode()
    assert '<a class="fr-nav__link" href="/lyon/">Académie de Lyon</a>' in page
