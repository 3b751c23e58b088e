"""How many tutors a wave needs, from how many agencies, and how many of these needs are covered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from accounts.figures import FigureRefused
from deployment.choices import Sphere
from deployment.models import Academy, Wave
from figures.breakdowns import Breakdown, Part
from figures.french import short_day
from figures.kinds import CrossTable, Exclusion, Population, Row, Vocabulary
from figures.readings import once
from tutoring.choices.candidates import NeedRule
from tutoring.needs import AgencyNeed, by_rule, whole_needs_of

COVERED = {
    "ordering": ("Sphère ordonnateur, par agence", Sphere.ORDERING, NeedRule.AGENCY),
    "accounting_by_agency": ("Sphère comptable, par agence", Sphere.ACCOUNTING, NeedRule.AGENCY),
    "accounting_by_accountant": ("Sphère comptable, par agent comptable", Sphere.ACCOUNTING, NeedRule.ACCOUNTANT),
}
COVERAGE = {"covered": "Couverts", "uncovered": "À couvrir", "waiting": "En attente de recrutement"}
SOURCE = "Registres des vagues, des rattachements, des prises de poste et des tutorats"


def tutor_needs(
    academy: Academy, *, on: date, known_at: datetime | None = None, wave: str = "", rule: str = ""
) -> Breakdown:
    """Tutors that a wave needs: one of each sphere an agency, less those already there; a range where posts are vacant.

    `wave` empty: the last wave that has cut over by that day, else the first to come. Raises `FigureRefused` without.
    `rule` empty: the académie's own (`NeedRule`).
    """
    asked = wave_asked(academy, on, known_at, wave)
    read = whole_needs_of(asked, on=on, known_at=known_at, rule=_rule(rule))
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
        parameters={"wave": asked.code, **({"rule": rule} if rule else {})},
        parts=tuple(Part(key, words, len(rows)) for key, words, rows in parts),
        rows={key: tuple(sorted(set(rows))) for key, _, rows in parts},
    )


def tutor_coverage(academy: Academy, *, on: date, known_at: datetime | None = None, wave: str = "") -> CrossTable:
    """Needs of a wave: those that a tutor serves, those to cover, those that wait for an accountant.

    By sphere, and in the accounting sphere by both rules (`NeedRule`): its lines do not add up. Wave as for
    `tutor_needs`. A need that a tutor of an earlier wave serves is covered too. The rows are seats of agencies.
    """
    asked = wave_asked(academy, on, known_at, wave)
    lines, _ = by_rule(asked, on=on, known_at=known_at)
    seats = {
        (key, state): tuple(line.seat for line in lines[rule] if _state(line, sphere) == state)
        for key, (_, sphere, rule) in COVERED.items()
        for state in COVERAGE
    }
    agencies = len(lines[NeedRule.AGENCY])
    return CrossTable(
        name="tutor_coverage",
        title=f"Couverture du besoin de tutorat de la {asked.code}",
        academy=academy.slug,
        on=on,
        known_at=known_at,
        population=Population(f"Agences comptables de la {asked.code} au {short_day(on)}", agencies),
        source=SOURCE,
        parameters={"wave": asked.code},
        columns=tuple(COVERAGE.items()),
        lines=tuple(
            Row(key, label, {state: len(seats[key, state]) for state in COVERAGE})
            for key, (label, _, _) in COVERED.items()
        ),
        words=Vocabulary(columns="states", row="need", row_heading="Besoin"),
        lines_add_up=False,
        rows={f"{key}/{state}": found for (key, state), found in seats.items()}
        | {f"{key}/total": tuple(sorted(u for state in COVERAGE for u in seats[key, state])) for key in COVERED},
    )


def _state(line: AgencyNeed, sphere: Sphere) -> str:
    """Where the need of an agency stands, a key of `COVERAGE`; empty when another agency carries it."""
    if not line.is_counted(sphere):
        return ""
    if sphere in line.covered or sphere in line.served:
        return "covered"
    return "waiting" if line.is_waiting(sphere) else "uncovered"


def _rule(text: str) -> NeedRule | None:
    if text and text not in NeedRule.values:
        raise FigureRefused(f"« {text} » n’est pas une règle de décompte ({', '.join(NeedRule.values)}).")
    return NeedRule(text) if text else None


def _seats(lines: Sequence[AgencyNeed], sphere: Sphere) -> tuple[str, ...]:
    return tuple(line.seat for line in lines if line.is_certain(sphere))


def last_cut_over(waves: Iterable[Wave], on: date) -> Wave | None:
    """The last wave that has cut over by that day, among waves `with_state`."""
    return max((w for w in waves if w.cutover_on and w.cutover_on <= on), key=lambda w: w.rank, default=None)


def waves_of(academy: Academy, on: date, known_at: datetime | None = None) -> list[Wave]:
    """The waves of the académie with their state of that day, in their order."""
    rows = Wave.objects.filter(academy=academy).with_state(on, known_at).select_related("academy")
    return once(("waves", academy.pk, on, known_at), lambda: list(rows))


def wave_asked(academy: Academy, on: date, known_at: datetime | None, code: str) -> Wave:
    waves = waves_of(academy, on, known_at)
    if code:
        found = next((wave for wave in waves if wave.code == code), None)
    else:
        found = last_cut_over(waves, on) or next(iter(waves), None)
    if found is None:
        raise FigureRefused(f"La vague « {code} » n’existe pas dans cette académie." if code else "Aucune vague.")
    return found
