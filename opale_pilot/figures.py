"""Every figure of the product, room by room: the one list read by pages, commands, the API and briefings."""

from __future__ import annotations

from accounts.figures import FigureRefused, Published
from deployment.figures.published import FIGURES as DEPLOYMENT
from surveys.figures.published import FIGURES as SURVEYS
from tutoring.figures.published import FIGURES as TUTORING

CATALOGUE: dict[str, Published] = {figure.name: figure for figure in (*DEPLOYMENT, *SURVEYS, *TUTORING)}


def named(name: str) -> Published:
    """The figure of that name; raises `FigureRefused` with the list of those that exist."""
    if name not in CATALOGUE:
        raise FigureRefused(f"Aucun chiffre ne s’appelle « {name} ». Chiffres : {', '.join(CATALOGUE)}.")
    return CATALOGUE[name]
