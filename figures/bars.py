"""Bars: grouped upright or lying, and the diverging bars of a difference."""

from __future__ import annotations

from figures.canvas import TEXT_SIZE, Canvas, colour_rank, shortened, text_width, wrapped
from figures.french import number_text, signed, whole_percent_text
from figures.kinds import CrossTable
from figures.scale import Scale, scale

SMALL, STRONG = 12.5, 16.0
ROW = 58.0  # one lying bar and the air around it
TALL_ROW, FEW_ROWS = 92.0, 2  # where so few bars have the drawing for themselves


def grouped_bars(figure: CrossTable, canvas: Canvas) -> None:
    """Columns are groups, lines are series; they lie down when the names of the groups need room."""
    room = (canvas.width - 40) / max(len(figure.columns), 1)
    longest = max((text_width(label) for _, label in figure.columns), default=0)
    if longest > 2 * room - 8 or (len(figure.lines) == 1 and longest > room):
        lying_bars(figure, canvas)
    else:
        upright_bars(figure, canvas)


def upright_bars(figure: CrossTable, canvas: Canvas) -> None:
    top = _legend(figure, canvas, left=36)
    bottom = canvas.height - 42
    values = [line.cells.get(key, 0) for line in figure.lines for key, _ in figure.columns]
    heights = scale(values, bottom, top + 18)
    left = 10 + max(text_width(number_text(int(tick)), SMALL) for tick in heights.ticks)
    for tick in heights.ticks:
        y = heights(tick)
        canvas.line("fig-axis" if tick == 0 else "fig-grid", x1=left, y1=y, x2=canvas.width, y2=y)
        canvas.text(number_text(int(tick)), x=left - 8, y=y + 4.5, classes="fig-small", anchor="end")
    room = (canvas.width - left) / max(len(figure.columns), 1)
    widest = max((text_width(number_text(value)) for value in values), default=0)
    is_tight = widest > _bar_width(figure, room)
    for index, (key, label) in enumerate(figure.columns):
        x = left + index * room
        _upright_group(figure, canvas, heights, key, x=x, room=room, is_tight=is_tight)
        for row, words in enumerate(wrapped(label, room - 4)):
            canvas.text(words, x=x + room / 2, y=bottom + 20 + row * 16, classes="fig-strong", anchor="middle")


def _upright_group(
    figure: CrossTable, canvas: Canvas, heights: Scale, key: str, *, x: float, room: float, is_tight: bool
) -> None:
    width = _bar_width(figure, room)
    start = x + (room - width * len(figure.lines)) / 2
    for index, line in enumerate(figure.lines):
        value = line.cells.get(key, 0)
        if value:
            left = start + index * width
            top, foot = sorted((heights(value), heights(0)))
            _bar(canvas, figure, index, x=left + 0.75, y=top, width=max(width - 1.5, 1), height=foot - top)
            classes = _value_class(figure, index, is_tight=is_tight)
            canvas.text(number_text(value), x=left + width / 2, y=top - 7, classes=classes, anchor="middle")


def _bar_width(figure: CrossTable, room: float) -> float:
    return min(room * 0.72 / max(len(figure.lines), 1), 56.0)


def lying_bars(figure: CrossTable, canvas: Canvas) -> None:
    top = _legend(figure, canvas, left=0)
    names = min(canvas.width * 0.42, 10 + max((text_width(label) for _, label in figure.columns), default=0))
    values = [line.cells.get(key, 0) for line in figure.lines for key, _ in figure.columns]
    widest = max((text_width(number_text(value), STRONG) for value in values), default=0)
    shares = 12 + text_width("100 %", SMALL) if figure.words.shares else 0
    lengths = scale(values, names, canvas.width - widest - 12 - shares)
    rows = max(len(figure.columns), 1)
    row = TALL_ROW if rows <= FEW_ROWS and figure.words.shares else ROW
    room = min((canvas.height - top) / rows, row * (1 + 0.6 * (len(figure.lines) - 1)))
    for index, (key, label) in enumerate(figure.columns):
        y = top + index * room
        canvas.text(shortened(label, names - 10), x=names - 10, y=y + room / 2 + 5, anchor="end")
        height = min(room * 0.66, row * 0.59 * len(figure.lines)) / max(len(figure.lines), 1)
        for rank, line in enumerate(figure.lines):
            value = line.cells.get(key, 0)
            bar_y = y + (room - height * len(figure.lines)) / 2 + rank * height
            left, right = sorted((lengths(0), lengths(value)))
            if value:
                _bar(canvas, figure, rank, x=left, y=bar_y, width=right - left, height=height - 1)
            words_class = _value_class(figure, rank, is_tight=False)
            canvas.text(number_text(value), x=right + 8, y=bar_y + height / 2 + 5, classes=words_class)
            _share(figure, canvas, value, x=right + 8, y=bar_y + height / 2 + 5)
    canvas.line("fig-axis", x1=lengths(0), y1=top, x2=lengths(0), y2=top + rows * room)


