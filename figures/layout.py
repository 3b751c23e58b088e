"""How a slide's blocks are set on its page: rows of columns, and how high a drawing may be."""

from __future__ import annotations

from dataclasses import dataclass

from figures.canvas import text_width
from figures.deck import Block, Slide
from figures.kinds import CrossTable
from figures.tables import Table, table_of

BODY_WIDTH, GAP = 259.0, 12.0  # millimetres
BODY_HEIGHT, REMARK_HEIGHT = 120.0, 25.0
WIDE, NARROW = 0.64, 0.36
CAPTION_HEIGHT = 10.0
TABLE_TEXT = 5.3  # 15 points
WIDEST_HEADINGS = 0.42
COLUMNS = {"halves": 2, "thirds": 3}


@dataclass(frozen=True)
class Column:
    """Blocks one under the other; `height` is what each may take, `width` what all have."""

    blocks: tuple[Block, ...]
    width: float
    height: float
    is_card: bool = False  # words in it stand on a tinted ground


Line = tuple[Column, ...]


def lines_of(slide: Slide) -> tuple[Line, ...]:
    """The slide's blocks as rows of columns."""
    height = BODY_HEIGHT - (REMARK_HEIGHT if slide.remark else 0)
    groups = _groups(slide)
    free = height / max(len(groups), 1)
    return tuple(_line(group, free, slide, is_first=index == 0) for index, group in enumerate(groups))


def _groups(slide: Slide) -> list[list[list[Block]]]:
    """Rows, each a list of columns, each a list of blocks."""
    blocks = list(slide.blocks)
    if not blocks:
        return []
    if slide.layout in COLUMNS:
        size = COLUMNS[slide.layout]
        return [[[block] for block in blocks[start : start + size]] for start in range(0, len(blocks), size)]
    if slide.layout in ("wide_left", "narrow_left"):
        return [[blocks[:1], blocks[1:]]]
    return _stacked(blocks)


def _stacked(blocks: list[Block]) -> list[list[list[Block]]]:
    """One block a row, except that numbers that follow one another stand side by side, four at most."""
    rows: list[list[list[Block]]] = []
    for block in blocks:
        beside = rows and block.form == "number" and rows[-1][-1][0].form == "number" and len(rows[-1]) < 4
        if beside:
            rows[-1].append([block])
        else:
            rows.append([[block]])
    return rows


def _line(columns: list[list[Block]], height: float, slide: Slide, *, is_first: bool) -> Line:
    weights = _weights(columns, slide)
    free = BODY_WIDTH - GAP * (len(weights) - 1)
    words_side_by_side = len(columns) > 1 and all(block.form == "text" for column in columns for block in column)
    is_card = words_side_by_side or slide.layout == "thirds" or not is_first
    return tuple(
        Column(tuple(blocks), free * weight, (height - 6 * (len(blocks) - 1)) / max(len(blocks), 1), is_card)
        for blocks, weight in zip(columns, weights, strict=False)
    )


def _weights(columns: list[list[Block]], slide: Slide) -> list[float]:
    """Shares of the width; two tables side by side share it by their number of columns."""
    if slide.layout == "wide_left":
        return [WIDE, NARROW]
    if slide.layout == "narrow_left":
        return [NARROW, WIDE]
    if slide.layout == "halves":
        sizes = [_table_size(column[0]) for column in columns]
        if len(sizes) == 2 and all(sizes):
            share = min(0.62, max(0.38, (sizes[0] + 1) / (sum(sizes) + 2)))
            return [share, 1 - share]
    size = COLUMNS.get(slide.layout, len(columns))
    return [1 / size] * size


def _table_size(block: Block) -> int:
    """Number of columns of a table block, 0 for other forms."""
    table = table_of(block.figure) if block.form == "table" else None
    return len(table.headings) + 1 if table else 0


def drawing_height(block: Block, column: Column, density: int) -> float:
    """Millimetres for a drawing: what its column leaves it, and less when the slide is crowded."""
    if isinstance(block.figure, CrossTable) and block.form == "differences":
        return min(9.4 * len(block.figure.columns), column.height) * (1.0, 0.92, 0.75)[density]
    shares = (0.92, 0.84, 0.7) if len(column.blocks) == 1 else (0.8, 0.66, 0.5)
    return max(30.0, (column.height - CAPTION_HEIGHT) * shares[density])


def first_column(table: Table, width: float) -> float:
    """Millimetres for the headings of a table's lines: what the longest needs, up to a part of the width."""
    texts = (table.corner, *(line.heading for line in table.lines))
    return min(max(text_width(text, TABLE_TEXT) for text in texts) + 4, width * WIDEST_HEADINGS)


def widest_cell(table: Table) -> float:
    """Millimetres that the widest number or heading of a column takes, with the air around it."""
    texts = [*table.headings, *(cell.text for line in table.lines for cell in line.cells)]
    return max(text_width(text, TABLE_TEXT) for text in texts) + 4
