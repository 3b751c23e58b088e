"""The kinds of figure. A figure is computed once, dated, and carries its population, its source and its rows.

Every kind answers `envelope()`, the JSON printed and served (`data` differs by kind), and `freeze()`, from which
`figures/frozen.py` makes the very same figure again years later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any, ClassVar, Self

TOTAL = "total"


@dataclass(frozen=True)
class Exclusion:
    """What the population leaves out, in words, and how many."""

    label: str
    size: int


@dataclass(frozen=True)
class Population:
    """Over whom a figure is computed: in words, how many, and who is left out."""

    label: str
    size: int
    exclusions: tuple[Exclusion, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "size": self.size,
            "exclusions": [{"label": e.label, "size": e.size} for e in self.exclusions],
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        exclusions = tuple(Exclusion(e["label"], e["size"]) for e in content["exclusions"])
        return cls(content["label"], content["size"], exclusions)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What all kinds share. `rows` maps a cell ("college/V8") to the keys of the rows behind it (UAIs, e-mails…)."""

    kind: ClassVar[str]

    name: str
    title: str
    academy: str
    on: date
    population: Population
    source: str
    known_at: datetime | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    unit: str = "establishment"
    rows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def data(self) -> dict[str, Any]:
        """The kind's own content, for the envelope."""
        raise NotImplementedError

    def unit_of(self, cell: str) -> str:
        """What the rows behind that cell are: establishments, persons…"""
        return self.unit

    def envelope(self) -> dict[str, Any]:
        """The public JSON of any figure: always these seven keys."""
        return {
            "figure": self.name,
            "title": self.title,
            "academy": self.academy,
            "on": self.on.isoformat(),
            "population": self.population.to_json(),
            "source": self.source,
            "data": self.data(),
        }

    def freeze(self) -> dict[str, Any]:
        """All that is needed to draw this figure again, as plain JSON."""
        return {
            **self.envelope(),
            "kind": self.kind,
            "known_at": self.known_at.isoformat() if self.known_at else None,
            "parameters": dict(self.parameters),
            "unit": self.unit,
            "rows": {cell: list(keys) for cell, keys in self.rows.items()},
            "own": self.own_state(),
        }

    def own_state(self) -> dict[str, Any]:
        """The fields this kind adds to `Figure`, as plain JSON."""
        shared = {f.name for f in fields(Figure)}
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self) if f.name not in shared}

    @classmethod
    def from_state(cls, own: Mapping[str, Any], shared: Mapping[str, Any]) -> Self:
        """The reverse of `own_state`."""
        return cls(**shared, **own)


@dataclass(frozen=True, kw_only=True)
class Count(Figure):
    """A number of rows; its cell is `total`."""

    kind: ClassVar[str] = "count"
    value: int

    def data(self) -> dict[str, Any]:
        return {"value": self.value}


@dataclass(frozen=True, kw_only=True)
class Rate(Figure):
    """A part of a whole; its cells are `part` and `whole`. The percentage never goes without its population."""

    kind: ClassVar[str] = "rate"
    part: int
    whole: int
    part_label: str

    @property
    def percent(self) -> float | None:
        """0 to 100, or None when the whole is empty."""
        return 100 * self.part / self.whole if self.whole else None

    def data(self) -> dict[str, Any]:
        percent = None if self.percent is None else round(self.percent, 1)
        return {"part": self.part, "whole": self.whole, "percent": percent, "part_label": self.part_label}


@dataclass(frozen=True)
class Row:
    """One row of a cross table. `notes` counts, by column, a part to tell inside the cell (« dont 1 GRETA »)."""

    key: str
    label: str
    cells: Mapping[str, int]
    notes: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.cells.values())


@dataclass(frozen=True)
class Vocabulary:
    """How a cross table names its parts in JSON, and how it tells its notes on screen."""

    columns: str = "columns"
    row: str = "key"
    note: str = "notes"
    note_text: str = "dont {count}"
    row_heading: str = ""
    shares: bool = False  # bars of one line tell the share of each in their sum


