"""The indemnities of a school year: how many stand where, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from accounts.figures import FigureRefused
from deployment.models import Academy
from figures.breakdowns import Breakdown, Part
from figures.french import count, euros
from figures.kinds import Population
from tutoring.choices.work import IndemnityState
from tutoring.ledger import LedgerLine, ledger
from tutoring.school_years import SchoolYear

SOURCE = "Registre des tutorats, services faits attestés et états de paiement"
CENTS = 100


def tutor_indemnities(academy: Academy, *, on: date, known_at: datetime | None = None, year: str = "") -> Breakdown:
    """Indemnities of a school year (« 2023-2024 »; empty: the one before that of the day), by state.

    One indemnity is one tutor in one establishment: its rows are the establishments, told once each.

    Amounts not attested yet are what the registers of that day would give. In the JSON they are whole cents.
    """
    try:
        asked = SchoolYear.parse(year) if year else SchoolYear(SchoolYear.of(on).first - 1)
    except ValueError as refusal:
        raise FigureRefused(str(refusal)) from refusal
    return of_lines(academy, asked, ledger(academy, asked, on=on, known_at=known_at), on=on, known_at=known_at)


def of_lines(
    academy: Academy, year: SchoolYear, lines: Sequence[LedgerLine], *, on: date, known_at: datetime | None = None
) -> Breakdown:
    """The same, of a ledger already read."""
    groups = {"total": lines} | {state.value: [row for row in lines if row.state == state] for state in IndemnityState}
    labels = {"total": "Indemnités"} | dict(IndemnityState.choices)
    owed = {key: sum((line.amount or Decimal(0) for line in rows), Decimal(0)) for key, rows in groups.items()}
    places = {key: _uais(rows) for key, rows in groups.items()}
    people = len({line.tutor.pk for line in lines})
    return Breakdown(
        name="tutor_indemnities",
        title=f"Indemnités des tuteurs, {year}",
        academy=academy.slug,
        on=on,
        known_at=known_at,
        population=Population(
            f"Établissements tutorés pendant l’année scolaire {year}, un par tuteur ({count(people, 'tuteur')})",
            len(lines),
        ),
        source=SOURCE,
        parameters={"year": str(year)},
        parts=(
            *(Part(key, labels[key], len(rows), note=_note(owed[key], rows)) for key, rows in groups.items()),
            *(
                Part(f"cents/{key}", f"{label}, en centimes", int(owed[key] * CENTS), is_shown=False)
                for key, label in labels.items()
            ),
        ),
        rows=places | {f"cents/{key}": rows for key, rows in places.items()},
    )


def _note(owed: Decimal, rows: Sequence[LedgerLine]) -> str:
    """What they come to, and over how many establishments when several tutors share one."""
    if not rows:
        return ""
    places = len(_uais(rows))
    return euros(owed) if places == len(rows) else f"{euros(owed)}, {count(places, 'établissement')}"


def _uais(lines: Sequence[LedgerLine]) -> tuple[str, ...]:
    return tuple(sorted({line.establishment.uai for line in lines}))
