"""Where a campaign stands at an instant, in words, and what was done with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import AuditEntry
from figures.french import count, number_text, percent_text
from surveys.choices import CampaignState
from surveys.models import Campaign

NEAR = timedelta(days=3)
MOST_ACTS = 20


@dataclass(frozen=True)
class Situation:
    """`status` chooses the badge, `label` is its words. `is_near`: open, and closing within three days."""

    status: str
    label: str
    is_open: bool = False
    is_near: bool = False


def situation(campaign: Campaign, now: datetime) -> Situation:
    """What the state and the dates make of a campaign at that instant."""
    if campaign.state != CampaignState.SENT:
        return Situation(campaign.state, CampaignState(campaign.state).label)
    window = campaign.window(now)
    if window.is_before:
        return Situation("waiting", "Envoyée, pas encore ouverte")
    if window.is_open:
        return Situation("open", "Ouverte", is_open=True, is_near=campaign.closes_at - now <= NEAR)
    if window.is_amendable:
        return Situation("running", "Close, correction possible")
    return Situation("closed", "Close")


def answered_words(answered: int, asked: int) -> str:
    """« 72 établissements sur 73 (98,6 %) »: a rate never goes without its population."""
    if not asked:
        return "population vide"
    share = percent_text(100 * answered / asked)
    return f"{number_text(answered)} sur {count(asked, 'établissement')} ({share})"


@dataclass(frozen=True)
class Act:
    """Something done with a campaign. `author`: empty for the command line."""

    at: datetime
    author: str
    words: str
    reason: str


def acts(campaign: Campaign) -> list[Act]:
    """What was done with the campaign, newest first, read in the trail: the last twenty acts."""
    rows = AuditEntry.objects.filter(
        academy=campaign.academy.slug,
        at__gte=campaign.created_at,
        act__startswith="surveys.",
        details__campaign=campaign.pk,
    )
    return [
        Act(
            at=row.at,
            author=str(row.actor or ""),
            words=_first_upper(row.target.partition(" · ")[0]),
            reason=str(row.details.get("reason") or ""),
        )
        for row in rows.select_related("actor").order_by("-at", "-pk")[:MOST_ACTS]
    ]


def _first_upper(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
