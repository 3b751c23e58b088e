"""What the académie already knows and an establishment only confirms or corrects."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from deployment.choices import AGENCY_FUNCTIONS, Function, Sphere
from deployment.models import PostHolding
from deployment.models.register import NEWEST_FIRST
from surveys.choices import Purpose
from surveys.models import Campaign, Invitation, PopulationEntry
from surveys.prepared import Prepared


def _holdings(place: Any, on: Any, functions: Any) -> QuerySet[PostHolding]:
    """Rows of these posts of that place, up to that day, the newest first."""
    rows = PostHolding.objects.filter(post__establishment=place, post__function__in=functions, effective_on__lte=on)
    told = rows.select_related("post").only("name", "email", "is_withdrawn", "post__function", "post__number")
    return told.order_by(*NEWEST_FIRST)


HOLDINGS = Prepared(_holdings, "place", "on", lists=["functions"])


def known_people(campaign: Campaign, entry: PopulationEntry) -> list[dict[str, Any]]:
    """Rows proposed to who has written nothing yet: for training, the persons in post; for volunteers, nobody.

    The accountant and the deputies are proposed at the seat of their agency only, not by each of its members.
    """
    if campaign.purpose != Purpose.TRAINING_NEEDS:
        return []
    is_seat = entry.agency_uai == entry.establishment.uai
    functions = [function for function in Function if is_seat or function not in AGENCY_FUNCTIONS]
    last: dict[int, PostHolding] = {}  # the few rows of one place: sorting them out here costs less than a window query
    for row in HOLDINGS(place=_place(entry), functions=functions, on=campaign.academy.today.isoformat()):
        last.setdefault(row.post_id, row)
    rows = sorted(last.values(), key=lambda row: row.post.number)
    people = [(Function(row.post.function), row.holder) for row in rows if row.holder and not row.holder.is_vacant]
    return [
        {"name": holder.name, "email": holder.email, "function": function.value, "sphere": _sphere(function)}
        for function, holder in sorted(people, key=lambda person: functions.index(person[0]))
    ]


def known_respondent(campaign: Campaign, invitation: Invitation) -> tuple[str, str]:
    """Name and function of the person asked: who is in the post now, or the name the mail was sent to."""
    function = Function(invitation.function)
    recipient = invitation.recipient
    if recipient and recipient.name:
        return recipient.name, function.label
    place = _place(invitation.entry)
    people = PostHolding.objects.holders([place], campaign.academy.today)[place].get(function, [])
    return next((holder.name for holder in people if not holder.is_vacant), ""), function.label


def _place(entry: PopulationEntry) -> int:
    """Where the posts are: those of a GRETA are in the establishment that carries it."""
    return entry.establishment.host_id or entry.establishment_id


def _sphere(function: Function) -> str:
    return Sphere.ACCOUNTING if function in AGENCY_FUNCTIONS else Sphere.ORDERING
