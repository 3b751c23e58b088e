"""People, the trail, and the queue of background jobs."""

from accounts.models.jobs import Job, JobQuerySet
from accounts.models.people import Grant, User, UserManager
from accounts.models.trail import AuditEntry

__all__ = ["AuditEntry", "Grant", "Job", "JobQuerySet", "User", "UserManager"]
