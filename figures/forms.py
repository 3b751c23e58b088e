"""Which kinds of figure are shown in which form."""

from __future__ import annotations

from collections.abc import Mapping

from figures.breakdowns import Breakdown
from figures.deck import Form
from figures.kinds import Count, CrossTable, Figure, PointMap, Rate, Series, Statement

DRAWN: Mapping[Form, tuple[type[Figure], ...]] = {
    "bars": (CrossTable, Breakdown),
    "differences": (CrossTable,),
    "lines": (Series,),
    "map": (PointMap,),
}
SHOWN: Mapping[Form, tuple[type[Figure], ...]] = {
    "table": (CrossTable, Series, PointMap, Rate, Count, Breakdown),
    "number": (Count, Rate),
    "text": (Statement,),
    "steps": (Statement,),
    **DRAWN,
}
USUAL: Mapping[str, Form] = {
    Count.kind: "number",
    Rate.kind: "number",
    CrossTable.kind: "table",
    Series.kind: "lines",
    Statement.kind: "text",
    PointMap.kind: "map",
    Breakdown.kind: "table",
}


class FormRefused(Exception):
    """This kind of figure is not shown in that form."""


def is_drawing(form: Form) -> bool:
    return form in DRAWN


def usual_form(figure: Figure) -> Form:
    return USUAL[figure.kind]


def require_form(figure: Figure, form: Form) -> None:
    """Raises `FormRefused` when the form does not suit the kind of figure."""
    if not isinstance(figure, SHOWN.get(form, ())):
        raise FormRefused(f"La figure « {figure.title} » ({figure.kind}) ne se montre pas sous la forme « {form} ».")


def drawn_form(figure: Figure) -> Form | None:
    """The form in which this figure is a drawing: its usual one, or bars for counts; None for words and numbers."""
    if isinstance(figure, CrossTable):
        return "differences" if figure.signed and len(figure.lines) == 1 else "bars"
    if isinstance(figure, Breakdown):
        return "bars" if figure.drawn else None
    form = usual_form(figure)
    return form if form in DRAWN else None
