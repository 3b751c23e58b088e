"""Pages of the bearer of a personal link: who holds what, in a cookie; the guard that every such page has."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest

from accounts.bearers import LinkCookies, Refusals, opened_by_link
from surveys.models import Campaign, Invitation, Link, PopulationEntry
from surveys.rights import ANSWER_BY_LINK
from surveys.services import links

by_link = opened_by_link(
    ANSWER_BY_LINK,
    Refusals(
        unknown="surveys/reply_unknown.html",
        too_many="surveys/reply_too_many.html",
        retry="surveys/reply_retry.html",
    ),
)


COOKIES = LinkCookies("link-", "/reponse/")


@dataclass(frozen=True)
class Bearer:
    """Whoever holds this link, before what it lets answer."""

    link: Link
    invitation: Invitation

    @property
    def campaign(self) -> Campaign:
        return self.entry.campaign

    @property
    def entry(self) -> PopulationEntry:
        return self.invitation.entry

    @property
    def part(self) -> str:
        """The part of the establishment's answer that this function gives."""
        return self.campaign.part_of(self.invitation.function)


def bearer_of(request: HttpRequest, invitation: int) -> Bearer:
    """Who may open that invitation, with the links this browser has shown. Raises `Http404`."""
    held = held_links(request)
    if not held:
        raise Http404
    wanted = Invitation.objects.select_related("recipient", "entry__campaign__academy", "entry__establishment").filter(
        pk=invitation
    )
    row = wanted.first()
    link = links.bearer_of(held, row) if row else None
    if row is None or link is None:
        raise Http404
    return Bearer(link, row)


def held_links(request: HttpRequest) -> list[Link]:
    """The valid links that this browser has shown, the last one last."""
    return links.held(COOKIES.keys(request))
