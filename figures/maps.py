"""Maps: rows as marks over the outlines of départements, in Lambert-93."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from figures.canvas import Canvas, colour_rank, number, shortened, text_width
from figures.french import number_text
from figures.kinds import PointMap
from figures.words import group_size

OUTLINES = Path(__file__).parent / "data" / "departements_l93.json"
TALLEST, WIDEST = 1.1, 0.42  # height of a map, as a share of its width
MARGIN = 0.06
Ring = list[tuple[float, float]]


@cache
def outlines() -> dict[str, list[Ring]]:
    """Outer and inner rings of each département of metropolitan France, in metres."""
    content = json.loads(OUTLINES.read_text(encoding="utf-8"))
    return {
        code: [
            [(x, y) for x, y in ring]
            for polygon in (shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]])
            for ring in polygon
        ]
        for code, shape in content.items()
    }


@dataclass(frozen=True)
class Window:
    """The part of the country that is drawn, and its scale."""

    left: float
    top: float
    ratio: float
    width: float
    height: float
    above: float = 0.0  # room for the key

    def place(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.left) * self.ratio, self.above + (self.top - y) * self.ratio

    def shows(self, x: float, y: float) -> bool:
        return 0 <= x <= self.width and self.above <= y <= self.above + self.height


def extent(figure: PointMap) -> tuple[float, float, float, float]:
    """West, south, east, north of the outlines drawn; of the places when no outline is known (overseas)."""
    points = [point for code in figure.outlines for ring in outlines().get(code, ()) for point in ring]
    points = points or [(place.x, place.y) for place in figure.places] or [(0.0, 0.0)]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    margin = MARGIN * max(max(xs) - min(xs), max(ys) - min(ys), 20_000)
    return min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin


def height_for(figure: PointMap, width: float) -> float:
    west, south, east, north = extent(figure)
    return key_height(figure, width) + width * min(TALLEST, max(WIDEST, (north - south) / (east - west)))


def window(figure: PointMap, width: float, height: float, above: float) -> Window:
    west, south, east, north = extent(figure)
    height -= above
    ratio = min(width / (east - west), height / (north - south))
    left = (west + east) / 2 - width / ratio / 2
    return Window(left, (south + north) / 2 + height / ratio / 2, ratio, width, height, above)


def point_map(figure: PointMap, canvas: Canvas) -> None:
    """Neighbours pale, the académie's départements tinted and numbered, then the marks, and their key above."""
    above = key_height(figure, canvas.width)
    view = window(figure, canvas.width, canvas.height, above)
    if any(code in outlines() for code in figure.outlines):
        around = [code for code in outlines() if code not in figure.outlines]
        canvas.path("fig-around", "".join(ring_path(ring, view) for code in around for ring in outlines()[code]))
        for code in figure.outlines:
            canvas.path("fig-land", "".join(ring_path(ring, view) for ring in outlines().get(code, ())))
        for code in figure.outlines:
            _number(canvas, view, code)
    for x, y, to_x, to_y in figure.links:
        (left, top), (right, bottom) = view.place(x, y), view.place(to_x, to_y)
        canvas.line("fig-link", x1=left, y1=top, x2=right, y2=bottom)
    size = mark_size(len(figure.places), canvas.width)
    for index, (key, _) in enumerate(figure.groups):
        marks = [view.place(place.x, place.y) for place in figure.places if place.group == key]
        draw_marks(canvas, [mark for mark in marks if view.shows(*mark)], index, size)
    canvas.rect("fig-ground", x=0, y=0, width=canvas.width, height=above - 8)
    for index, (x, y, label) in enumerate(_key(figure, canvas.width)):
        draw_marks(canvas, [(x + 8, y + 9)], index, 10)
        canvas.text(label, x=x + 20, y=y + 14)


def ring_path(ring: Ring, view: Window, *, detail: float = 0.8) -> str:
    """The ring at the detail that shows, or nothing when it is all outside the window."""
    points = [view.place(x, y) for x, y in ring]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    if max(xs) < 0 or min(xs) > view.width or max(ys) < view.above or min(ys) > view.above + view.height:
        return ""
    kept = [points[0]]
    for x, y in points[1:]:
        if abs(x - kept[-1][0]) + abs(y - kept[-1][1]) >= detail:
            kept.append((x, y))
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in kept) + "Z" if len(kept) > 2 else ""


def draw_marks(canvas: Canvas, marks: list[tuple[float, float]], index: int, size: float) -> None:
    """All marks of a group in a few paths: disc, square, ring, hollow square, each over a thin halo."""
    if not marks:
        return
    dots = "".join(f"M{number(x)} {number(y)}h.01" for x, y in marks)
    corner = " fig-square" if index % 2 else ""
    size = size * 0.86 if index % 2 else size
    layers = [("fig-halo", size * 1.3), (f"fig-dot fig-stroke-{colour_rank(index)}", size)]
    if index % 4 >= 2:
        layers.append(("fig-hole", size * 0.42))
    for classes, width in layers:
        canvas.shapes.append(f'<path class="{classes}{corner}" stroke-width="{number(width)}" d="{dots}"/>')


def mark_size(places: int, width: float) -> float:
    """Smaller when there are many marks or little room."""
    return (9.0 if places <= 400 else 6.0 if places <= 1500 else 3.5) * min(1.0, max(0.6, width / 600))


def _number(canvas: Canvas, view: Window, code: str) -> None:
    rings = outlines().get(code)
    if rings:
        largest = max(rings, key=len)
        x, y = view.place(sum(x for x, _ in largest) / len(largest), sum(y for _, y in largest) / len(largest))
        canvas.text(code, x=x, y=y, classes="fig-name", anchor="middle")


def key_height(figure: PointMap, width: float) -> float:
    places = _key(figure, width)
    return places[-1][1] + 32 if places else 8.0


def _key(figure: PointMap, width: float) -> list[tuple[float, float, str]]:
    """Where each mark of the key stands, and what it says: the group and its size."""
    x, y = 0.0, 0.0
    entries = []
    for key, label in figure.groups:
        words = shortened(f"{label} ({number_text(group_size(figure, key))})", width - 20)
        needed = 20 + text_width(words)
        if x and x + needed > width:
            x, y = 0.0, y + 22
        entries.append((x, y, words))
        x += needed + 16
    return entries
