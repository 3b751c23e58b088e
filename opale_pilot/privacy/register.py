"""Reads privacy.toml: one entry a table, one retention a kind of data."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models

FILE = settings.BASE_DIR / "privacy.toml"
ERASURES = ("fields", "delete", "report", "keep")


@dataclass(frozen=True)
class Entry:
    """What privacy.toml says of one table. `fields`: its personal fields, each with its rule on erasure."""

    table: str
    category: str
    why: str
    about: list[str]
    erasure: str
    plain: list[str]
    data: str = ""
    hidden: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def model(self) -> type[models.Model]:
        return apps.get_model(self.table)

    @property
    def exported(self) -> list[str]:
        """Personal fields that the person receives."""
        return [name for name in self.fields if name not in self.hidden]


@dataclass(frozen=True)
class Retention:
    """How long one kind of data is kept. `days` is what the purge counts, `kept` the same in words."""

    name: str
    what: str
    kept: str
    days: int


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text())


def entries() -> Iterator[Entry]:
    """Every table, in the order of the file."""
    return (Entry(table=name, **told) for name, told in _read().items() if name != "retention")


def retentions() -> dict[str, Retention]:
    return {name: Retention(name=name, **told) for name, told in _read()["retention"].items()}


def columns(model: type[models.Model]) -> set[str]:
    """Names of the fields that a table stores, links between many included."""
    return {column.name for column in (*model._meta.fields, *model._meta.many_to_many)}
