"""Background jobs. The row is the queue: claimed with a lease and a fence, committed once, swept when lost.

A room writes `jobs.submit("cosui.tasks.compose_briefing", …)` in a service and, in its `tasks.py`, a Celery task of
one line: `jobs.run(pk, services.compose_briefing)`. The work receives a `Claim`, tells its progress through it, outside
transactions, and writes its result inside `with claim.commit():`, which fails if another worker has taken the job.
What each fault costs is measured in docs/reliability.md.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts import audit, broker, leases
from accounts.choices import JobState
from accounts.models import Job, User
from accounts.rights import RETRY_JOB

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
INTERRUPTED = "Le traitement s’est interrompu trois fois de suite ; il n’est plus relancé."
BROKEN = "Une erreur technique a interrompu le traitement trois fois ; le service informatique a le détail."


class JobRefused(Exception):
    """The work cannot succeed by being tried again; the message is French and is shown to the person."""


class ClaimLost(Exception):
    """Another worker has taken the job over: whatever this one computed must not be written."""


@dataclass(frozen=True)
class Claim:
    """The right of one worker over one job, until its lease ends."""

    job: Job
    fence: int

    def progress(self, done: int, total: int, label: str) -> None:
        """Tell how far the work is, and renew the lease. Raises `ClaimLost`."""
        self._write(progress_done=done, progress_total=total, progress_label=label, leased_until=_lease_end())

    @contextmanager
    def commit(self) -> Iterator[None]:
        """The transaction in which the result is written and the job ends: both or neither. Raises `ClaimLost`."""
        with transaction.atomic():
            self._write(**_ending(JobState.DONE))
            yield

    def renew(self) -> bool:
        """Keep the lease; False when the job is over or someone else's."""
        return self.update(leased_until=_lease_end())

    def update(self, **fields: Any) -> bool:
        """Write on the row if this claim still holds it."""
        held = Job.objects.filter(pk=self.job.pk, fence=self.fence, state=JobState.RUNNING)
        return bool(held.update(**fields))

    def _write(self, **fields: Any) -> None:
        if not self.update(**fields):
            raise ClaimLost(f"job {self.job.pk} is no longer held with fence {self.fence}")


def submit(task: str, *, label: str, academy: str, by: User | None, **parameters: Any) -> Job:
    """Queue `task` in the caller's transaction; a worker is woken after commit. `parameters` are plain JSON."""
    job = Job.objects.create(task=task, label=label, academy=academy, requested_by=by, parameters=parameters)
    transaction.on_commit(lambda: publish(job), robust=True)
    return job


def publish(job: Job) -> bool:
    """Wake a worker. A broker that does not answer only delays: see `sweep`."""
    if not broker.wake(job.task, job.pk):
        return False
    Job.objects.filter(pk=job.pk).update(published_at=timezone.now())
    return True


def claim(pk: int) -> Claim | None:
    """Take the job, or None if it is over, held by someone, or not due yet."""
    now = timezone.now()
    with transaction.atomic():
        taken = (
            Job.objects.filter(pk=pk)
            .claimable(now)
            .update(
                state=JobState.RUNNING,
                fence=F("fence") + 1,
                attempts=F("attempts") + 1,
                leased_until=_lease_end(),
                holder=leases.this_process(),
                started_at=now,
            )
        )
        if not taken:
            return None
        job = Job.objects.select_related("requested_by").get(pk=pk)
    return Claim(job, job.fence)


def run(pk: int, work: Callable[[Claim], None]) -> None:
    """Claim the job and do the work; failures are written on the row and tried again, `MAX_ATTEMPTS` times in all.

    The lease is renewed while the work goes on. A work that returns without `commit` is done all the same.
    """
    release_lost(Job.objects.filter(pk=pk))
    held = claim(pk)
    if held is None:
        return
    lease = settings.JOB_LEASE_SECONDS
    try:
        with leases.kept(held.renew, every=lease / 3, limit=settings.JOB_TIME_LIMIT_SECONDS):
            work(held)
        held.update(**_ending(JobState.DONE))
    except ClaimLost as lost:
        logger.warning("%s", lost)
    except JobRefused as refusal:
        held.update(**_ending(JobState.FAILED, str(refusal)))
    except Exception:
        logger.exception("job %s failed", pk)
        _retry_later(held)


def retry(job: Job, *, by: User) -> Job:
    """Give a failed job three new attempts."""
    with transaction.atomic():
        job = Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
        if job.state != JobState.FAILED:
            raise JobRefused("Seul un traitement en échec peut être relancé.")
        job.state, job.attempts, job.error, job.not_before = JobState.WAITING, 0, "", timezone.now()
        job.finished_at = job.published_at = None
        job.save()
        audit.record(by, RETRY_JOB, job.label, academy=job.academy, job=job.pk)
        transaction.on_commit(lambda: publish(job), robust=True)
    return job


def sweep(now: datetime | None = None) -> int:
    """Publish again what a broker or a worker lost; returns how many. Run by beat, every few seconds."""
    now = now or timezone.now()
    release_lost(Job.objects.all(), now)
    published = 0
    for job in Job.objects.unheard(now, timedelta(seconds=settings.JOB_REPUBLISH_SECONDS))[:500]:
        if not publish(job):
            break  # each try costs the broker's timeout; the next sweep goes on
        published += 1
    return published


def release_lost(jobs: QuerySet[Job], now: datetime | None = None) -> None:
    """Put back in the queue, or give up after `MAX_ATTEMPTS`, jobs whose lease has ended or whose worker has died.

    A row locked by a transaction is skipped: its worker is committing.
    """
    now = now or timezone.now()
    with transaction.atomic():
        for job in jobs.filter(state=JobState.RUNNING).select_for_update(skip_locked=True, of=("self",)):
            if (job.leased_until is None or job.leased_until < now) or leases.is_gone(job.holder):
                _release(Claim(job, job.fence), now)


def _release(lost: Claim, now: datetime) -> None:
    if lost.job.attempts >= MAX_ATTEMPTS:
        lost.update(**_ending(JobState.FAILED, INTERRUPTED), fence=lost.fence + 1)
    else:
        lost.update(state=JobState.WAITING, fence=lost.fence + 1, not_before=now, leased_until=None, published_at=None)


def _retry_later(held: Claim) -> None:
    if held.job.attempts >= MAX_ATTEMPTS:
        held.update(**_ending(JobState.FAILED, BROKEN))
        return
    wait = timedelta(seconds=settings.JOB_BACK_OFF_SECONDS) * 2 ** (held.job.attempts - 1)
    held.update(state=JobState.WAITING, not_before=timezone.now() + wait, leased_until=None, published_at=None)


def _ending(state: JobState, sentence: str = "") -> dict[str, Any]:
    return {"state": state, "error": sentence, "finished_at": timezone.now(), "leased_until": None, "holder": ""}


def _lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)
