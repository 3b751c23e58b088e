"""People, the trail, outgoing mail, and the queue of background jobs."""

from accounts.models.attempts import AttemptCount
from accounts.models.jobs import Job, JobQuerySet
from accounts.models.mails import MailRelay, MailSwitch, OutgoingEmail
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
    "MailRelay",
    "MailSwitch",
    "OutgoingEmail",
    "User",
    "UserManager",
]
