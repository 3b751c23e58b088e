"""Background jobs. The row is the queue: claimed with a lease and a fence, committed once, swept when lost.

A room writes `jobs.submit("cosui.tasks.compose_briefing", …)` in a service and, in its `tasks.py`, a Celery task of
one line: `jobs.run(pk, services.compose_briefing)`. The work receives a `Claim`, tells its progress through it, and
writes its result inside `with claim.commit():`, which fails if another worker has taken the job over.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.choices import JobState
from accounts.models import Job, User

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 3
BACK_OFF = timedelta(seconds=15)


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
        self._update(
            progress_done=done, progress_total=total, progress_label=label, leased_until=timezone.now() + LEASE
        )

    @contextmanager
    def commit(self) -> Iterator[None]:
        """The transaction in which the result is written and the job ends: both or neither. Raises `ClaimLost`."""
        with transaction.atomic():
            self._update(state=JobState.DONE, finished_at=timezone.now(), leased_until=None, error="")
            yield

    def _update(self, **fields: Any) -> None:
        if not Job.objects.filter(pk=self.job.pk, fence=self.fence, state=JobState.RUNNING).update(**fields):
            raise ClaimLost(f"job {self.job.pk} is no longer held with fence {self.fence}")


def submit(task: str, *, label: str, academy: str, by: User | None, **parameters: Any) -> Job:
    """Queue `task` in the caller's transaction; a worker is woken after commit. `parameters` are plain JSON."""
    job = Job.objects.create(task=task, label=label, academy=academy, requested_by=by, parameters=parameters)
    transaction.on_commit(lambda: publish(job))
    return job


def publish(job: Job) -> bool:
    """Wake a worker. A broker that is down only delays: the sweeper publishes again."""
    try:
        current_app.send_task(job.task, args=[job.pk], retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("broker unavailable, job %s waits for the sweeper: %s", job.pk, error)
        return False
    return True


def claim(pk: int) -> Claim | None:
    """Take the job, or None if it is over, held by a live worker, or not due yet."""
    now = timezone.now()
    taken = (
        Job.objects.filter(pk=pk)
        .claimable(now)
        .update(
            state=JobState.RUNNING,
            fence=F("fence") + 1,
            attempts=F("attempts") + 1,
            leased_until=now + LEASE,
            started_at=now,
        )
    )
    if not taken:
        return None
    job = Job.objects.select_related("requested_by").get(pk=pk)
    return Claim(job, job.fence)


def run(pk: int, work: Callable[[Claim], None]) -> None:
    """Claim the job and do the work; failures are written on the row and tried again, `MAX_ATTEMPTS` times in all."""
    held = claim(pk)
    if held is None:
        return
    if held.job.attempts > MAX_ATTEMPTS:
        _fail(held, "Le traitement s’est interrompu trois fois de suite ; il n’est plus relancé.")
        return
    try:
        work(held)
    except ClaimLost as lost:
        logger.warning("%s", lost)
    except JobRefused as refusal:
        _fail(held, str(refusal))
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
        job.finished_at = None
        job.save()
        transaction.on_commit(lambda: publish(job))
    return job


def sweep(now: datetime | None = None) -> int:
    """Publish again what a broker or a worker lost; returns how many. Runs every 30 seconds."""
    lost = list(Job.objects.claimable(now or timezone.now()).order_by("pk")[:500])
    return sum(publish(job) for job in lost)


def _retry_later(held: Claim) -> None:
    if held.job.attempts >= MAX_ATTEMPTS:
        _fail(held, "Une erreur technique a interrompu le traitement trois fois ; le service informatique a le détail.")
        return
    wait = BACK_OFF * 2 ** (held.job.attempts - 1)
    Job.objects.filter(pk=held.job.pk, fence=held.fence).update(
        state=JobState.WAITING, not_before=timezone.now() + wait, leased_until=None
    )


def _fail(held: Claim, sentence: str) -> None:
    Job.objects.filter(pk=held.job.pk, fence=held.fence).update(
        state=JobState.FAILED, error=sentence, finished_at=timezone.now(), leased_until=None
    )
