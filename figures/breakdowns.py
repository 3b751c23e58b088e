"""Named counts, in a fixed order: how many were asked, how many answered, and what they said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from figures.kinds import TOTAL, Count, CrossTable, Figure, Rate, Row, Vocabulary


@dataclass(frozen=True)
class Part:
    """One count. `key` is its path in the JSON ("ordering/head") and its cell in `Figure.rows`.

    `note` tells a part of it (« dont 2 après la clôture »); `unit` is what its rows are. A part that is not `is_told`
    is shown in the table and left out of the JSON, whose keys are promised; one that is not `is_shown`, the contrary.
    """

    key: str
    label: str
    value: int
    note: str = ""
    unit: str = "establishment"
    is_told: bool = True
    is_shown: bool = True

    @property
    def depth(self) -> int:
        """0 at the top, 1 inside a group."""
        return 0 if self.is_group else self.key.count("/")

    @property
    def is_group(self) -> bool:
        """Whether this is the total of its group."""
        return self.key.endswith(f"/{TOTAL}")


@dataclass(frozen=True)
class Share:
    """A percentage among the counts: `part` over `whole`, named `name` in the JSON, told after the count `part`."""

    name: str
    label: str
    part: str
    whole: str


@dataclass(frozen=True, kw_only=True)
class Breakdown(Figure):
    """Counts that need not add up, some of establishments, some of persons. `drawn` are those compared by bars."""

    kind: ClassVar[str] = "breakdown"
    parts: tuple[Part, ...]
    shares: tuple[Share, ...] = ()
    drawn: tuple[str, ...] = ()
    drawn_title: str = ""

    def data(self) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for part in self.parts:
            if part.is_told:
                *groups, last = part.key.split("/")
                place = told
                for group in groups:
                    place = place.setdefault(group, {})
                place[last] = part.value
                told |= {share.name: self.percent(share) for share in self.shares if share.part == part.key}
        return told

    def unit_of(self, cell: str) -> str:
        return next((part.unit for part in self.parts if part.key == cell), self.unit)

    def value(self, key: str) -> int:
        """The count of that key; raises KeyError when there is none."""
        return {part.key: part.value for part in self.parts}[key]

    def percent(self, share: Share) -> float | None:
        """0 to 100, one decimal; None when there is nothing to divide by."""
        whole = self.value(share.whole)
        return round(100 * self.value(share.part) / whole, 1) if whole else None

    def rate(self, part: str, whole: str, *, title: str, part_label: str) -> Rate:
        """One count over another, as a figure of its own."""
        rows = {"part": self.rows.get(part, ()), "whole": self.rows.get(whole, ())}
        shared = self._shared(title, rows)
        return Rate(**shared, part=self.value(part), whole=self.value(whole), part_label=part_label)

    def count(self, key: str, title: str) -> Count:
        """One of its counts, as a figure of its own."""
        shared = self._shared(title, {TOTAL: self.rows.get(key, ())})
        return Count(**shared | {"unit": self.unit_of(key)}, value=self.value(key))

    def bars(self) -> CrossTable:
        """What is drawn: one line, a column a count, the greatest first."""
        parts = sorted((part for part in self.parts if part.key in self.drawn), key=lambda part: -part.value)
        return CrossTable(
            **self._shared(self.drawn_title or self.title, {f"n/{p.key}": self.rows.get(p.key, ()) for p in parts}),
            columns=tuple((part.key, part.label) for part in parts),
            lines=(Row("n", "Nombre", {part.key: part.value for part in parts}),),
            words=Vocabulary(columns="parts", shares=True),
        )

    def _shared(self, title: str, rows: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
        return {
            "name": self.name,
            "title": title,
            "academy": self.academy,
            "on": self.on,
            "known_at": self.known_at,
            "population": self.population,
            "source": self.source,
            "parameters": self.parameters,
            "unit": self.unit,
            "rows": rows,
        }

    @classmethod
    def from_state(cls, own: Mapping[str, Any], shared: Mapping[str, Any]) -> Self:
        return cls(
            **shared,
            parts=tuple(Part(**part) for part in own["parts"]),
            shares=tuple(Share(**share) for share in own["shares"]),
            drawn=tuple(own["drawn"]),
            drawn_title=own["drawn_title"],
        )
