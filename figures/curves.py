"""Curves: values along points. Between dates a value holds until the next one, so the curve goes by steps."""

from __future__ import annotations

from datetime import date, datetime

from figures.canvas import Canvas, colour_rank, number, shortened, text_width
from figures.french import number_text
from figures.kinds import Series
from figures.scale import Scale, scale

SMALL, STRONG = 12.5, 16.0
LINE_HEIGHT = 17.0


def curves(figure: Series, canvas: Canvas) -> None:
    """Every curve ends with its name and last value; strokes differ by dashes as well as by colour."""
    if not figure.points or not figure.values:
        canvas.text("Aucune valeur à montrer.", x=0, y=20)
        return
    bottom = canvas.height - 30
    heights = scale([value for line in figure.values.values() for value in line], bottom, 14)
    left = 10 + max(text_width(number_text(int(tick)), SMALL) for tick in heights.ticks)
    names = {key: f"{figure.labels[key]} {number_text(line[-1])}" for key, line in figure.values.items() if line}
    margin = min(18 + max(text_width(name, STRONG) for name in names.values()), canvas.width * 0.4)
    right = canvas.width - margin
    for tick in heights.ticks:
        y = heights(tick)
        canvas.line("fig-axis" if tick == 0 else "fig-grid", x1=left, y1=y, x2=right, y2=y)
        canvas.text(number_text(int(tick)), x=left - 8, y=y + 4.5, classes="fig-small", anchor="end")
    places = _places(figure.points, left + 6, right)
    _point_labels(figure, canvas, places, y=bottom + 20)
    by_steps = _days(figure.points) is not None
    for index, line in enumerate(figure.values.values()):
        _curve(canvas, index, [(x, heights(value)) for x, value in zip(places, line, strict=True)], by_steps=by_steps)
    _end_labels(figure, canvas, heights, names, x=right)


def _curve(canvas: Canvas, index: int, stops: list[tuple[float, float]], *, by_steps: bool) -> None:
    (x, y), *others = stops
    steps = f"M{number(x)} {number(y)}"
    for x, y in others:
        steps += f"H{number(x)}V{number(y)}" if by_steps else f"L{number(x)} {number(y)}"
    dash = f" fig-dash-{index % 3}" if index % 3 else ""
    canvas.path(f"fig-curve fig-stroke-{colour_rank(index)}{dash}", steps)
    if not by_steps or len(stops) == 1:
        for x, y in stops:
            canvas.rect(f"fig-fill-{colour_rank(index)}", x=x - 3, y=y - 3, width=6, height=6)


def _end_labels(figure: Series, canvas: Canvas, heights: Scale, names: dict[str, str], *, x: float) -> None:
    """Names at the ends of the curves, pushed apart; a short stroke leads from each curve to its name."""
    ends = sorted((heights(figure.values[key][-1]), key) for key in names)
    gap = min(LINE_HEIGHT, (canvas.height - 20) / len(ends))
    floors = [y for y, _ in ends]
    for index in range(1, len(floors)):
        floors[index] = max(floors[index], floors[index - 1] + gap)
    floors[-1] = min(floors[-1], canvas.height - 8)
    for index in range(len(floors) - 2, -1, -1):
        floors[index] = min(floors[index], floors[index + 1] - gap)
    ranks = {key: index for index, key in enumerate(figure.values)}
    for (end, key), y in zip(ends, floors, strict=True):
        stroke = f"fig-stroke-{colour_rank(ranks[key])}"
        canvas.line(f"fig-leader {stroke}", x1=x, y1=end, x2=x + 12, y2=y)
        canvas.text(shortened(names[key], canvas.width - x - 15, STRONG), x=x + 15, y=y + 5, classes="fig-strong")


def _point_labels(figure: Series, canvas: Canvas, places: list[float], *, y: float) -> None:
    """As many point names as fit; the first and the last always."""
    taken = places[-1] - text_width(figure.points[-1], SMALL) - 14 if len(places) > 1 else float("inf")
    free = 0.0
    last = len(places) - 1
    for index, (x, point) in enumerate(zip(places, figure.points, strict=True)):
        width = text_width(point, SMALL)
        if index == last and last:
            canvas.text(point, x=x, y=y, classes="fig-small", anchor="end")
        elif index == 0:
            canvas.text(point, x=x, y=y, classes="fig-small")
            free = x + width + 14
        elif x - width / 2 >= free and x + width / 2 <= taken:
            canvas.text(point, x=x, y=y, classes="fig-small", anchor="middle")
            free = x + width / 2 + 14


def _places(points: tuple[str, ...], start: float, end: float) -> list[float]:
    """Where each point stands: by its day when all points are days, at even steps otherwise."""
    days = _days(points)
    ranks = [float(day.toordinal()) for day in days] if days else [float(index) for index in range(len(points))]
    span = ranks[-1] - ranks[0]
    return [start + (rank - ranks[0]) / span * (end - start) if span else start for rank in ranks]


def _days(points: tuple[str, ...]) -> list[date] | None:
    """The points as days, when every one reads « 01/10/2024 » and they follow one another."""
    try:
        days = [datetime.strptime(point, "%d/%m/%Y").date() for point in points]
    except ValueError:
        return None
    return days if days == sorted(days) else None
