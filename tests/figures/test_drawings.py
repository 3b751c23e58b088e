"""Drawings: well-formed SVG without style attributes, told in words, holding their place."""

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from figures import bars, maps
from figures.canvas import Canvas, text_width, wrapped
from figures.deck import Form
from figures.forms import DRAWN, FormRefused
from figures.frozen import thaw
from figures.kinds import CrossTable, Figure, Row
from figures.scale import scale
from figures.svg import draw
from tests.figures import samples

SVG = "{http://www.w3.org/2000/svg}"
ROOT = Path(__file__).resolve().parents[2]
DRAWINGS: list[tuple[Form, Figure]] = [
    ("bars", samples.change()),
    ("bars", samples.profiles()),
    ("bars", samples.tickets()),
    ("differences", samples.difference()),
    ("lines", samples.sizes()),
    ("map", samples.wave_map()),
]


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("width", [280, 640])
@pytest.mark.parametrize(("form", "figure"), DRAWINGS)
def test_drawing_is_told_in_words_and_has_no_style_attribute(form: Form, figure: Figure, width: int) -> None:
    root = ElementTree.fromstring(draw(figure, form, width=width))
    assert root.findtext(f"{SVG}title") == figure.title
    assert root.findtext(f"{SVG}desc")
    assert not [node for node in root.iter() if "style" in node.attrib or node.tag == f"{SVG}style"]


@pytest.mark.parametrize("width", [280, 640])
@pytest.mark.parametrize(("form", "figure"), DRAWINGS)
def test_words_stay_inside_the_drawing(form: Form, figure: Figure, width: int) -> None:
    root = ElementTree.fromstring(draw(figure, form, width=width))
    height = float(root.attrib["viewBox"].split()[3])
    for node in root.iter(f"{SVG}text"):
        long, x = text_width(node.text or "", 10), float(node.attrib["x"])
        left = x - {"start": 0.0, "middle": long / 2, "end": long}[node.attrib["text-anchor"]]
        assert left >= -1, node.text
        assert left + long <= width + 1, node.text
        assert 0 <= float(node.attrib["y"]) <= height, node.text


def test_every_class_is_coloured_on_the_web_and_on_paper() -> None:
    used = {name for form, figure in DRAWINGS for name in re.findall(r"fig-[a-z0-9-]+", _shapes(form, figure))}
    for sheet in (ROOT / "static" / "figures.css", ROOT / "figures" / "data" / "paper.css"):
        assert used <= set(re.findall(r"\.(fig-[a-z0-9-]+)", sheet.read_text(encoding="utf-8"))), sheet.name


def _shapes(form: Form, figure: Figure) -> str:
    classes = ElementTree.fromstring(draw(figure, form, width=640)).iter()
    return " ".join(node.get("class", "") for node in classes if node.tag != f"{SVG}svg")


def test_bars_carry_their_values_and_their_series() -> None:
    words = texts(draw(samples.change(), "bars", width=640))
    assert {"Volumétrie initiale", "Au 01/10/2024", "V8", "V12", "114", "71", "18"} <= set(words)


def test_series_of_bars_differ_without_their_colour() -> None:
    canvas = Canvas("x", 640, 360)
    bars.grouped_bars(samples.tickets(), canvas)
    key = canvas.shapes[: next(i for i, shape in enumerate(canvas.shapes) if "fig-axis" in shape)]
    marks = [shape for shape in key if "fig-fill" in shape or "fig-hatch" in shape]
    assert sum("fig-fill" in mark for mark in marks) == 4
    assert sum("fig-hatch" in mark for mark in marks) == 3, "all series but the first are hatched, each its way"


def test_long_names_lay_the_bars_down() -> None:
    svg = draw(samples.profiles(), "bars", width=640)
    assert "Personnels d’intendance" in texts(svg)


def test_difference_goes_to_the_left_when_negative() -> None:
    words = texts(draw(samples.difference(), "differences", width=320))
    assert [word for word in words if word[0] in "−+"] == ["−43", "−25", "+45", "+5", "+18"]


def test_curves_end_with_their_name_and_last_value() -> None:
    words = texts(draw(samples.sizes(), "lines", width=640))
    assert {"V8 71", "V9 12", "V10 45", "V11 5", "V12 18", "28/06/2024", "01/10/2024"} <= set(words)


