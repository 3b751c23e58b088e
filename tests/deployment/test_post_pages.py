"""The block « Personnes en poste », the page that records a change, and the vacancies on the page of a wave."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.choices import Role
from accounts.models import AuditEntry, User
from deployment.choices import Function, Kind
from deployment.models import Academy, Establishment, PostHolding
from tests.factories import appoint, gather, make_establishment, make_person, place

Signed = Callable[[User], Client]
LIST = "/grenoble/etablissements/"
OCTOBER = date(2024, 10, 8)
EDITORS = ("nadia", "samir", "claire")
READERS = (*EDITORS, "emma", "hugo", "denis")


def url(establishment: Establishment, page: str = "") -> str:
    return f"{LIST}{establishment.uai}/{page}"


def asked(**fields: str) -> dict[str, str]:
    """A good form."""
    return {
        "function": "head",
        "number": "1",
        "name": "Anne Aulne",
        "email": "anne@demo.invalid",
        "effective_on": "2024-09-01",
        "reason": "Rentrée",
    } | fields


@pytest.fixture
def posts(territory: dict[str, Establishment]) -> dict[str, Establishment]:
    """Vizille is the seat; Crest is in its agency."""
    appoint(territory["crest"], Function.HEAD, "Anne Aulne", "anne@demo.invalid")
    appoint(territory["crest"], Function.SECRETARY_GENERAL, "", "")
    appoint(territory["vizille"], Function.ACCOUNTANT, "Bakari Houx", "bakari@demo.invalid")
    return territory


# --- the block


def test_block_tells_who_is_in_post_and_what_is_vacant(signed: Signed, nadia: User, posts: Any) -> None:
    page = signed(nadia).get(url(posts["crest"])).content.decode()
    assert "Anne Aulne" in page
    assert 'href="mailto:anne@demo.invalid"' in page
    assert page.count("Poste vacant") == 1
    assert re.search(r"Agent comptable\s*<span[^>]*>\(Lycée Portes de l’Oisans\)", page)
    assert "Bakari Houx" in page
    assert "Chef d’établissement" in signed(nadia).get(url(posts["evian"])).content.decode()
    assert AuditEntry.objects.filter(act="deployment.view_posts").count() == 0


def test_block_shows_the_day_and_not_what_is_to_come(signed: Signed, nadia: User, posts: Any) -> None:
    appoint(posts["crest"], Function.HEAD, "Cléo Orme", on=date(2024, 10, 9))
    page = signed(nadia).get(url(posts["crest"])).content.decode()
    assert ("Anne Aulne" in page, "Cléo Orme" in page) == (True, False)


@pytest.mark.parametrize("name", READERS)
def test_block_is_shown_to_whom_may_see_names(signed: Signed, request: Any, posts: Any, name: str) -> None:
    page = signed(request.getfixturevalue(name)).get(url(posts["crest"])).content.decode()
    assert "Anne Aulne" in page
    assert ("Inscrire un changement" in page) == (name in EDITORS)


def test_a_tutor_reads_contacts_on_their_own_page_alone(signed: Signed, grenoble: Academy, posts: Any) -> None:
    tutor = make_person("Théo", Role.TUTOR, grenoble, scope=posts["crest"].uai)
    assert signed(tutor).get(url(posts["crest"])).status_code == 403


def test_a_greta_has_no_posts(signed: Signed, nadia: User, grenoble: Academy, posts: Any) -> None:
    greta = make_establishment(grenoble, name="GRETA", kind=Kind.GRETA, host=posts["vizille"])
    client = signed(nadia)
    assert "Personnes en poste" not in client.get(url(greta)).content.decode()
    assert client.get(url(greta, "postes/")).status_code == 404


def test_a_name_is_text_and_not_markup(signed: Signed, nadia: User, posts: Any) -> None:
    appoint(posts["crest"], Function.HEAD, "<script>x</script>")
    for page in ("", "postes/"):
        assert "<script>x" not in signed(nadia).get(url(posts["crest"], page)).content.decode()


# --- the change


@pytest.mark.parametrize("name", EDITORS)
def test_a_change_is_recorded_with_its_author(signed: Signed, request: Any, posts: Any, name: str) -> None:
    person = request.getfixturevalue(name)
    page = signed(person).post(url(posts["evian"], "postes/"), asked(), follow=True)
    assert page.redirect_chain == [(url(posts["evian"]), 302)]
    assert "Anne Aulne, à compter du 01/09/2024." in page.content.decode()
    row = PostHolding.objects.get(post__establishment=posts["evian"])
    assert (row.name, row.email, row.author, row.reason) == ("Anne Aulne", "anne@demo.invalid", person, "Rentrée")
    assert AuditEntry.objects.filter(act="deployment.edit_posts", actor=person).count() == 1


def test_a_post_becomes_vacant_and_the_history_tells_it(signed: Signed, nadia: User, posts: Any) -> None:
    client = signed(nadia)
    change = asked(name="", email="", is_vacant="on", effective_on="2024-10-01", reason="Départ")
    client.post(url(posts["crest"], "postes/"), change)
    assert client.get(url(posts["crest"])).content.decode().count("Poste vacant") == 2
    page = client.get(url(posts["crest"], "postes/")).content.decode()
    assert "Poste vacant, à compter du 1er octobre 2024" in page
    assert "Anne Aulne (anne@demo.invalid), à compter du 1er septembre 2023" in page


def test_the_same_again_says_that_nothing_changes(signed: Signed, nadia: User, posts: Any) -> None:
    page = signed(nadia).post(url(posts["crest"], "postes/"), asked(), follow=True)
    assert "Rien à changer" in page.content.decode()
    assert PostHolding.objects.filter(post__establishment=posts["crest"]).count() == 2


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": ""}, "Indiquez le nom, ou cochez « Poste vacant »."),
        ({"is_vacant": "on"}, "Un poste vacant n’a ni nom ni adresse"),
        ({"email": "anne"}, "adresse"),
        ({"effective_on": "hier"}, "Date illisible"),
        ({"effective_on": ""}, "obligatoire"),
        ({"reason": ""}, "obligatoire"),
        ({"function": "accountant"}, "accountant"),
        ({"function": "king"}, "king"),
        ({"number": "2"}, "ce numéro de poste n’est pas possible"),
        ({"number": "0"}, "supérieure ou égale à 1"),
        ({"name": "1234"}, "n’est pas un nom"),
        ({"name": "a" * 121}, "120"),
        ({"name": "a\0b"}, ""),
    ],
)
def test_a_bad_change_is_refused_with_what_is_wrong(
    signed: Signed, nadia: User, posts: Any, fields: dict[str, str], sentence: str
) -> None:
    page = signed(nadia).post(url(posts["evian"], "postes/"), asked(**fields))
    assert page.status_code == 400
    assert sentence in page.content.decode()
    assert "Erreur : Personnes en poste" in page.content.decode()
    assert not PostHolding.objects.filter(post__establishment=posts["evian"]).exists()


def test_the_accountant_is_offered_at_a_seat_on_days_when_it_is_one(signed: Signed, nadia: User, posts: Any) -> None:
    client = signed(nadia)
    assert "Fondé de pouvoir" in client.get(url(posts["vizille"], "postes/")).content.decode()
    assert "Fondé de pouvoir" not in client.get(url(posts["crest"], "postes/")).content.decode()
    change = asked(function="accountant", effective_on="2020-09-01")
    page = client.post(url(posts["vizille"], "postes/"), change)
    assert "n’est pas le siège d’une agence comptable le 01/09/2020" in page.content.decode()


@pytest.mark.parametrize("name", ["emma", "hugo", "lise", "denis", "tom", "alice"])
def test_others_may_not_change(signed: Signed, request: Any, posts: Any, name: str) -> None:
    client = signed(request.getfixturevalue(name))
    for answer in (client.get(url(posts["crest"], "postes/")), client.post(url(posts["crest"], "postes/"), asked())):
        assert answer.status_code == 403


def test_another_academy_is_not_there(signed: Signed, nadia: User, victor: User, posts: Any) -> None:
    stranger = Establishment.objects.get(academy__slug="lyon")
    assert signed(nadia).post(url(stranger, "postes/"), asked()).status_code == 404
    assert signed(victor).post(url(posts["crest"], "postes/"), asked()).status_code == 404
    assert signed(victor).post(f"/lyon/etablissements/{posts['crest'].uai}/postes/", asked()).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_pages_cost_the_same_whatever_the_number_of_posts(
    signed: Signed, nadia: User, grenoble: Academy, count: int, django_assert_num_queries: Any
) -> None:
    seat = make_establishment(grenoble, kind=Kind.LYCEE)
    gather(seat)
    for number in range(count):
        for function in (Function.HEAD, Function.ACCOUNTANT):
            appoint(seat, function, f"Personne {'ABC'[number]}", on=date(2024, 1, 1 + number))
    client = signed(nadia)
    with django_assert_num_queries(11):
        client.get(url(seat))
    with django_assert_num_queries(7):
        page = client.get(url(seat, "postes/")).content.decode()
    assert page.count("app-moment__head") == 2 * count


# --- the page of a wave


def test_a_wave_tells_its_vacant_accountants(signed: Signed, nadia: User, lise: User, posts: Any) -> None:
    appoint(posts["vizille"], Function.ACCOUNTANT, "", on=date(2024, 10, 1))
    place(posts["evian"], "V11")
    client = signed(nadia)
    for wave in ("V8", "V10"):
        page = client.get(f"/grenoble/vagues/{wave}/").content.decode()
        assert "1 poste d’agent comptable vacant" in page
        assert f'<a href="{url(posts["vizille"])}">' in page
    assert "agent comptable vacant" not in client.get("/grenoble/vagues/V11/").content.decode()
    member = signed(lise).get("/grenoble/vagues/V8/").content.decode()
    assert "1 poste d’agent comptable vacant" in member
    assert f'<a href="{url(posts["vizille"])}">' not in member
    assert "Houx" not in member
