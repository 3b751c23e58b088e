"""Axes: from values to positions, with round ticks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Values from `low` to `high` laid from `start` to `end`; both ends of the values are ticks."""

    low: float
    high: float
    step: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    @property
    def ticks(self) -> list[float]:
        count = round((self.high - self.low) / self.step)
        return [self.low + index * self.step for index in range(count + 1)]


def scale(values: Iterable[float], start: float, end: float, *, most_ticks: int = 4) -> Scale:
    """A scale that holds zero and all values, in steps of 1, 2 or 5 times a power of ten."""
    known = [0.0, *values]
    low, high = min(known), max(known)
    if low == high:
        high = 1.0
    step = _round_step((high - low) / most_ticks)
    return Scale(step * (low // step), step * -(-high // step), step, start, end)


def _round_step(least: float) -> float:
    """The smallest round step that is at least that, and never below 1 (figures are counts)."""
    power = 1.0
    while power * 10 <= least:
        power *= 10
    return next((power * unit for unit in (1, 2, 5) if power * unit >= least), power * 10)