def test_empty_figures_are_drawn_empty() -> None:
    nothing = samples.sizes()
    assert draw(CrossTable(**samples.shared("x", "Vide"), columns=(), lines=()), "bars", width=300)
    assert draw(
        type(nothing)(**samples.shared("x", "Vide"), points=(), values={}, labels={}, point_heading=""),
        "lines",
        width=300,
    )
    assert draw(samples.wave_map((), places=0), "map", width=300)


def test_zero_values_draw_no_bar_but_keep_their_group() -> None:
    line = Row("a", "A", {"V8": 0, "V9": 0})
    figure = CrossTable(**samples.shared("x", "Zéros"), columns=samples.COLUMNS[:2], lines=(line,))
    svg = draw(figure, "bars", width=300)
    assert {"V8", "V9"} <= set(texts(svg))
    assert "<rect" not in svg


def test_map_numbers_its_outlines_and_tells_the_size_of_groups() -> None:
    svg = draw(samples.wave_map(), "map", width=640)
    words = texts(svg)
    assert {"07", "26", "38", "73", "74"} <= set(words)
    assert sum(int(word.split("(")[1].rstrip(")")) for word in words if "(" in word) == 151


def test_links_of_a_map_are_lines_under_its_marks_and_are_frozen() -> None:
    figure = replace(samples.wave_map(), links=((830_000.0, 6_400_000.0, 915_000.0, 6_455_000.0),))
    svg = draw(figure, "map", width=640)
    assert svg.count('class="fig-link"') == 1
    assert svg.index("fig-land") < svg.index("fig-link") < svg.index("fig-dot")
    assert draw(thaw(json.loads(json.dumps(figure.freeze()))), "map", width=640) == svg


def test_map_of_an_overseas_academy_has_marks_without_outlines() -> None:
    svg = draw(samples.wave_map(("974",)), "map", width=640)
    assert "fig-dot" in svg
    assert "fig-land" not in svg


def test_every_outline_draws() -> None:
    assert len(maps.outlines()) == 96
    for code in maps.outlines():
        assert "fig-land" in draw(samples.wave_map((code,), places=0), "map", width=300)


def test_map_of_the_whole_country_is_one_path_a_group_and_layer() -> None:
    svg = draw(samples.wave_map(tuple(maps.outlines()), places=7900), "map", width=640)
    assert svg.count("fig-dot") == 2 * len(samples.WAVES), "once on the map, once in the key"
    assert len(svg) < 900_000


@pytest.mark.parametrize("form", [*DRAWN, "number", "text"])
def test_a_form_that_does_not_suit_is_refused(form: Form) -> None:
    figure = samples.statement("x") if form in DRAWN else samples.volumetry()
    with pytest.raises(FormRefused):
        draw(figure, form, width=300)


def test_hostile_words_stay_words() -> None:
    hostile = '\x00\x1f</text><script>alert(1)</script><image href="http://127.0.0.1:9/x"/>&'
    columns = (("a", hostile), ("b", "B"))
    line = Row("x", hostile, {"a": 3, "b": 2})
    figure = CrossTable(**samples.shared(hostile, hostile), columns=columns, lines=(line, line))
    root = ElementTree.fromstring(draw(figure, "bars", width=2000))
    assert {node.tag.removeprefix(SVG) for node in root.iter()} == {"svg", "title", "desc", "path", "rect", "text"}
    assert root.findtext(f"{SVG}title") == hostile.lstrip("\x00\x1f")


@pytest.mark.parametrize("top", [1, 3, 7, 10, 114, 999, 7908])
def test_axis_is_round_and_holds_all_values(top: int) -> None:
    axis = scale([top], 0, 100)
    assert axis.high >= top
    assert len(axis.ticks) <= 6
    assert all(tick == int(tick) for tick in axis.ticks)
    assert (axis(0), axis(axis.high)) == (0, 100)


def test_long_words_are_cut_with_an_ellipsis() -> None:
    assert wrapped("anticonstitutionnellement " * 3, 60)[-1].endswith("…")
    assert len(wrapped("un deux trois quatre cinq", 60)) == 2
