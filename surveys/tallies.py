"""A population in figures and in words: « 71 établissements de V8 + 2 ajoutés − 0 écarté = 73 »."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from deployment.choices import KIND_PLURALS, Kind
from figures.french import count, enumeration, number_text
from surveys.choices import EntryOrigin
from surveys.models import Campaign
from surveys.models.campaigns import Criteria

MOST_NAMED = 3


@dataclass(frozen=True)
class Tally:
    """How a population came about. `by_rule` and `added` count also those left out since (`excluded`)."""

    criteria: Criteria
    by_rule: int
    added: int
    excluded: int

    @property
    def total(self) -> int:
        return self.by_rule + self.added - self.excluded

    def __str__(self) -> str:
        if not self.by_rule and not self.criteria:
            first = f"{_counted(self.added, 'établissement')} choisi{'s' if self.added > 1 else ''} un par un"
            less = f" − {_counted(self.excluded, 'écarté')} = {number_text(self.total)}" if self.excluded else ""
            return first + less
        of = criteria_words(self.criteria)
        first = f"{_counted(self.by_rule, 'établissement')}{f' {of}' if of else ' par les critères'}"
        return (
            f"{first} + {_counted(self.added, 'ajouté')} − {_counted(self.excluded, 'écarté')} "
            f"= {number_text(self.total)}"
        )


def tally(campaign: Campaign) -> Tally:
    """One query."""
    found = campaign.entries.aggregate(
        by_rule=Count("pk", filter=Q(origin=EntryOrigin.RULE)),
        added=Count("pk", filter=Q(origin=EntryOrigin.ADDED)),
        excluded=Count("pk", filter=Q(is_excluded=True)),
    )
    return Tally(campaign.criteria, **found)


def criteria_words(criteria: Criteria) -> str:
    """« de V8 et V9, collèges, départements 026 et 038 »; empty when nothing is asked."""
    parts = []
    if waves := criteria.get("waves"):
        parts.append(f"de {enumeration(waves)}")
    if kinds := criteria.get("kinds"):
        parts.append(enumeration(_plural(kind) for kind in kinds))
    if departements := criteria.get("departements"):
        parts.append(f"{'département' if len(departements) < 2 else 'départements'} {enumeration(departements)}")
    if agencies := criteria.get("agencies"):
        named = enumeration(agencies) if len(agencies) <= MOST_NAMED else ""
        parts.append(f"agence {named}" if len(agencies) == 1 else named or f"{len(agencies)} agences comptables")
    return ", ".join(parts)


def _plural(kind: str) -> str:
    words = KIND_PLURALS[Kind(kind)] if kind in Kind.values else kind
    return words if words.isupper() else words.lower()


def _counted(number: int, word: str) -> str:
    """« 7 800 établissements » with its thousands apart."""
    return count(number, word).replace(str(number), number_text(number), 1)
