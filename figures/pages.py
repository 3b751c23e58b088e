"""What the template of the deck shows: cover, agenda, and each slide's blocks ready to be written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from figures.brand import Brand
from figures.contours import cover_contours
from figures.deck import Block, Deck, Slide
from figures.forms import FormRefused, is_drawing, require_form
from figures.french import in_words, long_day
from figures.kinds import Figure, PointMap, Statement
from figures.layout import Column, drawing_height, first_column, lines_of, widest_cell
from figures.numbers import big_number
from figures.paragraphs import passages, steps
from figures.rail import data_uri
from figures.svg import draw
from figures.tables import table_of
from figures.words import MAP_CREDIT, description, unlocated_sentence

UNITS = 3.175  # user units of a drawing in a millimetre: its 14-unit text is then 12.5 points
FIRST_SLIDE_PAGE = 3
LONG_TITLE = 24
TALL_LINES = 5  # a table of so few lines is set with room


def deck_context(deck: Deck, look: Brand, densities: Sequence[int]) -> dict[str, Any]:
    return {
        "deck": deck,
        "day": long_day(deck.on),
        "is_state": bool(look.emblem),
        "emblem": data_uri(look.emblem) if look.emblem else "",
        "motto": data_uri(look.motto) if look.motto else "",
        "contours": data_uri(cover_contours()),
        "has_long_title": len(deck.title) > LONG_TITLE,
        "agenda_headline": agenda_headline(len(deck.sections)),
        "agenda_rows": min(max(-(-len(deck.sections) // 3), 3), 5),
        "agenda": _agenda(deck),
        "slides": [_slide(deck, look, index, density) for index, density in enumerate(densities)],
    }


def agenda_headline(points: int) -> str:
    words = in_words(points).capitalize()
    return f"{words} point{'s' if points > 1 else ''} à l’ordre du jour"


def _agenda(deck: Deck) -> list[dict[str, Any]]:
    """The points with the page and the anchor of their first slide, if they have one."""
    first = {slide.section: index for index, slide in reversed(list(enumerate(deck.slides)))}
    return [
        {
            "number": number,
            "title": title,
            "slide": first.get(number),
            "page": first[number] + FIRST_SLIDE_PAGE if number in first else None,
        }
        for number, title in enumerate(deck.sections, start=1)
    ]


def _slide(deck: Deck, look: Brand, index: int, density: int) -> dict[str, Any]:
    slide = deck.slides[index]
    return {
        "index": index,
        "page": index + FIRST_SLIDE_PAGE,
        "density": density,
        "kicker": kicker(deck, slide.section),
        "headline": slide.headline,
        "lines": [
            {
                "template": " ".join(f"{column.width:.2f}mm" for column in line),
                "columns": [
                    {
                        "blocks": [_block(block, column, look, density) for block in column.blocks],
                        "is_card": column.is_card and all(block.form == "text" for block in column.blocks),
                    }
                    for column in line
                ],
            }
            for line in lines_of(slide)
        ],
        "remark": slide.remark,
        "source": slide.source or composed_source(slide),
    }


def kicker(deck: Deck, section: int) -> str:
    """« 1 · Volumétrie V8 à V12 »; outside the agenda, « Annexe »."""
    return f"{section} · {deck.sections[section - 1]}" if 0 < section <= len(deck.sections) else "Annexe"


def composed_source(slide: Slide) -> str:
    """Source and day of each figure of the slide, once each; typed words need none when figures stand beside."""
    figures = [block.figure for block in slide.blocks]
    counted = [figure for figure in figures if not isinstance(figure, Statement)]
    told = dict.fromkeys(
        f"{figure.source}, situation au {long_day(figure.on)}" for figure in counted or figures if figure.source
    )
    return f"Source : {' ; '.join(told)}." if told else ""


def _block(block: Block, column: Column, look: Brand, density: int) -> dict[str, Any]:
    """`form` tells the template what to write; `caption` stands above."""
    figure = block.figure
    require_form(figure, block.form)
    content: dict[str, Any] = {"form": block.form, "caption": block.caption or dated_title(figure)}
    if is_drawing(block.form):
        return content | {"form": "drawing"} | _drawing(block, column, look, density)
    if block.form == "number":
        return content | {"number": big_number(figure, caption=block.caption)}
    if isinstance(figure, Statement):
        return content | _words(figure, block, column)
    return content | {"form": "table"} | _table(figure, column)


def _words(figure: Statement, block: Block, column: Column) -> dict[str, Any]:
    """Typed words: steps side by side, or passages; in a card where columns stand side by side."""
    content = {"form": block.form, "caption": block.caption, "is_wide": column.width > 200}
    if block.form == "steps":
        return content | {"steps": steps(figure.paragraphs)}
    return content | {"passages": passages(figure.paragraphs)}


def _table(figure: Figure, column: Column) -> dict[str, Any]:
    table = table_of(figure)
    if table is None:
        raise FormRefused(f"La figure « {figure.title} » n’a pas de tableau.")
    first = first_column(table, column.width)
    return {
        "table": table,
        "first": first,
        "is_tall": len(table.lines) <= TALL_LINES,
        "is_tight": widest_cell(table) > (column.width - first) / len(table.headings),
    }


def dated_title(figure: Figure) -> str:
    return f"{figure.title} au {long_day(figure.on)}"


def _drawing(block: Block, column: Column, look: Brand, density: int) -> dict[str, Any]:
    height = drawing_height(block, column, density)
    svg = draw(block.figure, block.form, width=column.width * UNITS, height=height * UNITS, font=look.font)
    is_map = isinstance(block.figure, PointMap)
    credit = MAP_CREDIT + unlocated_sentence(block.figure) if isinstance(block.figure, PointMap) else ""
    return {
        "uri": data_uri(svg),
        "alt": f"{block.figure.title}. {description(block.figure)}",
        "width": column.width,
        "height": height,
        "credit": credit if is_map else "",
    }
