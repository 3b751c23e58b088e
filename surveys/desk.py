"""What the page of a bearer lists: one line for each establishment and campaign, with its state and who else acts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from deployment.choices import Function
from surveys.clock import READ_NOW, local_now
from surveys.emails import deadline
from surveys.models import Answer, Campaign, Invitation, Link, PopulationEntry
from surveys.models.campaigns import Window
from surveys.models.invitations import NOT_REVOKED


@dataclass(frozen=True)
class Line:
    """One thing asked: in one campaign, of one function, for one establishment."""

    invitation: Invitation
    answer: Answer
    now: datetime
    others: list[str]
    delegates: list[str]
    may_submit: bool

    @property
    def campaign(self) -> Campaign:
        return self.invitation.entry.campaign

    @property
    def entry(self) -> PopulationEntry:
        return self.invitation.entry

    @property
    def deadline(self) -> str:
        return deadline(self.campaign.closes_at)

    @property
    def window(self) -> Window:
        return self.campaign.window(self.now)

    @property
    def is_waiting(self) -> bool:
        """Whether something is still expected of this person."""
        return self.window.is_open and not self.answer.is_submitted and not self.invitation.disowned_at

    @property
    def state(self) -> tuple[str, str]:
        """(value for the badge, words)."""
        if self.invitation.disowned_at and not self.answer.is_submitted:
            return "disowned", "Signalé : pas mon établissement"
        if self.answer.is_submitted:
            return "done", "Réponse envoyée"
        if self.window.is_before:
            return "waiting", "Pas encore ouverte"
        if not self.window.is_open:
            return "closed", "Close sans réponse"
        return ("draft", "Commencée") if self.answer.draft is not None else ("todo", "À faire")


def lines(links: Sequence[Link], asked: QuerySet[Invitation]) -> list[Line]:
    """A line for each of these invitations, what waits first, by deadline; a fixed number of queries."""
    rows = list(
        asked.annotate(db_now=READ_NOW)
        .select_related("recipient", "entry__campaign__academy", "entry__establishment")
        .prefetch_related(
            "entry__answers",
            Prefetch("entry__invitations", Invitation.objects.select_related("recipient")),
            Prefetch("delegations", Link.objects.filter(NOT_REVOKED)),
        )
        .order_by("entry__campaign__closes_at", "entry__establishment__sort_name", "pk")
    )
    persons = {(link.recipient.email, link.recipient.function) for link in links if link.may_submit}
    found = [_line(row, may_submit=_person(row) in persons) for row in rows]
    return sorted(found, key=lambda line: not line.is_waiting)


def _person(row: Invitation) -> tuple[str, str]:
    return (row.recipient.email, row.recipient.function) if row.recipient else ("", "")


def _line(row: Invitation, *, may_submit: bool) -> Line:
    campaign = row.entry.campaign
    part = campaign.part_of(row.function)
    return Line(
        invitation=row,
        answer=next(answer for answer in row.entry.answers.all() if answer.part == part),
        now=local_now(campaign.academy, row.db_now),  # type: ignore[attr-defined]  # annotated
        others=others(row, row.entry.invitations.all(), row.entry.answers.all()),
        delegates=[link.delegate_name for link in row.delegations.all()],
        may_submit=may_submit,
    )


def others(row: Invitation, asked: Iterable[Invitation], answers: Iterable[Answer]) -> list[str]:
    """What the other functions asked for the same establishment have to do, or did."""
    campaign = row.entry.campaign
    by_part = {answer.part: answer for answer in answers}
    return [_other(campaign, other, by_part[campaign.part_of(other.function)]) for other in asked if other.pk != row.pk]


def _other(campaign: Campaign, other: Invitation, answer: Answer) -> str:
    who = Function(other.function).label
    if other.recipient is None:
        return f"{who} : poste vacant"
    if not campaign.is_separate:
        return f"{who} : peut répondre aussi, une seule réponse compte"
    return f"{who} : {'a répondu' if answer.is_submitted else 'n’a pas encore répondu'}"
