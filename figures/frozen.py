"""Every kind of figure, and how a frozen one is made again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from figures.breakdowns import Breakdown
from figures.kinds import Count, CrossTable, Figure, PointMap, Population, Rate, Series, Statement

KINDS: dict[str, type[Figure]] = {
    kind.kind: kind for kind in (Count, Rate, CrossTable, Series, Statement, PointMap, Breakdown)
}


def thaw(frozen: Mapping[str, Any]) -> Figure:
    """The figure that was frozen; raises KeyError on an unknown kind or a truncated content."""
    shared = {
        "name": frozen["figure"],
        "title": frozen["title"],
        "academy": frozen["academy"],
        "on": date.fromisoformat(frozen["on"]),
        "population": Population.from_json(frozen["population"]),
        "source": frozen["source"],
        "known_at": datetime.fromisoformat(frozen["known_at"]) if frozen["known_at"] else None,
        "parameters": frozen["parameters"],
        "unit": frozen["unit"],
        "rows": {cell: tuple(keys) for cell, keys in frozen["rows"].items()},
    }
    return KINDS[frozen["kind"]].from_state(frozen["own"], shared)
