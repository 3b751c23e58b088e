"""The ledger of the indemnities: per tutor, establishment and school year, what was worked, attested and paid.

An indemnity is the call's rate, in proportion to the days of tutorship among the 365 or 366 of the school year, cut at
the cent: parts of one establishment never add up to more than the rate.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal

from deployment.choices import Sphere
from deployment.models import Academy, Establishment
from surveys.clock import end_of
from tutoring.choices.candidates import CallState
from tutoring.choices.work import IndemnityState
from tutoring.coverage import Spell, spells
from tutoring.models import Indemnity, IndemnityCorrection, PaymentLine, Tutor, TutorCall, Visit
from tutoring.school_years import SchoolYear

CENT = Decimal("0.01")
Periods = dict[str, list[list[str]]]  # by sphere, first and last days as ISO text


def share_of(rate: Decimal, days: int, year: SchoolYear) -> Decimal:
    """The part of the rate for so many days of that year, in whole cents, never rounded up."""
    return (rate * days / year.days).quantize(CENT, rounding=ROUND_DOWN)


@dataclass(frozen=True)
class Work:
    """What one tutor did for one establishment in one school year, as the registers tell it now."""

    tutor: int
    establishment: int
    spells: tuple[Spell, ...]

    @property
    def days(self) -> int:
        """A day in both spheres counts once: the indemnity is by establishment."""
        return len(set[date]().union(*(spell.days for spell in self.spells)))

    @property
    def starts_on(self) -> date:
        return min(spell.starts_on for spell in self.spells)

    @property
    def ends_on(self) -> date:
        return max(spell.ends_on for spell in self.spells)

    @property
    def spheres(self) -> list[str]:
        return [str(Sphere(sphere).label) for sphere in sorted({spell.sphere for spell in self.spells}, reverse=True)]

    @property
    def periods(self) -> Periods:
        found: Periods = {}
        for spell in sorted(self.spells, key=lambda one: (one.sphere, one.starts_on)):
            found.setdefault(spell.sphere, []).append([spell.starts_on.isoformat(), spell.ends_on.isoformat()])
        return found


def works(
    academy: Academy, year: SchoolYear, *, tutors: Iterable[int] | None = None, known_at: datetime | None = None
) -> dict[tuple[int, int], Work]:
    """By tutor and establishment (primary keys)."""
    found: dict[tuple[int, int], list[Spell]] = defaultdict(list)
    for spell in spells(academy, year.starts_on, year.ends_on, tutors=tutors, known_at=known_at):
        found[spell.tutor, spell.establishment].append(spell)
    return {key: Work(*key, tuple(rows)) for key, rows in found.items()}


@dataclass(frozen=True)
class Account:
    """One attested indemnity with all that followed, as it stands on a day."""

    indemnity: Indemnity
    corrections: tuple[IndemnityCorrection, ...]
    lines: tuple[PaymentLine, ...]
    on: date

    @property
    def amount(self) -> Decimal:
        """What is owed in all."""
        return self.indemnity.amount + sum((row.amount for row in self.corrections), Decimal(0))

    @property
    def days(self) -> int:
        return self.corrections[-1].days if self.corrections else self.indemnity.days

    @property
    def periods(self) -> Periods:
        found: Periods = (self.corrections[-1] if self.corrections else self.indemnity).periods
        return found

    @property
    def unlisted(self) -> Decimal:
        """What no statement holds yet, signed."""
        return self.amount - sum((line.amount for line in self.lines), Decimal(0))

    @property
    def is_listed(self) -> bool:
        """Whether the indemnity and every correction are in a statement."""
        return len(self.lines) == 1 + len(self.corrections)

    @property
    def state(self) -> IndemnityState:
        if not self.is_listed:
            return IndemnityState.ATTESTED
        is_paid = all(self._paid_on(line) for line in self.lines)
        return IndemnityState.PAID if is_paid else IndemnityState.IN_STATEMENT

    @property
    def words(self) -> str:
        """Where it stands, for the tutor: « dans l’état n° 3 », « payée le 15/11/2024 »."""
        if self.state == IndemnityState.ATTESTED:
            return "Attestée, pas encore dans un état de paiement"
        statement = self.lines[-1].statement
        if self.state == IndemnityState.PAID:
            return f"Payée le {statement.paid_on:%d/%m/%Y} (état n° {statement.number})"
        return f"Dans l’état de paiement n° {statement.number}"

    def _paid_on(self, line: PaymentLine) -> date | None:
        paid_on: date | None = line.statement.paid_on
        return paid_on if paid_on and paid_on <= self.on else None


@dataclass(frozen=True)
class LedgerLine:
    """One tutor, one establishment, one school year. Without `rate`, no call tells what is owed."""

    tutor: Tutor
    establishment: Establishment
    year: SchoolYear
    work: Work | None
    rate: Decimal | None
    account: Account | None
    visits: int
    confirmed: int
    is_over: bool

    @property
    def state(self) -> IndemnityState:
        if self.account:
            return self.account.state
        return IndemnityState.TO_ATTEST if self.is_over else IndemnityState.RUNNING

    @property
    def days(self) -> int:
        """Those attested, else those the registers tell."""
        if self.account:
            return self.account.days
        return self.work.days if self.work else 0

    @property
    def amount(self) -> Decimal | None:
        """What is owed if attested, else what would be by the registers of today."""
        if self.account:
            return self.account.amount
        return None if self.rate is None else share_of(self.rate, self.days, self.year)

    @property
    def words(self) -> str:
        if self.account:
            return self.account.words
        if self.state == IndemnityState.RUNNING and self.work:
            return f"Prévue, si le tutorat va jusqu’au {self.work.ends_on:%d/%m/%Y}"
        return str(self.state.label)

    @property
    def gap(self) -> int:
        """Days that the registers tell today, less those attested: something to correct when not zero."""
        return (self.work.days if self.work else 0) - self.account.days if self.account else 0


def ledger(
    academy: Academy,
    year: SchoolYear,
    *,
    tutors: Iterable[int] | None = None,
    on: date | None = None,
    known_at: datetime | None = None,
) -> list[LedgerLine]:
    """By name of the tutor, then of the establishment, as it stands on a day; a constant number of queries."""
    asked, day = None if tutors is None else list(tutors), on or academy.today
    done = works(academy, year, tutors=asked, known_at=known_at)
    attested = accounts(academy, year, tutors=asked, on=day, known_at=known_at)
    held = {(account.indemnity.tutor_id, account.indemnity.establishment_id): account for account in attested}
    keys = done.keys() | held.keys()
    people = {row.pk: row for row in _tutors(academy, {tutor for tutor, _ in keys})}
    places = Establishment.objects.in_bulk({establishment for _, establishment in keys})
    visits, confirmed = _visits(academy, year)
    fallback = last_call(academy, year)
    lines = [
        LedgerLine(
            tutor=people[key[0]],
            establishment=places[key[1]],
            year=year,
            work=done.get(key),
            rate=_rate(held.get(key), people[key[0]], fallback),
            account=held.get(key),
            visits=visits[key],
            confirmed=confirmed[key],
            is_over=key in done and done[key].ends_on < day,
        )
        for key in keys
    ]
    return sorted(lines, key=lambda line: (line.tutor.name, line.tutor.pk, line.establishment.sort_name))


def accounts(
    academy: Academy,
    year: SchoolYear | None = None,
    *,
    tutors: Iterable[int] | None = None,
    on: date | None = None,
    known_at: datetime | None = None,
) -> list[Account]:
    """Every attested indemnity with its corrections and lines, in the order of attestation; four queries at most."""
    rows = Indemnity.objects.filter(tutor__academy=academy)
    rows = rows if year is None else rows.filter(school_year=year.first)
    rows = rows if tutors is None else rows.filter(tutor__in=list(tutors))
    held = rows.select_related("tutor__academy", "tutor__establishment", "establishment").order_by("pk")
    found = held.prefetch_related("corrections", "lines__statement")
    day = on or academy.today
    until = end_of(day) if known_at is None else min(end_of(day), known_at)
    return [
        Account(
            row,
            tuple(correction for correction in row.corrections.all() if correction.at < until),
            tuple(line for line in row.lines.all() if line.statement.made_at < until),
            day,
        )
        for row in found
        if row.attested_at < until
    ]


def _rate(account: Account | None, tutor: Tutor, fallback: TutorCall | None) -> Decimal | None:
    """What was frozen when it was attested, else what the call tells."""
    call = call_of(tutor, fallback)
    if account:
        return account.indemnity.rate
    return call.rate if call else None


def due(academy: Academy) -> Decimal:
    """What is attested and in no statement yet, corrections included."""
    return sum((account.unlisted for account in accounts(academy)), Decimal(0))


def call_of(tutor: Tutor, fallback: TutorCall | None) -> TutorCall | None:
    """The call that fixes what this tutor is paid: the one they answered, else the last one of the académie."""
    own = tutor.application.call if tutor.application else None
    return own if own and own.rate else fallback


def last_call(academy: Academy, year: SchoolYear) -> TutorCall | None:
    """The last call published by the end of that school year that tells a rate."""
    calls = TutorCall.objects.filter(academy=academy, rate__gt=0, published_on__lte=year.ends_on)
    known = calls.filter(state__in=(CallState.PUBLISHED, CallState.CLOSED))
    return known.order_by("-published_on", "-pk").first()


def years(academy: Academy) -> list[SchoolYear]:
    """Those in which somebody tutored, the current one included, newest first."""
    first = Tutor.objects.filter(academy=academy, assignments__isnull=False)
    earliest = first.order_by("assignments__effective_on").values_list("assignments__effective_on", flat=True).first()
    current = SchoolYear.of(academy.today)
    start = SchoolYear.of(earliest).first if earliest else current.first
    return [SchoolYear(number) for number in range(current.first, min(start, current.first) - 1, -1)]


def _tutors(academy: Academy, keys: set[int]) -> Iterable[Tutor]:
    rows = Tutor.objects.filter(academy=academy, pk__in=keys)
    return rows.select_related("application__call", "establishment", "academy")


def _visits(academy: Academy, year: SchoolYear) -> tuple[Mapping[tuple[int, int], int], Mapping[tuple[int, int], int]]:
    """How many visits were noted, and how many of them were confirmed, by tutor and establishment."""
    rows = Visit.objects.filter(tutor__academy=academy, on__range=(year.starts_on, year.ends_on))
    read = ("tutor_id", "establishment_id")
    return Counter(rows.standing().values_list(*read)), Counter(rows.confirmed().values_list(*read))
