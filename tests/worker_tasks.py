"""Tasks that only tests know. Their effect is a line of the trail, which nothing can take back."""

import os
import signal
import time

from celery import shared_task

from accounts import audit, jobs
from accounts.choices import JobState
from accounts.jobs import Claim, JobRefused
from accounts.models import Job
from accounts.rights import VIEW_JOBS


def effect(job: Job) -> None:
    audit.record(None, VIEW_JOBS, f"effect of {job.pk}", academy=job.academy, attempt=job.attempts)


def _sleep_then_note(claim: Claim) -> None:
    """Take `seconds` ([first attempt, next ones]), then leave the effect."""
    first, later = claim.job.parameters.get("seconds", [0, 0])
    claim.progress(0, 1, "au travail")
    time.sleep(first if claim.job.attempts == 1 else later)
    with claim.commit():
        effect(claim.job)


@shared_task
def note(pk: int) -> None:
    jobs.run(pk, _sleep_then_note)


def _kill_the_worker(claim: Claim) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@shared_task
def poison(pk: int) -> None:
    jobs.run(pk, _kill_the_worker)


def _refuse(claim: Claim) -> None:
    raise JobRefused("Le fichier est vide.")


@shared_task
def refused(pk: int) -> None:
    jobs.run(pk, _refuse)


@shared_task
def note_without_fence(pk: int) -> None:
    """The mutant twin of `note`: looks before it leaps, as code without a claim would."""
    job = Job.objects.get(pk=pk)
    if job.state == JobState.DONE:
        return
    time.sleep(job.parameters["seconds"][0])
    effect(job)
    Job.objects.filter(pk=pk).update(state=JobState.DONE)
