"""How a room publishes a figure: a name, a right and the one function that computes it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.days import read_day
from accounts.rights import Right
from figures.kinds import Figure


class FigureRefused(Exception):
    """The figure cannot be computed as asked; the message is French and is shown to the person."""


def rows_url(figure: Figure) -> str:
    """The page that lists the rows behind the figure's cells; « cellule » is added by what draws a number."""
    return _asked_again(figure, "figure_rows")


def figure_url(figure: Figure) -> str:
    """The page of the figure alone, at the same date and with the same settings."""
    return _asked_again(figure, "figure_detail")


def _asked_again(figure: Figure, page: str) -> str:
    asked = {"au": figure.on.isoformat()}
    if figure.known_at:
        asked["connu"] = figure.known_at.isoformat()
    return f"{reverse(page, args=[figure.academy, figure.name])}?{urlencode(asked | dict(figure.parameters))}"


@dataclass(frozen=True)
class Published:
    """One figure of the product. `compute(academy, *, on, known_at, …)`; its further keywords are its settings."""

    name: str
    title: str
    right: Right
    compute: Callable[..., Figure]

    @property
    def settings(self) -> dict[str, inspect.Parameter]:
        """The keywords that `--set`, the page and the API may give, all optional."""
        parameters = inspect.signature(self.compute, eval_str=True).parameters
        return {name: p for name, p in parameters.items() if name not in ("academy", "on", "known_at")}

    def ask(
        self, academy: Any, *, on: date, known_at: datetime | None = None, settings: Mapping[str, str] | None = None
    ) -> Figure:
        """Compute the figure from settings given as text; an unknown or unreadable one raises `FigureRefused`."""
        return self.compute(academy, on=on, known_at=known_at, **self._read(settings or {}))

    def answers(self, academy: Any, *, on: date) -> bool:
        """Whether the figure can be computed without any setting."""
        try:
            self.ask(academy, on=on)
        except FigureRefused:
            return False
        return True

    def _read(self, settings: Mapping[str, str]) -> dict[str, Any]:
        known = self.settings
        read: dict[str, Any] = {}
        for name, text in settings.items():
            if name not in known:
                allowed = ", ".join(known) or "aucun"
                raise FigureRefused(f"« {name} » n’est pas un réglage de {self.name} (réglages : {allowed}).")
            try:
                is_date = "date" in str(known[name].annotation)
                read[name] = read_day(text) if is_date else known[name].annotation(text)
            except ValueError as error:
                raise FigureRefused(f"Valeur illisible pour « {name} » : « {text} ».") from error
        return read
