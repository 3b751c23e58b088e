"""The Annuaire de l'éducation, through its headers and its traps."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deployment.choices import ImportKind, Kind, OpeningStatus
from deployment.importers import batches, establishments
from deployment.importers.plans import ImportPlan, ImportRefused
from deployment.models import Academy, Establishment, ImportBatch
from deployment.services import wave_states, waves
from deployment.tables import FileRefused, read_table
from tests.deployment.import_files import as_csv, as_ods, as_xlsx, official, official_rows
from tests.factories import make_academy, make_establishment, make_wave, uai

TODAY = {"today": "2024-10-08"}
HEADERS_2023 = {"Code_postal": "Code postal", "coordX_origine": "coordonnee_X", "coordY_origine": "coordonnee_Y"}


def rows_with(**cells: str) -> list[list[str]]:
    """The official header and one collège of Grenoble, with these cells (our header names) changed."""
    header = official_rows()[0]
    line = {
        "Identifiant_de_l_etablissement": "0380033E",
        "Nom_etablissement": "Collège Exemple",
        "Type_etablissement": "Collège",
        "Statut_public_prive": "Public",
        "Libelle_academie": "Grenoble",
        "Code_academie": "08",
        "Code_departement": "038",
        "code_nature": "340",
        "libelle_nature": "COLLEGE",
        "ministere_tutelle": "MINISTERE DE L'EDUCATION NATIONALE",
        "etat": "OUVERT",
    } | cells
    return [header, [line.get(name, "") for name in header]]


def plan(content: bytes, academy: Academy, **parameters: str) -> ImportPlan:
    return establishments.plan(read_table(content, "f"), academy=academy, parameters={**TODAY, **parameters})


def load(content: bytes, academy: Academy, **options: Any) -> ImportBatch:
    prepared = batches.prepare(
        batches.deposit(ImportKind.ESTABLISHMENTS, content, "annuaire.csv"), academy=academy, by=None
    )
    return batches.carry_out(prepared, **options)


def everything() -> list[dict[str, Any]]:
    return list(Establishment.objects.order_by("uai").values(*establishments.STORED, "uai", "academy"))


def test_the_official_export_is_read(grenoble: Academy) -> None:
    load(official(), grenoble)
    kinds = [e.kind for e in Establishment.objects.all()]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {Kind.COLLEGE: 10, Kind.LYCEE: 9, Kind.EREA: 1}
    lycee = Establishment.objects.get(uai="0070001N")
    assert lycee.name == "Lycée polyvalent Boissy d'Anglas"
    assert lycee.sort_name == "lycee polyvalent boissy d anglas annonay"
    assert (lycee.siret, lycee.postcode, lycee.town) == ("19070001300013", "07104", "Annonay")
    assert (lycee.departement, lycee.departement_label) == ("07", "Ardèche")
    assert (lycee.x, lycee.y, lycee.opened_on) == (831191.5, 6462359.6, date(1965, 5, 1))
    assert lycee.address == "50 avenue J Jaurès, BP 127"
    assert lycee.nature == "LYCEE POLYVALENT"
    assert lycee.email == "Ce.0070001N@ac-grenoble.fr"
    erea = Establishment.objects.get(kind=Kind.EREA)
    assert (erea.x, erea.siret, erea.email) == (None, "", "")
    assert Establishment.objects.filter(status=OpeningStatus.TO_OPEN).count() == 2


def variants() -> dict[str, bytes]:
    rows = official_rows()
    header, body = rows[0], rows[1:]
    without = header.index("Nombre_d_eleves")
    return {
        "header of 2023": as_csv([[HEADERS_2023.get(name, name) for name in header], *body]),
        "header of the API": as_csv([[name.lower() for name in header], *body]),
        "header of 2026": as_csv([row[:without] + row[without + 1 :] for row in rows]),
        "comma, no mark, plain ends": as_csv(rows, delimiter=",", end="\n", bom=False),
        "xlsx": as_xlsx(rows),
        "ods": as_ods([[cell.replace("&", "&amp;").replace("<", "&lt;") for cell in row] for row in rows]),
    }


@pytest.mark.parametrize("variant", variants())
def test_every_variant_gives_the_same_rows(grenoble: Academy, variant: str) -> None:
    load(official(), grenoble)
    again = plan(variants()[variant], grenoble)
    assert (again.changes, again.refused, len(again.left)) == ([], [], 20)


def test_an_xlsx_with_numbers_and_dates_gives_the_same_rows(grenoble: Academy) -> None:
    """Codes that a spreadsheet turned into numbers, and dates into dates."""
    load(official(), grenoble)
    header, *body = official_rows()
    numeric = {"Code_postal", "SIREN_SIRET", "Code_departement", "Code_academie", "code_nature", "coordX_origine"}
    cast = [
        [
            date.fromisoformat(cell)
            if name == "date_ouverture" and cell
            else float(cell)
            if name in numeric and cell
            else cell
            for name, cell in zip(header, row, strict=True)
        ]
        for row in body
    ]
    again = plan(as_xlsx([header, *cast]), grenoble)
    assert (again.changes, again.refused, len(again.left)) == ([], [], 20)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=st.randoms())
def test_the_order_of_lines_and_columns_does_not_matter(grenoble: Academy, chance: random.Random) -> None:
    header, *body = doubled_rows()
    expected = plan(as_csv([header, *body]), grenoble).fingerprint()
    places = list(range(len(header)))
    chance.shuffle(places)
    chance.shuffle(body)
    shuffled = plan(as_csv([[row[place] for place in places] for row in [header, *body]]), grenoble)
    assert shuffled.fingerprint() == expected


def doubled_rows() -> list[list[str]]:
    """The extract, where two UAIs appear twice and one line is refused."""
    header, *body = official_rows()
    name, siret = header.index("Nom_etablissement"), header.index("SIREN_SIRET")
    for row in body[:2]:
        site = list(row)
        site[name] += " - site du lycée de la Mode"
        body.append(site)
    body[5][siret] = "2,17003E+13"
    return [header, *body]


def test_of_a_uai_that_appears_twice_the_establishment_itself_is_kept(grenoble: Academy) -> None:
    result = plan(as_csv(doubled_rows()), grenoble)
    assert not [change.label for change in result.added if "site" in change.label]
    assert result.ignored == {"autre ligne du même UAI (site secondaire)": 2}


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"Libelle_academie": "Lyon", "Code_academie": "10"}, "autre académie"),
        ({"Libelle_academie": "", "Code_academie": ""}, "académie absente ou inconnue"),
        ({"Statut_public_prive": "Privé"}, "établissement privé"),
        ({"ministere_tutelle": "MINISTERE DE L'AGRICULTURE"}, "autre ministère (agriculture, mer, armées…)"),
        ({"code_nature": "151", "libelle_nature": "ECOLE PRIMAIRE"}, "autre nature (école, section, service…)"),
        ({"code_nature": "390", "libelle_nature": "SEGPA"}, "autre nature (école, section, service…)"),
        ({"code_nature": "334", "libelle_nature": "LYCEE SEP"}, "autre nature (école, section, service…)"),
        ({"etablissement_mere": "0380001A"}, "annexe d’un autre établissement"),
    ],
)
def test_what_is_no_eple_of_the_academy_is_counted_with_its_reason(
    grenoble: Academy, cells: dict[str, str], reason: str
) -> None:
    rows = [*official_rows(), rows_with(**cells)[1]]
    result = plan(as_csv(rows), grenoble)
    assert result.ignored == {reason: 1}
    assert len(result.added) == 20


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ({"code_nature": "350", "libelle_nature": "COLLEGE CLIMATIQUE"}, Kind.COLLEGE),
        ({"code_nature": "315", "libelle_nature": "LYCEE EXPERIMENTAL"}, Kind.LYCEE),
        ({"code_nature": "370", "libelle_nature": "EREA"}, Kind.EREA),
        ({"code_nature": "160", "libelle_nature": "ECOLE REGIONALE DU PREMIER DEGRE"}, Kind.ERPD),
        ({"code_nature": "151", "libelle_nature": "", "Nom_etablissement": "ERPD de Montélimar"}, Kind.ERPD),
        ({"code_nature": "", "libelle_nature": "LYCEE PROFESSIONNEL"}, Kind.LYCEE),
        ({"code_nature": "", "libelle_nature": "", "Type_etablissement": "Collège"}, Kind.COLLEGE),
    ],
)
def test_the_kind_comes_from_the_nature(grenoble: Academy, cells: dict[str, str], kind: Kind) -> None:
    assert plan(as_csv(rows_with(**cells)), grenoble).added[0].after["kind"] == kind


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"Identifiant_de_l_etablissement": "0380033H"}, "la lettre attendue est E"),
        ({"Identifiant_de_l_etablissement": ""}, "n’est pas un UAI"),
        ({"SIREN_SIRET": "2,17003E+13"}, "notation scientifique"),
        ({"date_ouverture": "31/02/2020"}, "n’est pas une date"),
        ({"etat": "ENDORMI"}, "« ENDORMI » est inconnu"),
        ({"Nom_etablissement": ""}, "Le nom de l’établissement est vide"),
        ({"Nom_etablissement": "x" * 161}, "dépasse 160 caractères"),
        ({"Code_postal": "38 000 0"}, "dépasse 5 chiffres"),
        ({"Nom_commune": "#N/A"}, "erreur de tableur"),
    ],
)
def test_a_bad_line_is_refused_with_its_number_and_reason(
    grenoble: Academy, cells: dict[str, str], reason: str
) -> None:
    result = plan(as_csv([*official_rows(), rows_with(**cells)[1]]), grenoble)
    assert [(refusal.line, reason in refusal.reason) for refusal in result.refused] == [(22, True)]
    assert len(result.added) == 20


@pytest.mark.parametrize("cells", [{"Mail": "pas une adresse"}, {"Telephone": "0" * 30}, {"coordX_origine": "?"}])
def test_unreadable_contact_data_is_left_out_with_a_warning(grenoble: Academy, cells: dict[str, str]) -> None:
    result = plan(as_csv(rows_with(**cells)), grenoble)
    assert len(result.added) == 1
    assert len(result.warnings) == 1


def test_coordinates_in_another_projection_are_left_out(grenoble: Academy) -> None:
    cells = {"coordX_origine": "330000", "coordY_origine": "7650000", "epsg_origine": "EPSG:2975"}
    assert plan(as_csv(rows_with(**cells)), grenoble).added[0].after["x"] is None


@pytest.mark.parametrize(
    ("given", "status", "closed_on"),
    [
        ({"etat": "OUVERT"}, OpeningStatus.OPEN, None),
        ({"etat": "A OUVRIR"}, OpeningStatus.TO_OPEN, None),
        ({"etat": "À fermer"}, OpeningStatus.TO_CLOSE, None),
        ({"etat": "FERME"}, OpeningStatus.CLOSED, "2024-10-08"),
        ({"etat": "FERME", "date_maj_ligne": "2024-09-01"}, OpeningStatus.CLOSED, "2024-09-01"),
    ],
)
def test_opening_and_closing(grenoble: Academy, given: dict[str, str], status: str, closed_on: str | None) -> None:
    content = as_csv(rows_with(**given))
    after = plan(content, grenoble).added[0].after
    assert (after["status"], after["closed_on"]) == (status, closed_on)
    load(content, grenoble)
    assert plan(content, grenoble, today="2025-01-01").changes == []


def test_the_same_file_again_changes_nothing(grenoble: Academy) -> None:
    load(official(), grenoble)
    before = everything()
    with pytest.raises(ImportRefused, match="ne change rien"):
        load(official(), grenoble)
    assert everything() == before
    assert ImportBatch.objects.count() == 1


def test_changes_are_shown_field_by_field_and_an_empty_cell_erases_nothing(grenoble: Academy) -> None:
    load(as_csv(rows_with(Telephone="04 76 00 00 00", Nom_commune="Grenoble")), grenoble)
    result = plan(as_csv(rows_with(Telephone="", Nom_commune="Meylan")), grenoble)
    shown = result.report()["changed"][0]
    assert shown["fields"] == [{"field": "commune", "before": "Grenoble", "after": "Meylan"}]
    assert shown["line"] == 2


def test_an_establishment_absent_from_the_file_is_told_and_left(grenoble: Academy) -> None:
    kept = make_establishment(grenoble, name="Collège Oublié")
    host = make_establishment(grenoble, name="Lycée support", kind=Kind.LYCEE, uai="0070001N")
    make_establishment(grenoble, name="GRETA", kind=Kind.GRETA, host=host)
    result = plan(official(), grenoble)
    assert result.absent == [str(kept)]
    load(official(), grenoble)
    kept.refresh_from_db()
    assert kept.status == OpeningStatus.OPEN


def test_a_uai_of_another_academy_or_of_a_greta_is_refused(grenoble: Academy, lyon: Academy) -> None:
    make_establishment(lyon, uai="0070001N")
    host = make_establishment(grenoble, uai="0380033E")
    make_establishment(grenoble, uai="0070002P", kind=Kind.GRETA, host=host)
    reasons = {refusal.key: refusal.reason for refusal in plan(official(), grenoble).refused}
    assert reasons == {
        "0070001N": "Cet UAI est déjà enregistré dans une autre académie.",
        "0070002P": "Cet UAI est enregistré comme GRETA.",
    }


def test_a_file_without_the_needed_columns_is_refused(grenoble: Academy) -> None:
    with pytest.raises(FileRefused, match="« Statut_public_prive »"):
        plan(as_csv([["Identifiant_de_l_etablissement", "Nom_etablissement"], ["0380033E", "x"]]), grenoble)
    with pytest.raises(FileRefused, match="Libelle_academie"):
        plan(as_csv([["uai", "nom", "secteur"], ["0380033E", "x", "Public"]]), grenoble)


def test_a_file_of_another_academy_only_is_refused(db: None) -> None:
    with pytest.raises(FileRefused, match="aucun EPLE de l’académie d’Aix-Marseille"):
        plan(official(), make_academy("aix-marseille", "Aix-Marseille"))


def test_another_academy_needs_no_change_of_code(db: None) -> None:
    reunion = make_academy("la-reunion", "La Réunion")
    cells = {
        "Identifiant_de_l_etablissement": uai(9_740_001),
        "Libelle_academie": "La Réunion",
        "Code_academie": "28",
        "Code_departement": "974",
    }
    load(as_csv(rows_with(**cells)), reunion)
    assert Establishment.objects.get().departement_label == "La Réunion"


@pytest.mark.parametrize("lines", [1, 3, 40])
def test_planning_and_writing_cost_the_same_whatever_the_number_of_lines(
    grenoble: Academy, lines: int, django_assert_num_queries: Any
) -> None:
    header, line = rows_with()
    rows = [[uai(380_000 + number), *line[1:]] for number in range(lines)]
    with django_assert_num_queries(7):
        load(as_csv([header, *rows]), grenoble)
    assert Establishment.objects.count() == lines


def test_lines_refused_stop_everything_unless_the_good_ones_are_asked(grenoble: Academy) -> None:
    content = as_csv([*official_rows(), rows_with(Identifiant_de_l_etablissement="0380033H")[1]])
    with pytest.raises(ImportRefused, match="1 ligne"):
        load(content, grenoble)
    assert not Establishment.objects.exists()
    load(content, grenoble, skip_refused=True)
    assert Establishment.objects.count() == 20


def test_undoing_puts_back_every_field_and_removes_what_was_added(grenoble: Academy) -> None:
    load(as_csv(rows_with(Nom_commune="Grenoble")), grenoble)
    before = everything()
    batch = load(as_csv([*rows_with(Nom_commune="Meylan"), *official_rows()[1:]]), grenoble)
    batches.undo(batch, by=None)
    assert everything() == before


def test_undoing_is_refused_once_a_row_changed(grenoble: Academy) -> None:
    batch = load(official(), grenoble)
    Establishment.objects.filter(uai="0070001N").update(phone="04 76 00 00 00")
    with pytest.raises(ImportRefused, match="0070001N"):
        batches.undo(batch, by=None)
    assert Establishment.objects.count() == 20


def test_undoing_is_refused_once_an_establishment_serves(grenoble: Academy) -> None:
    batch = load(official(), grenoble)
    wave = make_wave(grenoble)
    placed = Establishment.objects.get(uai="0070001N")
    waves.place(grenoble, {placed: wave}, effective_on=date(2024, 6, 28), reason="Essai", by=None)
    with pytest.raises(ImportRefused, match="sert déjà.*0070001N"):
        batches.undo(batch, by=None)
    assert Establishment.objects.count() == 20
    assert wave_states.state_of(wave, date(2024, 10, 8))
