"""Figures of the tutoring: how many tutors a wave needs, from how many agencies, and who serves them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from accounts.figures import FigureRefused
from deployment.choices import Sphere
from deployment.models import Academy, Wave
from figures.breakdowns import Breakdown, Part
from figures.french import short_day
from figures.kinds import Exclusion, Population
from tutoring.needs import AgencyNeed, whole_needs_of

SOURCE = "Registres des vagues, des rattachements, des prises de poste et des tutorats"


def tutor_needs(academy: Academy, *, on: date, known_at: datetime | None = None, wave: str = "") -> Breakdown:
    """Tutors that a wave needs: one of each sphere an agency, less those already there; a range where posts are vacant.

    `wave` empty: the last wave that has cut over by that day, else the first to come. Raises `FigureRefused` without.
    """
    asked = _wave(academy, on, known_at, wave)
    read = whole_needs_of(asked, on=on, known_at=known_at)
    lines, lost = read.lines, read.strays
    uais = tuple(sorted(uai for line in lines for uai in line.members))
    ordering = _seats(lines, Sphere.ORDERING)
    certain = _seats(lines, Sphere.ACCOUNTING)
    waiting = tuple(line.seat for line in lines if line.is_waiting(Sphere.ACCOUNTING))
    vacant = tuple(line.seat for line in lines if line.has_no_accountant)
    least, most = (*ordering, *certain), (*ordering, *certain, *waiting)
    parts = (
        ("establishments", "Établissements concernés", uais),
        ("ordering", "Tuteurs sphère ordonnateur", ordering),
        ("accounting/min", "Tuteurs sphère comptable, au moins", certain),
        ("accounting/max", "Tuteurs sphère comptable, au plus", (*certain, *waiting)),
        ("total/min", "Tutorats, au moins", least),
        ("total/max", "Tutorats, au plus", most),
        ("agencies_without_accountant", "Agences en attente d’agent comptable", vacant),
    )
    label = f"Établissements de la {asked.code} et leurs {len(lines)} agences comptables au {short_day(on)}"
    return Breakdown(
        name="tutor_needs",
        title=f"Besoin de tutorat de la {asked.code}",
        academy=academy.slug,
        on=on,
        known_at=known_at,
        population=Population(label, len(uais), (Exclusion("sans agence comptable", len(lost)),) if lost else ()),
        source=SOURCE,
        parameters={"wave": asked.code},
        parts=tuple(Part(key, words, len(rows)) for key, words, rows in parts),
        rows={key: tuple(sorted(set(rows))) for key, _, rows in parts},
    )


def _seats(lines: Sequence[AgencyNeed], sphere: Sphere) -> tuple[str, ...]:
    return tuple(line.seat for line in lines if line.is_certain(sphere))


def last_cut_over(waves: Iterable[Wave], on: date) -> Wave | None:
    """The last wave that has cut over by that day, among waves `with_state`."""
    return max((w for w in waves if w.cutover_on and w.cutover_on <= on), key=lambda w: w.rank, default=None)


def waves_of(academy: Academy, on: date, known_at: datetime | None = None) -> list[Wave]:
    """The waves of the académie with their state of that day, in their order."""
    return list(Wave.objects.filter(academy=academy).with_state(on, known_at).select_related("academy"))


def _wave(academy: Academy, on: date, known_at: datetime | None, code: str) -> Wave:
    waves = waves_of(academy, on, known_at)
    if code:
        found = next((wave for wave in waves if wave.code == code), None)
    else:
        found = last_cut_over(waves, on) or next(iter(waves), None)
    if found is None:
        raise FigureRefused(f"La vague « {code} » n’existe pas dans cette académie." if code else "Aucune vague.")
    return found