def _share(figure: CrossTable, canvas: Canvas, value: int, *, x: float, y: float) -> None:
    """The share of a bar among all, after its value, where the figure asks for it."""
    if figure.words.shares and value:
        share = whole_percent_text(100 * value / figure.total)
        canvas.text(share, x=x + 8 + text_width(number_text(value), STRONG), y=y, classes="fig-small")


def differences(figure: CrossTable, canvas: Canvas) -> None:
    """One lying bar a column, to the left when negative; the name stands on the free side of the axis."""
    values = {key: sum(line.cells.get(key, 0) for line in figure.lines) for key, _ in figure.columns}
    side = 10 + max((text_width(signed(value), STRONG) for value in values.values()), default=0)
    names = 12 + max((text_width(label) for _, label in figure.columns), default=0)
    losses = max(side, names) if min(values.values(), default=0) < 0 else names
    gains = max(side, names) if max(values.values(), default=0) > 0 else names
    most, least = max([1, *values.values()]), min([0, *values.values()])
    lengths = Scale(least, most, most - least, losses, canvas.width - gains)
    room = canvas.height / max(len(values), 1)
    axis = lengths(0)
    for index, (key, label) in enumerate(figure.columns):
        _difference(canvas, lengths, values[key], label, y=index * room, room=room)
    canvas.line("fig-axis", x1=axis, y1=0, x2=axis, y2=canvas.height)


def _difference(canvas: Canvas, lengths: Scale, value: int, label: str, *, y: float, room: float) -> None:
    axis, end, middle = lengths(0), lengths(value), y + room / 2 + 5
    height = min(room * 0.66, 26)
    bar_y = y + (room - height) / 2
    if value < 0:
        canvas.rect("fig-fill-pale", x=end, y=bar_y, width=axis - end, height=height)
        canvas.text(signed(value), x=end - 8, y=middle, classes="fig-strong", anchor="end")
        canvas.text(label, x=axis + 8, y=middle)
    else:
        canvas.rect("fig-fill-strong", x=axis, y=bar_y, width=max(end - axis, 0), height=height)
        canvas.text(signed(value), x=end + 8, y=middle, classes="fig-strong")
        canvas.text(label, x=axis - 8, y=middle, anchor="end")


def bar_class(figure: CrossTable, index: int) -> str:
    """One series is strong; of two, the first (what was) is pale; more take the palette."""
    if len(figure.lines) <= 2:
        return "fig-fill-pale" if index == 0 and len(figure.lines) == 2 else "fig-fill-strong"
    return f"fig-fill-{colour_rank(index)}"


def _bar(canvas: Canvas, figure: CrossTable, index: int, *, x: float, y: float, width: float, height: float) -> None:
    canvas.rect(bar_class(figure, index), x=x, y=y, width=width, height=height)
    if len(figure.lines) > 2:
        canvas.hatch(index, x=x, y=y, width=width, height=height)


def _value_class(figure: CrossTable, index: int, *, is_tight: bool) -> str:
    if is_tight:
        return "fig-tiny"
    return "fig-text" if bar_class(figure, index) == "fig-fill-pale" else "fig-strong"


def _legend(figure: CrossTable, canvas: Canvas, *, left: float) -> float:
    """Keys of the series, on as many rows as they need; the height used."""
    if len(figure.lines) < 2:
        return 4.0
    x, y = left, 3.0
    for index, line in enumerate(figure.lines):
        label = shortened(line.label, canvas.width - left - 30)
        needed = 24 + text_width(label)
        if x > left and x + needed > canvas.width:
            x, y = left, y + 24
        _bar(canvas, figure, index, x=x, y=y, width=15, height=15)
        canvas.text(label, x=x + 23, y=y + 12.5)
        x += needed + 18
    return y + 15 + TEXT_SIZE / 2
