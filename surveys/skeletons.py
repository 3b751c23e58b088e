"""A page drawn once for everybody who is asked the same thing, then filled in for each.

Drawing the form of an answer takes twenty times longer than everything else that opening it does. So its own template
is drawn with a `Hole` in place of each value that is of one answer or of one person; the text in between is kept, and
what is escaped into the holes is what the template would have written there (`tests/surveys/test_skeletons.py` draws
both). Nothing but the values that a skeleton is kept under decides what is in it, so none is ever out of date.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from django.utils.formats import localize

Told = Callable[[Any], str]


def printed(value: Any) -> str:
    """As `{{ value|default_if_none:"" }}` writes it."""
    if type(value) is str:
        return escape(value)
    return "" if value is None else escape(str(localize(value)))


class Hole(str):
    """Printed, it is a number that no text could hold: drawn at random for this one place, after every text was."""

    name: str
    holes: Holes

    def told(self, told: Told) -> str:
        """Another place for the same value, which there is written in that way."""
        return self.holes.make(self.name, told)


@dataclass
class Holes:
    """The holes of one drawing, by what is printed."""

    made: dict[str, tuple[str, Told]] = field(default_factory=dict)

    def __call__(self, name: str) -> Hole:
        """The place of that value."""
        return self.make(name, printed)

    def make(self, name: str, told: Told) -> Hole:
        hole = Hole(10**30 + secrets.randbits(96))
        hole.name, hole.holes = name, self
        self.made[hole] = (name, told)
        return hole


class Skeleton:
    """What is the same for everybody, and how each value goes in between."""

    def __init__(self, text: str, holes: Holes) -> None:
        marks = re.compile("|".join(map(str, holes.made)))
        self._parts = [part.encode() for part in marks.split(text)]
        self._holes = [holes.made[mark] for mark in marks.findall(text)]

    def filled(self, values: Mapping[str, Any]) -> bytes:
        written = [self._parts[0]]
        for (name, told), part in zip(self._holes, self._parts[1:], strict=True):
            written.append(told(values[name]).encode())
            written.append(part)
        return b"".join(written)
