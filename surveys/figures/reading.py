"""What a campaign had asked and received on a day: the one read from which its figures are computed.

An answer counts as it stood at the end of the day, in Paris; one that came after the closing counts too, and is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.utils import timezone

from accounts.figures import FigureRefused
from deployment.models import Academy
from figures.french import count, enumeration, in_sentence, short_day
from figures.kinds import Exclusion, Population
from surveys.choices import EntryOrigin, Purpose
from surveys.clock import end_of
from surveys.models import AnswerVersion, Campaign, PopulationEntry

MOST_REASONS = 3
MOST_WAVES = 4


@dataclass(frozen=True)
class Said:
    """The current version of one answer."""

    uai: str
    part: str
    version: int
    content: Any


@dataclass(frozen=True)
class Reading:
    """A campaign on a day, as known at an instant. Without campaign, none of that purpose had been sent by then."""

    academy: Academy
    on: date
    known_at: datetime | None
    campaign: Campaign | None
    entries: tuple[PopulationEntry, ...]  # those left out included
    said: tuple[Said, ...]
    late: frozenset[str]  # UAIs whose first answer came after the closing

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """UAIs of the population."""
        return tuple(entry.establishment.uai for entry in self.entries if not entry.is_excluded)

    @cached_property
    def answered(self) -> tuple[str, ...]:
        """UAIs of those who had answered, by one function at least, in the order of the population."""
        having = {said.uai for said in self.said}
        return tuple(uai for uai in self.asked if uai in having)

    @property
    def late_note(self) -> str:
        """« dont 2 après la clôture », or nothing."""
        return f"dont {len(self.late)} après la clôture" if self.late else ""

    @property
    def source(self) -> str:
        """« Enquête du 24/09/2024 »."""
        if self.campaign is None or self.campaign.sent_at is None:
            return "Enquêtes"
        return f"Enquête du {short_day(timezone.localtime(self.campaign.sent_at).date())}"

    @property
    def population(self) -> Population:
        """« 71 établissements de V8, 2 ajoutés (poste vacant) », and those left out with the reason."""
        if self.campaign is None:
            return Population(f"Aucune enquête de cet objet envoyée au {short_day(self.on)}", 0)
        kept = [entry for entry in self.entries if not entry.is_excluded]
        left_out = Counter(entry.reason for entry in self.entries if entry.is_excluded)
        words = [_by_rule(entry for entry in kept if entry.origin == EntryOrigin.RULE)]
        words.append(_added(entry for entry in kept if entry.origin == EntryOrigin.ADDED))
        exclusions = tuple(
            Exclusion(f"{'écartés' if size > 1 else 'écarté'} ({in_sentence(reason)})", size)
            for reason, size in left_out.most_common()
        )
        return Population(", ".join(filter(None, words)) or "Aucun établissement", len(kept), exclusions)

    @property
    def shared(self) -> dict[str, Any]:
        """What every figure of this reading carries."""
        return {
            "academy": self.academy.slug,
            "on": self.on,
            "known_at": self.known_at,
            "population": self.population,
            "source": self.source,
            "parameters": {"campaign": str(self.campaign.pk)} if self.campaign else {},
        }


def read(
    academy: Academy, purpose: Purpose | None, *, on: date, known_at: datetime | None = None, campaign: int = 0
) -> Reading:
    """Four queries whatever the size. `campaign` 0 is the last one of that purpose (any when None) sent by that day.

    Raises `FigureRefused` when the académie has no such campaign, or it asks something else.
    """
    before = end_of(on)
    row = _campaign(academy, purpose, before, known_at, campaign)
    if row is None:
        return Reading(academy, on, known_at, None, (), (), frozenset())
    entries = row.entries.select_related("establishment")
    versions = AnswerVersion.objects.current(row, before, known_at).order_by("answer__entry", "answer__part")
    said = versions.values_list("answer__entry__establishment__uai", "answer__part", "pk", "content")
    first = AnswerVersion.objects.known(row, before, known_at).filter(number=1, is_late=True)
    return Reading(
        academy,
        on,
        known_at,
        row,
        tuple(entries.order_by("establishment__sort_name", "establishment__uai")),
        tuple(Said(*values) for values in said),
        frozenset(first.values_list("answer__entry__establishment__uai", flat=True)),
    )


def _campaign(
    academy: Academy, purpose: Purpose | None, before: datetime, known_at: datetime | None, campaign: int
) -> Campaign | None:
    rows = Campaign.objects.launched().filter(academy=academy)
    if purpose:
        rows = rows.filter(purpose=purpose)
    if campaign:
        rows = rows.filter(pk=campaign)
        if not rows:
            raise FigureRefused(f"L’enquête n° {campaign} n’existe pas, n’est pas envoyée, ou pose d’autres questions.")
    sent = rows.filter(sent_at__lt=before)
    sent = sent.filter(sent_at__lte=known_at) if known_at else sent
    return sent.order_by("-sent_at", "-pk").first()


def _by_rule(entries: Iterable[PopulationEntry]) -> str:
    """« 71 établissements de V8 »; waves are those at the sending."""
    waves = Counter(entry.wave_code for entry in entries)
    if not waves:
        return ""
    words = count(sum(waves.values()), "établissement")
    if "" in waves or len(waves) > 1 and len(waves) > MOST_WAVES:
        codes = sorted(filter(None, waves), key=_rank)
        return f"{words} de {codes[0]} à {codes[-1]}" if "" not in waves and codes else words
    return f"{words} de {enumeration(sorted(waves, key=_rank))}"


def _rank(code: str) -> tuple[int, str]:
    """V9 before V10."""
    return len(code), code


def _added(entries: Iterable[PopulationEntry]) -> str:
    """« 2 ajoutés (poste vacant, changement d’ordonnateur) »."""
    reasons = Counter(entry.reason for entry in entries)
    if not reasons:
        return ""
    told = [in_sentence(reason) for reason, _ in reasons.most_common(MOST_REASONS)]
    more = ["…"] if len(reasons) > MOST_REASONS else []
    return f"{count(sum(reasons.values()), 'ajouté')} ({', '.join([*told, *more])})"
