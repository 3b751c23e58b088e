"""How a measure is taken: warm-up, then ours and the floor in turn, and the median of the rounds' ratios."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

ROUNDS = 5
LEAST_ROUNDS = 3


@dataclass(frozen=True)
class Measure:
    """Seconds of ours and of the floor, one pair a round."""

    name: str
    what: str
    ours: list[float]
    floor: list[float]

    @property
    def ratios(self) -> list[float]:
        return [ours / floor for ours, floor in zip(self.ours, self.floor, strict=True)]

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    def line(self) -> str:
        """`name ratio ours floor`."""
        return f"{self.name} {self.ratio:.2f} {median(self.ours):.4f} {median(self.floor):.4f}"

    def as_json(self) -> dict[str, object]:
        return {
            "what": self.what,
            "ratio": round(self.ratio, 3),
            "ratio_min": round(min(self.ratios), 3),
            "ratio_max": round(max(self.ratios), 3),
            "ours_seconds": [round(seconds, 5) for seconds in self.ours],
            "floor_seconds": [round(seconds, 5) for seconds in self.floor],
        }


def nothing() -> None:
    """The default preparation of a round."""


def compare(
    name: str,
    what: str,
    *,
    ours: Callable[[], object],
    floor: Callable[[], object],
    before: Callable[[], object] = nothing,
    rounds: int = ROUNDS,
) -> Measure:
    """Run both once to warm up, then in turn; `before` puts the data back, untimed, before each."""
    assert rounds >= LEAST_ROUNDS
    for run in (ours, floor):
        before()
        run()
    taken: dict[str, list[float]] = {"ours": [], "floor": []}
    gc.freeze()  # the collection before each run would else go through all Django, and leave the processor's cache cold
    for _ in range(rounds):
        for side, run in (("ours", ours), ("floor", floor)):
            before()
            taken[side].append(_seconds(run))
    gc.unfreeze()
    return Measure(name, what, taken["ours"], taken["floor"])


def _seconds(run: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    run()
    return time.perf_counter() - start
