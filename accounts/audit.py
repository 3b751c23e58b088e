"""The trail: services and views call `record`, `seen`, `exported`; nothing else writes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from accounts.choices import AuditKind
from accounts.models import AuditEntry, User
from accounts.rights import Right
from accounts.words import normalise, without_nul

_origin: ContextVar[str | None] = ContextVar("origin", default=None)


@contextmanager
def coming_from(address: str | None) -> Iterator[None]:
    """Lines written inside tell this client address; a middleware opens it around every request."""
    token = _origin.set(address)
    try:
        yield
    finally:
        _origin.reset(token)


def record(actor: User | None, right: Right, target: object, *, academy: str, **details: Any) -> AuditEntry:
    """Something was done: one line, in the caller's transaction. `actor` is None for the command line."""
    return _write(AuditKind.DONE, actor, right, target, academy, details)


def seen(actor: User, right: Right, target: object, *, academy: str, **details: Any) -> AuditEntry:
    """Something that matters was shown: a list of persons, the trail itself."""
    return _write(AuditKind.SEEN, actor, right, target, academy, details)


def exported(actor: User, right: Right, target: object, *, academy: str, **details: Any) -> AuditEntry:
    """Something left the product: an export, a download."""
    return _write(AuditKind.EXPORTED, actor, right, target, academy, details)


def _write(
    kind: AuditKind, actor: User | None, right: Right, target: object, academy: str, details: dict[str, Any]
) -> AuditEntry:
    """The author is the person at the keyboard, also during « voir comme »."""
    if actor and actor.seen_by:
        details = {**details, "seen_as": str(actor)}
        actor = actor.seen_by
    details, shown = without_nul(details), without_nul(str(target))
    words = f"{right.label} {shown} {json.dumps(details, ensure_ascii=False, default=str)}"
    return AuditEntry.objects.create(
        kind=kind,
        actor=actor,
        act=right.name,
        target=shown[:200],
        academy=academy,
        details=details,
        origin=_origin.get(),
        search_text=normalise(words),
    )
