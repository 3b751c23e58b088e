"""Before which answer the very person asked stands, with the link of their browser: the one query of their pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from surveys.choices import RECEIVED
from surveys.clock import READ_NOW, on_day
from surveys.models import Answer, AnswerVersion, Invitation, Link
from surveys.prepared import Prepared

OWN_LINK = ["id", "recipient_id", "parent_id", "delegate_name", "expires_at"]
ANSWER = [field.attname for field in Answer._meta.concrete_fields if field.name != "entry"]
SENT = (
    *("function", "entry__campaign", "entry__campaign__academy__slug", "entry__campaign__academy__observed_on"),
    *(f"entry__campaign__{name}" for name in ("purpose", "title", "state", "academy", "frozen_at")),
    *(f"entry__campaign__{name}" for name in ("opens_at", "closes_at", "corrected_until", "grace_seconds")),
)
READ = ("id", "part", "number", "draft_revision")  # of an answer about to be written over
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


@dataclass(frozen=True)
class Asked:
    """An invitation, the answer that it expects as it was just read, unlocked, and the time it is for that campaign."""

    invitation: Invitation
    answer: Answer
    now: datetime


def _asked(invitation: Any, keys: Any) -> QuerySet[Invitation]:
    """That invitation, once for each of these links to its own recipient, the newest first."""
    rows = Invitation.objects.filter(
        pk=invitation,
        recipient__links__pk__in=keys,
        recipient__links__parent__isnull=True,
        recipient__links__revoked_at__isnull=True,
        entry__campaign__state__in=RECEIVED,
        entry__is_excluded=False,
    )
    link = {"link": F("recipient__links__pk"), "link_expires_at": F("recipient__links__expires_at")}
    return rows.annotate(db_now=READ_NOW, **link).order_by("-recipient__links")


def _own_part(rows: QuerySet[Invitation]) -> QuerySet[Invitation]:
    """With the one answer that this function gives."""
    return rows.filter(Q(entry__answers__part="") | Q(entry__answers__part=F("function")))


def _to_send(invitation: Any, keys: Any) -> QuerySet[Invitation]:
    """The least that tells who sends what, over which answer."""
    told = {f"answer_{name}": F(f"entry__answers__{name}") for name in READ}
    rows = _own_part(_asked(invitation, keys)).annotate(**told)
    return rows.select_related("entry__campaign__academy").only(*SENT)


def _to_show(invitation: Any, keys: Any) -> QuerySet[Invitation]:
    """All that the page shows beside the answer, and the answer itself."""
    told = {f"answer_{name}": F(f"entry__answers__{name}") for name in ANSWER}
    delegations = Link.objects.filter(invitation=OuterRef("pk"), revoked_at__isnull=True)
    rows = _own_part(_asked(invitation, keys)).annotate(is_delegated=Exists(delegations), **told)
    return rows.select_related("recipient", "entry__campaign__academy", "entry__establishment").only(*SHOWN)


TO_SEND = Prepared(_to_send, "invitation", lists=["keys"])
TO_SHOW = Prepared(_to_show, "invitation", lists=["keys"])


def _version(answer: Any, number: Any) -> QuerySet[AnswerVersion]:
    return AnswerVersion.objects.filter(answer=answer, number=number)


def _around(entry: Any) -> QuerySet[Invitation]:
    """Every function asked for that establishment, with what tells whether its post was vacant."""
    rows = Invitation.objects.filter(entry=entry).select_related("recipient").order_by("pk")
    return rows.only("entry", "function", "recipient__campaign")


def _answers(entry: Any) -> QuerySet[Answer]:
    return Answer.objects.filter(entry=entry).only("entry", "part", "number")


VERSION = Prepared(_version, "answer", "number")
AROUND = Prepared(_around, "entry")
ANSWERS = Prepared(_answers, "entry")


def asks(invitation: int, keys: Sequence[int]) -> Asked | None:
    """That invitation and its answer, if these links are of the very person asked. None for anybody else."""
    row = next(_alive(TO_SEND(invitation=invitation, keys=keys)), None) if keys else None
    if row is None:
        return None
    answer = Answer(entry=row.entry, **{name: getattr(row, f"answer_{name}") for name in READ})
    answer._state.adding, answer._state.db = False, DEFAULT_DB_ALIAS
    return Asked(row, answer, _now(row))


def stands(invitation: int, keys: Sequence[int]) -> Standing | None:
    """Where these links put the very person asked. None for anybody else, whom `links.bearer_of` knows better."""
    row = next(_alive(TO_SHOW(invitation=invitation, keys=keys)), None) if keys else None
    if row is None:
        return None
    link = Link.from_db(DEFAULT_DB_ALIAS, OWN_LINK, [row.link, row.recipient_id, None, "", row.link_expires_at])
    link.recipient = row.recipient
    answer = Answer(entry=row.entry, **{name: getattr(row, f"answer_{name}") for name in ANSWER})
    answer._state.adding, answer._state.db = False, DEFAULT_DB_ALIAS
    return Standing(row, answer, link, _now(row), row.is_delegated)


def _alive(rows: Iterable[Any]) -> Iterator[Any]:
    """Of these, those of a link that has not expired."""
    return (row for row in rows if row.link_expires_at is None or row.link_expires_at > _now(row))


def _now(row: Any) -> datetime:
    return on_day(row.entry.campaign.academy.observed_on, row.db_now)
