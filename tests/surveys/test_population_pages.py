"""Choosing who is asked: criteria, additions, exclusions, each with what the page says of it."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from accounts.models import User
from deployment.choices import Kind
from deployment.models import Academy, Establishment
from surveys.choices import CampaignState, EntryOrigin
from surveys.models import Campaign, PopulationEntry
from surveys.services import populations
from surveys.tallies import criteria_words, tally
from tests.factories import gather, make_establishment, place
from tests.surveys.factories import make_campaign

Sign = Callable[[User], Client]


@pytest.fixture
def places(grenoble: Academy) -> list[Establishment]:
    """Three in V8 (a lycée, two collèges, one of them in the Drôme), one in V7, one out of the deployment."""
    rows = [
        make_establishment(grenoble, name="Lycée Vaucanson", kind=Kind.LYCEE),
        make_establishment(grenoble, name="Collège Olympique"),
        make_establishment(grenoble, name="Collège Saint-Exupéry", departement="026", departement_label="Drôme"),
        make_establishment(grenoble, name="Collège Champollion"),
        make_establishment(grenoble, name="Collège Isolé"),
    ]
    for row, code in zip(rows, ("V8", "V8", "V8", "V7"), strict=False):
        place(row, code)
    gather(rows[0], rows[1])
    return rows


@pytest.fixture
def empty(grenoble: Academy, places: list[Establishment]) -> Campaign:
    campaign = make_campaign(grenoble, establishments=[places[4]], state=CampaignState.DRAFT)
    campaign.entries.all().delete()
    return campaign


def address(campaign: Campaign, act: str = "") -> str:
    return f"{campaign.get_absolute_url()}population/{act}"


def names(campaign: Campaign) -> set[str]:
    return set(campaign.entries.filter(is_excluded=False).values_list("establishment__name", flat=True))


# --- criteria


@pytest.mark.parametrize(
    ("criteria", "chosen"),
    [
        ({}, []),
        ({"waves": ["V8"]}, [0, 1, 2]),
        ({"waves": ["V8", "V7"]}, [0, 1, 2, 3]),
        ({"waves": ["V8"], "kinds": ["college"]}, [1, 2]),
        ({"departements": ["026"]}, [2]),
        ({"waves": ["V8"], "agencies": ["seat"]}, [0, 1]),
    ],
)
def test_criteria_are_counted_then_kept(
    criteria: dict[str, list[str]],
    chosen: list[int],
    signed: Sign,
    samir: User,
    empty: Campaign,
    places: list[Establishment],
) -> None:
    asked = {name: [places[0].uai if v == "seat" else v for v in values] for name, values in criteria.items()}
    client = signed(samir)
    page = client.get(
        address(empty), {"compter": "1", **asked}, headers={"HX-Request": "true", "HX-Target": "criteria-count"}
    )
    assert f"<strong>{len(chosen)}</strong>" in page.content.decode()
    assert "<html" not in page.content.decode()
    assert not empty.entries.exists()
    assert client.post(address(empty, "criteres/"), asked).status_code == 302
    assert names(empty) == {places[number].name for number in chosen}


def test_without_javascript_the_count_is_in_the_page(signed: Sign, samir: User, empty: Campaign) -> None:
    page = signed(samir).get(address(empty), {"compter": "1", "waves": "V8"}).content.decode()
    assert "<strong>3</strong>" in page and "<html" in page
    assert '<input type="hidden" name="waves" value="V8">' in page


@pytest.mark.parametrize("bad", [{"waves": "V99"}, {"kinds": "ecole"}, {"departements": "<b>"}, {"agencies": "0"}])
def test_criteria_that_do_not_exist_are_refused(
    bad: dict[str, str], signed: Sign, samir: User, empty: Campaign
) -> None:
    client = signed(samir)
    assert "n’existe pas ou plus" in client.get(address(empty), {"compter": "1", **bad}).content.decode()
    assert "n’existe pas ou plus" in client.post(address(empty, "criteres/"), bad, follow=True).content.decode()
    assert not empty.entries.exists()


def test_new_criteria_keep_what_was_done_by_hand(empty: Campaign, places: list[Establishment], samir: User) -> None:
    populations.choose(empty, {"waves": ["V8"]}, by=samir)
    populations.add(empty, [places[4]], reason="Demande du DASEN", by=samir)
    populations.exclude(empty, [places[0]], reason="Fusion", by=samir)
    populations.choose(empty, {"waves": ["V7"]}, by=samir)
    assert names(empty) == {places[3].name, places[4].name}
    assert empty.entries.get(is_excluded=True).establishment == places[0]


# --- words


def test_the_population_is_told_with_its_additions_and_exclusions(
    signed: Sign, samir: User, empty: Campaign, places: list[Establishment]
) -> None:
    populations.choose(empty, {"waves": ["V8"]}, by=samir)
    populations.add(empty, [places[3], places[4]], reason="Postes communs", by=samir)
    populations.exclude(empty, [places[0]], reason="Fusion", by=samir)
    empty.refresh_from_db()
    assert str(tally(empty)) == "3 établissements de V8 + 2 ajoutés − 1 écarté = 4"
    page = signed(samir).get(address(empty)).content.decode()
    for told in ("3 établissements de V8 + 2 ajoutés − 1 écarté = 4", "Postes communs", "Fusion", "Écarté", "Ajouté"):
        assert told in page
    populations.add(empty, [places[0]], reason="Fusion reportée", by=samir)
    assert str(tally(empty)) == "3 établissements de V8 + 2 ajoutés − 0 écarté = 5"


@pytest.mark.parametrize(
    ("criteria", "words"),
    [
        ({}, ""),
        ({"waves": ["V8", "V9"], "kinds": ["college", "erea"]}, "de V8 et V9, collèges et EREA"),
        ({"departements": ["026"]}, "département 026"),
        ({"departements": ["026", "038"], "agencies": ["0380001A"]}, "départements 026 et 038, agence 0380001A"),
        ({"agencies": ["1", "2", "3", "4"]}, "4 agences comptables"),
    ],
)
def test_criteria_in_words(criteria: dict[str, list[str]], words: str) -> None:
    assert criteria_words(criteria) == words


# --- one by one


def test_an_establishment_is_found_and_added_with_a_reason(
    signed: Sign, samir: User, empty: Campaign, places: list[Establishment]
) -> None:
    client = signed(samir)
    page = client.get(address(empty), {"recherche": "champoll"}).content.decode()
    assert "Collège Champollion" in page
    assert places[3].uai in client.get(address(empty), {"recherche": places[3].uai}).content.decode()
    assert "ne correspond à « zzz&lt;i&gt; »" in client.get(address(empty), {"recherche": "zzz<i>"}).content.decode()
    client.post(address(empty, "ajout/"), {"uai": places[3].uai, "reason": "Poste partagé avec V8"})
    entry = empty.entries.get()
    assert (entry.establishment, entry.origin, entry.reason) == (places[3], EntryOrigin.ADDED, "Poste partagé avec V8")


@pytest.mark.parametrize("act", ["ajout/", "retrait/"])
@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"reason": "Parce que"}, "Cochez au moins un établissement."),
        ({"uai": "own", "reason": "  "}, "Indiquez le motif."),
        ({"uai": "own", "reason": "x" * 301}, "300"),
        ({"uai": "0000000A", "reason": "Parce que"}, "0000000A"),
        ({"uai": "stranger", "reason": "Parce que"}, "n’est pas un choix possible"),
    ],
)
def test_a_change_needs_establishments_of_the_academy_and_a_reason(
    act: str,
    sent: dict[str, str],
    said: str,
    signed: Sign,
    samir: User,
    empty: Campaign,
    places: list[Establishment],
    lyon: Academy,
) -> None:
    uais = {"own": places[0].uai, "stranger": make_establishment(lyon).uai}
    populations.choose(empty, {"waves": ["V8"]}, by=samir)
    before = list(empty.entries.order_by("pk").values())
    sent = sent | ({"uai": uais.get(sent["uai"], sent["uai"])} if "uai" in sent else {})
    page = signed(samir).post(address(empty, act), sent, follow=True).content.decode()
    assert said in page
    assert list(empty.entries.order_by("pk").values()) == before


def test_ticked_establishments_are_left_out_and_taken_back(
    signed: Sign, samir: User, empty: Campaign, places: list[Establishment]
) -> None:
    populations.choose(empty, {"waves": ["V8"]}, by=samir)
    client, ticked = signed(samir), {"uai": [places[0].uai, places[1].uai], "reason": "Travaux"}
    client.post(address(empty, "retrait/"), ticked)
    assert names(empty) == {places[2].name}
    assert "Lycée Vaucanson" in client.get(address(empty), {"montrer": "ecartes"}).content.decode()
    client.post(address(empty, "ajout/"), ticked | {"reason": "Travaux finis"})
    assert names(empty) == {places[n].name for n in range(3)}
    assert set(empty.entries.values_list("origin", flat=True)) == {EntryOrigin.RULE}


# --- a file


def csv_file(*lines: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("uais.csv", "".join(f"{line}\r\n" for line in lines).encode())


def xlsx_file(*lines: list[Any]) -> SimpleUploadedFile:
    book = Workbook()
    for line in lines:
        book.active.append(line)  # type: ignore[union-attr]
    content = io.BytesIO()
    book.save(content)
    return SimpleUploadedFile("uais.xlsx", content.getvalue())


def test_a_file_of_uais_adds_its_establishments(
    signed: Sign, samir: User, empty: Campaign, places: list[Establishment]
) -> None:
    client = signed(samir)
    first = csv_file("Nom;Code UAI", f"Vaucanson;{places[0].uai}", f"Olympique;{places[1].uai.lower()}")
    assert client.post(address(empty, "fichier/"), {"file": first, "reason": "Liste du COSUI"}).status_code == 302
    second = xlsx_file(["uai"], [places[2].uai])
    assert client.post(address(empty, "fichier/"), {"file": second, "reason": "Liste du COSUI"}).status_code == 302
    assert names(empty) == {places[n].name for n in range(3)}


def test_wrong_lines_are_told_by_number_and_stop_everything_unless_skipped(
    signed: Sign, samir: User, empty: Campaign, places: list[Establishment], lyon: Academy
) -> None:
    good, stranger = places[0].uai, make_establishment(lyon).uai

    def sent(**more: str) -> Any:
        file = csv_file("uai;nom", f"{good};", "0380033H;faux", f"{stranger};Lyon", ";vide", f"{good};encore")
        return signed(samir).post(address(empty, "fichier/"), {"file": file, "reason": "Liste", **more})

    page = sent()
    assert page.status_code == 400
    text = page.content.decode()
    assert "4 lignes refusées, rien n’est ajouté" in text
    for told in (
        "Ligne 3 : L’UAI 0380033H est faux",
        f"Ligne 4 : {stranger} n’est pas",
        "Ligne 5 : La case",
        "Ligne 6 : ",
    ):
        assert told in text
    assert not empty.entries.exists()
    assert sent(skip_refused="on").status_code == 302
    assert names(empty) == {places[0].name}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "vide"),
        (b"nom\r\nStendhal\r\n", "n’a pas de colonne"),
        (b"%PDF-1.7 ", "un document PDF"),
        (b"\xff\x00\xff", "tableau"),
        (b"uai\r\n", "ne contient aucune donn"),
    ],
)
def test_a_file_that_is_not_a_list_of_uais_is_refused(
    content: bytes, said: str, signed: Sign, samir: User, empty: Campaign
) -> None:
    sent = {"file": SimpleUploadedFile("uais.csv", content), "reason": "Liste"}
    page = signed(samir).post(address(empty, "fichier/"), sent)
    assert page.status_code == 400
    assert said in str(page.context["file_form"].errors["file"])
    assert not empty.entries.exists()


# --- rights and states


def test_only_who_edits_changes_a_population(
    signed: Sign, claire: User, empty: Campaign, places: list[Establishment]
) -> None:
    page = signed(claire).get(address(empty)).content.decode()
    assert "Critères" not in page and "Écarter" not in page
    sent = {"uai": places[0].uai, "reason": "Parce que", "waves": "V8"}
    for act in ("criteres/", "ajout/", "retrait/", "fichier/"):
        assert signed(claire).post(address(empty, act), sent).status_code == 403
    assert not empty.entries.exists()


@pytest.mark.parametrize("state", [CampaignState.PREPARED, CampaignState.SENT, CampaignState.FROZEN])
def test_a_prepared_population_does_not_move(
    state: CampaignState, signed: Sign, samir: User, grenoble: Academy, places: list[Establishment]
) -> None:
    campaign = make_campaign(grenoble, state=state)
    before = list(PopulationEntry.objects.order_by("pk").values())
    client, sent = signed(samir), {"uai": places[0].uai, "reason": "Parce que", "waves": "V8"}
    for act in ("criteres/", "ajout/", "retrait/"):
        assert (
            "Cette enquête est dans l’état" in client.post(address(campaign, act), sent, follow=True).content.decode()
        )
    file = csv_file("uai", places[0].uai)
    assert client.post(address(campaign, "fichier/"), {"file": file, "reason": "Liste"}).status_code == 400
    assert list(PopulationEntry.objects.order_by("pk").values()) == before
    assert "Critères" not in client.get(address(campaign)).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_population_costs_the_same_queries_however_large(
    number: int,
    signed: Sign,
    samir: User,
    empty: Campaign,
    places: list[Establishment],
    django_assert_num_queries: Any,
) -> None:
    populations.add(empty, places[:number], reason="Essai", by=samir)
    client = signed(samir)
    asked = {"compter": "1", "waves": ["V8"], "recherche": "college"}
    client.get(address(empty), asked)
    with django_assert_num_queries(13):
        client.get(address(empty), asked)
