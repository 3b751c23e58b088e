"""Figures on the command line."""

import pytest

from figures.kinds import Figure
from figures.text import to_text
from tests.figures import samples


def test_cross_table_is_aligned_with_notes_and_totals() -> None:
    lines = to_text(samples.volumetry()).splitlines()
    assert lines[0] == "Volumétrie V8 à V12 (au 01/10/2024)"
    assert "151" in lines[1] and "207 dans d’autres vagues" in lines[1]
    rows = [line.split() for line in lines]
    assert ["Collèges", "51", "11", "29", "3", "7", "101"] in rows
    assert ["EREA", "0", "0", "0", "1", "0", "1"] in rows
    assert ["Total", "71", "12", "45", "5", "18", "151"] in rows
    assert any(line.startswith("Lycées    20 (dont 1 GRETA)") for line in lines)
    assert lines[-1] == "Source : Registre des mouvements de vague"


def test_lines_that_do_not_add_up_have_no_total_row() -> None:
    assert "Total" not in [line.split(" ")[0] for line in to_text(samples.change()).splitlines()]


def test_rate_tells_part_whole_and_population() -> None:
    text = to_text(samples.answers())
    assert "72 sur 73 établissements ont répondu" in text
    assert "dont un poste est vacant" in text


def test_rate_of_nothing_has_no_percentage() -> None:
    assert "— " in to_text(samples.answers(0, 0))


@pytest.mark.parametrize("figure", samples.every_figure(), ids=lambda figure: figure.kind)
def test_every_kind_tells_title_day_and_source(figure: Figure) -> None:
    text = to_text(figure)
    assert figure.title in text and "2024" in text and figure.source in text
