"""Before which answer the very person asked stands, with the link of their browser: the one query of their pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from surveys.choices import RECEIVED
from surveys.clock import READ_NOW, on_day
from surveys.models import Answer, Invitation, Link
from surveys.prepared import Prepared

MOST_LINKS = 12  # that one browser holds
OWN_LINK = ["id", "recipient_id", "parent_id", "expires_at"]
ANSWER = [field.attname for field in Answer._meta.concrete_fields if field.name != "entry"]
SHOWN = (
    *("function", "entry__wave_code", "entry__agency_uai", "entry__campaign", "entry__establishment"),
    *("recipient__function", "recipient__name", "recipient__email"),
    *(f"entry__establishment__{name}" for name in ("uai", "name", "town", "host")),
    *(f"entry__campaign__{name}" for name in ("purpose", "title", "introduction", "asked", "state", "academy")),
    *(f"entry__campaign__{name}" for name in ("opens_at", "closes_at", "corrected_until", "grace_seconds")),
    *(f"entry__campaign__academy__{name}" for name in ("slug", "label", "service_name", "ministry_block")),
    *(f"entry__campaign__academy__{name}" for name in ("observed_on", "is_demonstration")),
)


@dataclass(frozen=True)
class Standing:
    """An invitation, the answer that it expects, the link that opens it, and the time it is for that campaign."""

    invitation: Invitation
    answer: Answer
    link: Link
    now: datetime
    is_delegated: bool


def _asked(invitation: object, keys: Sequence[object]) -> QuerySet[Invitation]:
    """Rows of that invitation, one for each of these links to its own recipient, the newest first."""
    told = {f"answer_{name}": F(f"entry__answers__{name}") for name in ANSWER}
    delegations = Link.objects.filter(invitation=OuterRef("pk"), revoked_at__isnull=True)
    rows = Invitation.objects.filter(
        Q(entry__answers__part="") | Q(entry__answers__part=F("function")),
        pk=invitation,
        recipient__links__pk__in=keys,
        recipient__links__parent__isnull=True,
        recipient__links__revoked_at__isnull=True,
        entry__campaign__state__in=RECEIVED,
        entry__is_excluded=False,
    )
    return (
        rows.annotate(
            db_now=READ_NOW,
            link=F("recipient__links__pk"),
            link_expires_at=F("recipient__links__expires_at"),
            is_delegated=Exists(delegations),
            **told,
        )
        .select_related("recipient", "entry__campaign__academy", "entry__establishment")
        .only(*SHOWN)
        .order_by("-link")
    )


ASKED = Prepared(_asked, "invitation", keys=MOST_LINKS)


def stands(invitation: int, keys: Sequence[int]) -> Standing | None:
    """Where these links put the very person asked. None for anybody else, whom `links.bearer_of` knows better."""
    for row in ASKED(invitation=invitation, keys=keys) if keys else ():
        now = on_day(row.entry.campaign.academy.observed_on, row.db_now)
        if row.link_expires_at is None or row.link_expires_at > now:
            link = Link.from_db(DEFAULT_DB_ALIAS, OWN_LINK, [row.link, row.recipient_id, None, row.link_expires_at])
            link.recipient = row.recipient
            answer = Answer(entry=row.entry, **{name: getattr(row, f"answer_{name}") for name in ANSWER})
            answer._state.adding, answer._state.db = False, DEFAULT_DB_ALIAS
            return Standing(row, answer, link, now, row.is_delegated)
    return None
