"""Casting by column: what spreadsheets do to codes, dates and numbers."""

from datetime import date, datetime

import pytest

from deployment import cells
from deployment.cells import CellRefused


@pytest.mark.parametrize(("cell", "shown"), [(7104.0, "7104"), ("  a\u00a0 b ", "a b"), (None, ""), (True, "1")])
def test_text_is_what_a_person_sees(cell: object, shown: str) -> None:
    assert cells.text(cell) == shown  # type: ignore[arg-type]


@pytest.mark.parametrize("cell", [7104.0, "7104", "07104", " 07 104 "])
def test_a_postcode_gets_its_zero_back(cell: cells.Cell) -> None:
    assert cells.digits(5)(cell) == "07104"


@pytest.mark.parametrize("cell", [475692550.0, "475692550", "0475692550", " 04\u202f75 69 25 50"])
def test_a_phone_number_gets_its_zero_back(cell: cells.Cell) -> None:
    assert cells.phone(cell).replace(" ", "") == "0475692550"


@pytest.mark.parametrize("cell", ["+33 4 75 69 25 50", "04 75 69 25 50", "36 14", ""])
def test_another_phone_number_is_left_as_it_is(cell: str) -> None:
    assert cells.phone(cell) == cell


def test_a_phone_number_in_scientific_notation_is_refused() -> None:
    with pytest.raises(CellRefused, match="notation scientifique"):
        cells.phone("4,75693E+08")


@pytest.mark.parametrize("cell", ["2,17003E+13", "2.17003E+13", "2E13"])
def test_a_siret_in_scientific_notation_is_refused(cell: str) -> None:
    with pytest.raises(CellRefused, match="notation scientifique"):
        cells.siret(cell)


@pytest.mark.parametrize(
    ("cell", "kept"), [("19070001300013", "19070001300013"), (19070001300013.0, "19070001300013"), ("190700013", "")]
)
def test_a_siret_has_fourteen_digits_and_a_siren_is_none(cell: cells.Cell, kept: str) -> None:
    assert cells.siret(cell) == kept


@pytest.mark.parametrize(
    "cell",
    [
        "2024-06-28",
        "28/06/2024",
        "28.06.2024",
        "2024-06-28T00:00:00+00:00",
        date(2024, 6, 28),
        datetime(2024, 6, 28, 9),
    ],
)
def test_a_date_has_many_forms(cell: cells.Cell) -> None:
    assert cells.day(cell) == date(2024, 6, 28)


@pytest.mark.parametrize("cell", ["31/02/2024", "2024-02-31", "45000", 45000.0, "28/06/24", "0024-06-28", "bientôt"])
def test_what_is_no_date_is_refused(cell: cells.Cell) -> None:
    with pytest.raises(CellRefused):
        cells.day(cell)


@pytest.mark.parametrize("cell", ["#N/A", "#REF!", "#DIV/0!", "#VALEUR!"])
def test_an_error_of_the_spreadsheet_is_refused(cell: str) -> None:
    with pytest.raises(CellRefused, match="erreur de tableur"):
        cells.text(cell)


@pytest.mark.parametrize("cell", ["nan", "inf", "1e12", "x"])
def test_what_is_no_number_is_refused(cell: str) -> None:
    with pytest.raises(CellRefused):
        cells.number(cell)


def test_numbers_take_a_comma() -> None:
    assert cells.number("810184,7") == 810184.7
    assert cells.number("") is None
