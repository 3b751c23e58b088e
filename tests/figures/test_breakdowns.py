"""Named counts: the JSON they promise, the shares, and the simpler figures taken out of them."""

from figures.blocks import block_context
from figures.numbers import big_number
from figures.svg import draw
from figures.text import to_text
from tests.figures import samples


def test_json_has_the_promised_keys_and_no_other() -> None:
    assert samples.needs().data() == {
        "asked": 73,
        "answered": 72,
        "rate": 98.6,
        "ordering": {
            "total": 225, "head": 59, "secretary_general": 68, "bursary_staff": 96, "vocational_training_director": 2,
        },
        "accounting": {"total": 8},
    }  # fmt: skip


def test_cells_know_what_their_rows_are() -> None:
    figure = samples.needs()
    assert [figure.unit_of(cell) for cell in ("asked", "ordering/head", "elsewhere")] == [
        "establishment", "person", "establishment",
    ]  # fmt: skip


def test_bars_go_from_the_greatest_with_their_share() -> None:
    figure = samples.needs()
    assert [key for key, _ in figure.bars().columns] == [
        "ordering/bursary_staff", "ordering/secretary_general", "ordering/head",
        "ordering/vocational_training_director",
    ]  # fmt: skip
    drawing = draw(figure, "bars", width=660)
    assert all(f"{share}\u202f%" in drawing for share in (43, 30, 26, 1))


def test_a_rate_and_a_count_are_taken_out_with_their_rows() -> None:
    figure = samples.needs()
    rate = figure.rate("answered", "asked", title="Réponses", part_label="établissements ont répondu")
    assert (rate.part, rate.whole, rate.rows["whole"]) == (72, 73, ("0380001A",))
    count = figure.count("ordering/head", "ordonnateurs à former")
    assert (big_number(count).value, count.unit, count.rows["total"]) == ("59", "person", ("0380001A/1.0",))


def test_table_opens_each_count_and_sets_the_parts_under_their_group() -> None:
    lines = block_context(samples.needs(), form=None, rows_url="/lignes/?au=x", caption="")["lines"]
    told = {line.heading: (line.cells[0].url, line.is_total, line.is_under) for line in lines}
    assert told["Établissements sollicités"] == ("/lignes/?au=x&cellule=asked", False, False)
    assert told["Ordonnateurs"] == ("/lignes/?au=x&cellule=ordering/head", False, True)
    assert told["Sphère ordonnateur"] == ("", True, False)
    assert told["Taux de réponse"] == ("", False, False)
    assert "72 (dont 2 après la clôture)" in to_text(samples.needs())