@dataclass(frozen=True, kw_only=True)
class CrossTable(Figure):
    """Rows × columns with totals. Cells of `rows` are `row/column`, `row/total`, `total/column`, `total/total`."""

    kind: ClassVar[str] = "cross_table"
    columns: tuple[tuple[str, str], ...]  # (key, label) in display order
    lines: tuple[Row, ...]
    words: Vocabulary = field(default_factory=Vocabulary)
    signed: bool = False  # differences: cells carry a sign
    lines_add_up: bool = True  # False when lines compare moments: their sum means nothing and is not shown

    def column_total(self, column: str) -> int:
        return sum(line.cells.get(column, 0) for line in self.lines)

    @property
    def total(self) -> int:
        return sum(line.total for line in self.lines)

    def without_empty_columns(self) -> CrossTable:
        """The same table with only the columns where something stands."""
        return replace(self, columns=tuple(c for c in self.columns if any(r.cells.get(c[0]) for r in self.lines)))

    def data(self) -> dict[str, Any]:
        keys = [key for key, _ in self.columns]
        return {
            self.words.columns: keys,
            "rows": [
                {
                    self.words.row: line.key,
                    "label": line.label,
                    "cells": {key: line.cells.get(key, 0) for key in keys},
                    "total": line.total,
                    self.words.note: dict(line.notes),
                }
                for line in self.lines
            ],
            "totals": {key: self.column_total(key) for key in keys},
            "total": self.total,
        }

    @classmethod
    def from_state(cls, own: Mapping[str, Any], shared: Mapping[str, Any]) -> Self:
        return cls(
            **shared,
            columns=tuple((key, label) for key, label in own["columns"]),
            lines=tuple(Row(**line) for line in own["lines"]),
            words=Vocabulary(**own["words"]),
            signed=own["signed"],
            lines_add_up=own["lines_add_up"],
        )


@dataclass(frozen=True, kw_only=True)
class Series(Figure):
    """Values along ordered points (dates, waves). `values[name][i]` belongs to `points[i]`; cells are `name/point`."""

    kind: ClassVar[str] = "series"
    points: tuple[str, ...]
    values: Mapping[str, tuple[int, ...]]
    labels: Mapping[str, str]
    point_heading: str

    def data(self) -> dict[str, Any]:
        return {
            "points": list(self.points),
            "series": [
                {"key": key, "label": self.labels[key], "values": list(line)} for key, line in self.values.items()
            ],
        }

    @classmethod
    def from_state(cls, own: Mapping[str, Any], shared: Mapping[str, Any]) -> Self:
        return cls(
            **shared,
            points=tuple(own["points"]),
            values={key: tuple(line) for key, line in own["values"].items()},
            labels=own["labels"],
            point_heading=own["point_heading"],
        )


@dataclass(frozen=True)
class Paragraph:
    """One paragraph of a statement: `level` 0 is text, 1 a bullet, 2 a bullet under it; `heading` a small title."""

    text: str
    level: int = 0
    heading: bool = False


@dataclass(frozen=True, kw_only=True)
class Statement(Figure):
    """Words: a comment, a decision, a text typed for a slide. Plain text, never markup."""

    kind: ClassVar[str] = "statement"
    paragraphs: tuple[Paragraph, ...]

    def data(self) -> dict[str, Any]:
        return {"paragraphs": [_plain(p) for p in self.paragraphs]}

    @classmethod
    def from_state(cls, own: Mapping[str, Any], shared: Mapping[str, Any]) -> Self:
        return cls(**shared, paragraphs=tuple(Paragraph(**p) for p in own["paragraphs"]))


@dataclass(frozen=True)
class Place:
    """One row put on the map, in Lambert-93 metres."""

    key: str
    label: str
    group: str
    x: float
    y: float


Link = tuple[float, float, float, float]  # from x, y to x, y, in Lambert-93 metres


@dataclass(frozen=True, kw_only=True)
class PointMap(Figure):
    """Rows on a map of départements, one colour a group; its cells are the groups. `unlocated` rows have no place.

    `links` join two places by a line: what it tells must be told in words beside the map too.
    """

    kind: ClassVar[str] = "map"
    groups: tuple[tuple[str, str], ...]  # (key, label) in display order
    places: tuple[Place, ...]
    outlines: tuple[str, ...]  # départements to draw, two or three characters: "38", "2A", "974"
    unlocated: int = 0
    links: tuple[Link, ...] = ()

    def data(self) -> dict[str, Any]:
        return {
            "groups": [{"key": key, "label": label, "size": len(self.rows.get(key, ()))} for key, label in self.groups],
            "located": len(self.places),
            "unlocated": self.unlocated,
        }

    @classmethod
    def from_state(cls, own: Mapping[str, Any], shared: Mapping[str, Any]) -> Self:
        return cls(
            **shared,
            groups=tuple((key, label) for key, label in own["groups"]),
            places=tuple(Place(**place) for place in own["places"]),
            outlines=tuple(own["outlines"]),
            unlocated=own["unlocated"],
            links=tuple((x, y, to_x, to_y) for x, y, to_x, to_y in own.get("links", ())),
        )


def _plain(value: Any) -> Any:
    """Dataclasses, tuples and mappings as JSON's own."""
    if hasattr(value, "__dataclass_fields__"):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value
