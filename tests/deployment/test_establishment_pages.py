"""The list of establishments, its export, and the file of one."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from deployment.choices import Kind
from deployment.models import Academy, Establishment
from tests.factories import gather, make_establishment, place

Signed = Callable[[User], Client]
LIST = "/grenoble/etablissements/"
TODAY = date(2024, 10, 8)


@pytest.fixture(autouse=True)
def observed(grenoble: Academy) -> None:
    grenoble.observed_on = TODAY
    grenoble.save()


def names(page: Any) -> list[str]:
    return re.findall(r'etablissements/\w{8}/">([^<]*)</a>', page.content.decode())


# --- the list


def test_list_shows_the_academy_and_nothing_else(signed: Signed, nadia: User, territory: Any) -> None:
    page = signed(nadia).get(LIST)
    assert names(page) == ["Collège Édouard-Herriot", "Collège Les Rives", "Lycée Portes de l’Oisans"]
    assert "3 établissements" in page.content.decode()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("text=EDOUARD herriot", ["crest"]),
        ("text=évian", ["evian"]),
        ("text=crest college", ["crest"]),
        ("text=oisans crest", []),
        ("kind=lycee", ["vizille"]),
        ("wave=V8", ["crest"]),
        ("wave=V8&on=2024-09-30", ["crest", "vizille"]),
        ("wave=V10", ["vizille"]),
        ("wave=aucune", ["evian"]),
        ("departement=026", ["crest"]),
        ("agency=aucune", ["evian"]),
        ("status=to_close", ["evian"]),
        ("wave=V8&kind=college&departement=026", ["crest"]),
        ("known_on=2020-01-01&wave=aucune", ["crest", "evian", "vizille"]),
        ("sort=-name", ["vizille", "evian", "crest"]),
        ("sort=departement", ["crest", "evian", "vizille"]),
        ("page=99", ["crest", "evian", "vizille"]),
    ],
)
def test_list_is_filtered(
    signed: Signed, nadia: User, territory: dict[str, Establishment], asked: str, expected: list[str]
) -> None:
    assert names(signed(nadia).get(f"{LIST}?{asked}")) == [territory[key].name for key in expected]


def test_list_is_filtered_by_uai_and_by_agency(signed: Signed, nadia: User, territory: Any) -> None:
    crest, vizille = territory["crest"], territory["vizille"]
    client = signed(nadia)
    assert names(client.get(LIST, {"text": crest.uai.lower()})) == [crest.name]
    assert names(client.get(LIST, {"agency": vizille.uai})) == [crest.name, vizille.name]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("on=hier", "Situation au : Date illisible"),
        ("known_on=2024-13-01", "Telle que connue le : Date illisible"),
        ("wave=V99", "Vague : « V99 » n’est pas un choix possible"),
        ("kind=%3Cscript%3E", "Type : « &lt;script&gt; » n’est pas un choix possible"),
        ("sort=password", "Tri inconnu"),
        ("text=a%00b", "Nom, commune ou UAI : "),
        ("text=" + "a" * 101, "Nom, commune ou UAI : "),
    ],
)
def test_list_says_what_is_wrong_with_a_filter(
    signed: Signed, nadia: User, territory: Any, asked: str, sentence: str
) -> None:
    client = signed(nadia)
    page = client.get(f"{LIST}?{asked}")
    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert names(page) == []
    export = client.get(f"{LIST}export.csv?{asked}")
    assert export.status_code == 400
    assert sentence in export.content.decode()


def test_list_names_its_filters_and_lets_each_be_removed(signed: Signed, nadia: User, territory: Any) -> None:
    page = signed(nadia).get(f"{LIST}?wave=V8&kind=college&page=1").content.decode()
    assert 'href="?kind=college" title="Retirer le filtre Vague : V8"' in page
    assert 'href="?wave=V8" title="Retirer le filtre Type : Collège"' in page


def test_list_partial_is_what_the_page_contains(signed: Signed, nadia: User, territory: Any) -> None:
    client = signed(nadia)
    whole = client.get(f"{LIST}?wave=V8").content.decode()
    partial = client.get(f"{LIST}?wave=V8", headers={"hx-request": "true"})
    back = client.get(f"{LIST}?wave=V8", headers={"hx-request": "true", "hx-history-restore-request": "true"})
    assert partial.content.decode().strip() in whole
    assert "<html" not in partial.content.decode()
    assert "<html" in back.content.decode()
    assert "HX-Request" in partial.headers["Vary"]


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same_whatever_its_length(
    signed: Signed, nadia: User, grenoble: Academy, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        establishment = make_establishment(grenoble, name=f"Collège {number}")
        place(establishment, "V8")
        gather(establishment)
    client = signed(nadia)
    with django_assert_num_queries(10):
        page = client.get(LIST)
    assert len(names(page)) == count


def test_list_is_cut_in_pages(signed: Signed, nadia: User, grenoble: Academy) -> None:
    for number in range(51):
        make_establishment(grenoble, name=f"Collège {number:02d}")
    client = signed(nadia)
    assert len(names(client.get(LIST))) == 50
    assert names(client.get(f"{LIST}?page=2")) == ["Collège 50"]


def test_list_and_file_refuse_those_who_have_no_right(
    signed: Signed, client: Client, territory: Any, victor: User, lise: User
) -> None:
    for url in (LIST, f"{LIST}export.csv", f"{LIST}{territory['crest'].uai}/"):
        assert signed(victor).get(url).status_code == 404
        assert signed(lise).get(url).status_code == 403
        assert client.get(url).status_code == 302


def test_a_scoped_grant_opens_its_establishment_only(
    signed: Signed, zoe: User, grenoble: Academy, territory: Any
) -> None:
    own = make_establishment(grenoble, name="Collège suivi", uai="0380033E")
    client = signed(zoe)
    assert names(client.get(LIST)) == [own.name]
    assert client.get(f"{LIST}{own.uai}/").status_code == 200
    assert client.get(f"{LIST}{territory['crest'].uai}/").status_code == 404
    assert territory["crest"].name not in client.get(f"{LIST}export.csv").getvalue().decode()


# --- the export


def test_export_holds_the_filtered_rows(signed: Signed, nadia: User, territory: Any) -> None:
    answer = signed(nadia).get(f"{LIST}export.csv?kind=college&sort=-name")
    text = answer.getvalue().decode()
    assert text.startswith("\ufeffUAI;Nom;Type;")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="etablissements-grenoble-2024-10-08.csv"'
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert [row["Nom"] for row in rows] == ["Collège Les Rives", "Collège Édouard-Herriot"]
    assert rows[1]["Vague"] == "V8"
    assert rows[1]["Siège de l’agence comptable"] == "Lycée Portes de l’Oisans"
    assert rows[1]["Type"] == "Collège"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_export_lets_no_formula_through(signed: Signed, nadia: User, grenoble: Academy, start: str) -> None:
    make_establishment(grenoble, name=f"{start}cmd|' /C calc'!A0")
    text = signed(nadia).get(f"{LIST}export.csv").getvalue().decode()
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";"))
    assert rows[1][1] == f"'{start}cmd|' /C calc'!A0"


# --- the file


def test_file_tells_identity_wave_and_agency(signed: Signed, nadia: User, territory: Any) -> None:
    page = signed(nadia).get(f"{LIST}{territory['vizille'].uai}/").content.decode()
    assert "<strong>V10</strong> au 8 octobre 2024" in page
    assert "V10, à compter du 1er octobre 2024" in page
    assert "V8, à compter du 28 juin 2024" in page
    assert "L’agence est répartie sur V8, V10." in page
    assert "2 établissements au 8 octobre 2024" in page
    assert f"/grenoble/vagues/V10/?text={territory['vizille'].uai}" in page


def test_file_shows_a_correction_and_what_it_replaced(signed: Signed, nadia: User, territory: Any) -> None:
    place(territory["vizille"], "V9", on=date(2024, 10, 1), reason="Erreur de saisie")
    page = signed(nadia).get(f"{LIST}{territory['vizille'].uai}/").content.decode()
    assert "<strong>V9</strong> au 8 octobre 2024" in page
    assert page.count("Correction") == 1
    assert page.count("Remplacé") == 1
    assert re.search(r"<s>\s*V10, à compter du 1er octobre 2024\s*</s>", page)


def test_file_shows_a_move_to_come(signed: Signed, nadia: User, territory: Any) -> None:
    place(territory["crest"], "V12", on=date(2025, 1, 1))
    page = signed(nadia).get(f"{LIST}{territory['crest'].uai}/").content.decode()
    assert "<strong>V8</strong> au 8 octobre 2024" in page
    assert page.count("À venir") == 1


def test_file_of_a_lone_establishment_says_what_is_missing(signed: Signed, nadia: User, territory: Any) -> None:
    page = signed(nadia).get(f"{LIST}{territory['evian'].uai}/").content.decode()
    assert "<strong>Hors vague</strong> au 8 octobre 2024" in page
    assert "Aucune agence comptable n’est connue au 8 octobre 2024." in page
    assert "Aucun mouvement de vague n’est enregistré." in page
    assert "répartie" not in page


def test_file_links_a_greta_and_its_host(signed: Signed, nadia: User, grenoble: Academy, territory: Any) -> None:
    host = territory["vizille"]
    greta = make_establishment(grenoble, name="GRETA de Grenoble", kind=Kind.GRETA, host=host)
    client = signed(nadia)
    assert "GRETA de Grenoble" in client.get(f"{LIST}{host.uai}/").content.decode()
    assert f"{LIST}{host.uai}/" in client.get(f"{LIST}{greta.uai}/").content.decode()


def test_file_accepts_a_uai_in_small_letters_and_refuses_an_unknown_one(
    signed: Signed, nadia: User, territory: Any
) -> None:
    client = signed(nadia)
    assert client.get(f"{LIST}{territory['crest'].uai.lower()}/").status_code == 200
    assert client.get(f"{LIST}0000000A/").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_file_costs_the_same_whatever_its_history(
    signed: Signed, nadia: User, grenoble: Academy, count: int, django_assert_num_queries: Any
) -> None:
    seat = make_establishment(grenoble, name="Lycée siège", kind=Kind.LYCEE)
    others = [make_establishment(grenoble, name=f"Collège {number}") for number in range(count)]
    gather(seat, *others)
    for number in range(count):
        place(seat, f"V{8 + number}", on=date(2024, 2, 1 + number))
    client = signed(nadia)
    with django_assert_num_queries(11):
        page = client.get(f"{LIST}{seat.uai}/").content.decode()
    assert page.count("app-moment__head") == count


# --- the model


def test_establishments_are_read_as_known_at_an_instant(grenoble: Academy, territory: Any) -> None:
    before = timezone.make_aware(datetime(2000, 1, 1))
    rows = Establishment.objects.filter(academy=grenoble).with_wave(TODAY, before).with_agency(TODAY, before)
    assert {(row.wave_code, row.agency_uai) for row in rows} == {(None, None)}  # type: ignore[attr-defined]
