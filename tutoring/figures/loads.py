"""How the work is shared: how many establishments each tutor of a wave accompanies."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from deployment.models import Academy
from figures.breakdowns import Breakdown, Part
from figures.french import count, short_day
from figures.kinds import Population
from tutoring.coverage import spells
from tutoring.figures.needs import SOURCE, wave_asked

TUTOR = "tutor"  # the unit of rows whose keys are those of tutors


def tutor_loads(academy: Academy, *, on: date, known_at: datetime | None = None, wave: str = "") -> Breakdown:
    """Tutors of a wave by number of establishments of that wave that they accompany, in one sphere or both.

    Who tutors whom on that day is told by `tutoring.coverage`. `wave` empty: the last wave that has cut over. The rows
    are tutors, by primary key.
    """
    asked = wave_asked(academy, on, known_at, wave)
    here = academy.establishments.existing_on(on).with_wave(on, known_at).filter(**{"wave_code": asked.code})
    members = set(here.values_list("pk", flat=True))
    held: dict[int, set[int]] = defaultdict(set)
    for spell in spells(academy, on, on, known_at=known_at):
        if spell.establishment in members:
            held[spell.tutor].add(spell.establishment)
    groups: dict[int, list[int]] = defaultdict(list)
    for tutor, establishments in held.items():
        groups[len(establishments)].append(tutor)
    tutored = {key for establishments in held.values() for key in establishments}
    label = f"Tuteurs de la {asked.code} au {short_day(on)}, pour {count(len(tutored), 'établissement')}"
    parts = [Part("tutors", "Tuteurs", len(held), unit=TUTOR)]
    parts += [
        Part(f"by_establishments/{number}", count(number, "établissement"), len(groups[number]), unit=TUTOR)
        for number in sorted(groups)
    ]
    rows = {f"by_establishments/{number}": _keys(tutors) for number, tutors in groups.items()}
    return Breakdown(
        name="tutor_loads",
        title=f"Charge des tuteurs de la {asked.code}",
        academy=academy.slug,
        on=on,
        known_at=known_at,
        population=Population(label, len(held)),
        source=SOURCE,
        parameters={"wave": asked.code},
        unit=TUTOR,
        parts=tuple(parts),
        drawn=tuple(part.key for part in parts[1:]),
        drawn_title="Tuteurs par nombre d’établissements",
        rows=rows | {"tutors": _keys(held)},
    )


def _keys(tutors: list[int] | dict[int, set[int]]) -> tuple[str, ...]:
    return tuple(str(tutor) for tutor in sorted(tutors))
