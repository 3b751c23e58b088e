"""The menu: what a person may open, and nothing else."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import resolve

from accounts.models import Grant, User
from deployment.models import Academy, Establishment
from opale_pilot.context import ADMINISTRATION, MENU, menu, right_of

Signed = Callable[[User], Client]
SETTINGS = "/grenoble/reglages/"


def test_every_line_leads_somewhere() -> None:
    assert [name for _, *names in MENU for name in names if right_of(name) is None] == []
    assert {label for label, *_ in MENU} >= ADMINISTRATION


@pytest.mark.parametrize("who", ["nadia", "samir", "claire", "lise", "denis", "tom", "alice"])
def test_each_line_opens_for_whoever_sees_it(
    request: pytest.FixtureRequest, signed: Signed, territory: dict[str, Establishment], who: str
) -> None:
    person = request.getfixturevalue(who)
    client = signed(person)
    shown = [entry.url for entry in menu(person, "grenoble")]
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
