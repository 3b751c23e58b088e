"""What the académie already knows and an establishment only confirms or corrects."""

from __future__ import annotations

from typing import Any

from deployment.choices import AGENCY_FUNCTIONS, Function, Sphere
from deployment.models import Holder, PostHolding
from surveys.choices import Purpose
from surveys.models import Campaign, Invitation, PopulationEntry


def known_people(campaign: Campaign, entry: PopulationEntry) -> list[dict[str, Any]]:
    """Rows proposed to who has written nothing yet: for training, the persons in post; for volunteers, nobody.

    The accountant and the deputies are proposed at the seat of their agency only, not by each of its members.
    """
    if campaign.purpose != Purpose.TRAINING_NEEDS:
        return []
    establishment = entry.establishment
    held = holders_of(campaign, entry)
    is_seat = entry.agency_uai == establishment.uai
    return [
        {"name": holder.name, "email": holder.email, "function": function.value, "sphere": _sphere(function)}
        for function in Function
        if is_seat or function not in AGENCY_FUNCTIONS
        for holder in held.get(function, ())
        if not holder.is_vacant
    ]


def known_respondent(campaign: Campaign, invitation: Invitation) -> tuple[str, str]:
    """Name and function of the person asked: who is in the post now, or the name the mail was sent to."""
    function = Function(invitation.function)
    recipient = invitation.recipient
    if recipient and recipient.name:
        return recipient.name, function.label
    people = holders_of(campaign, invitation.entry).get(function, [])
    return next((holder.name for holder in people if not holder.is_vacant), ""), function.label


def holders_of(campaign: Campaign, entry: PopulationEntry) -> dict[Function, list[Holder]]:
    """Who is in post there on the académie's day; those of a GRETA are in the establishment that carries it."""
    place = entry.establishment.host_id or entry.establishment_id
    return PostHolding.objects.holders([place], campaign.academy.today)[place]


def _sphere(function: Function) -> str:
    return Sphere.ACCOUNTING if function in AGENCY_FUNCTIONS else Sphere.ORDERING
