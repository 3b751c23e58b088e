"""People, the trail, and the queue of background jobs."""

from accounts.models.attempts import AttemptCount
from accounts.models.jobs import Job, JobQuerySet
from accounts.models.people import FederatedIdentity, Grant, User, UserManager
from accounts.models.trail import AuditEntry, AuditEntryQuerySet

__all__ = [
    "AttemptCount",
    "AuditEntry",
    "AuditEntryQuerySet",
    "FederatedIdentity",
    "Grant",
    "Job",
    "JobQuerySet",
    "User",
    "UserManager",
]
