"""The trail: services call `record`, nothing else writes it."""

from typing import Any

from accounts.models import AuditEntry, User
from accounts.rights import Right


def record(actor: User | None, right: Right, target: object, *, academy: str, **details: Any) -> AuditEntry:
    """Write one line of the trail, in the caller's transaction. `actor` is None for the command line."""
    return AuditEntry.objects.create(
        actor=actor, act=right.name, target=str(target)[:200], academy=academy, details=details
    )
