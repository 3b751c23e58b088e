"""One page or one briefing is one state of the registers: figures asked inside `one_reading` share what they read."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

Read = TypeVar("Read")

_reading: ContextVar[dict[Hashable, Any] | None] = ContextVar("reading", default=None)


@contextmanager
def one_reading() -> Iterator[None]:
    """What is read `once` inside is read a single time; nothing is kept afterwards."""
    token = _reading.set({})
    try:
        yield
    finally:
        _reading.reset(token)


def once(asked: Hashable, read: Callable[[], Read]) -> Read:
    """What `read` answers, kept under `asked` (who reads, and all that the answer depends on) in one reading."""
    reading = _reading.get()
    if reading is None:
        return read()
    if asked not in reading:
        reading[asked] = read()
    found: Read = reading[asked]
    return found
