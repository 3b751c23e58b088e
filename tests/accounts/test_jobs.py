"""The queue of rows, without a broker: who may take a job, how it ends, when it is tried again."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts import jobs, leases
from accounts.choices import JobState
from accounts.jobs import Claim, ClaimLost, JobRefused
from accounts.models import AuditEntry, Job, User

pytestmark = pytest.mark.django_db


def a_job(**fields: Any) -> Job:
    return Job.objects.create(**{"task": "tests.worker_tasks.note", "label": "Essai", "academy": "grenoble"} | fields)


def state(job: Job) -> tuple[str, int]:
    job.refresh_from_db()
    return job.state, job.attempts


def succeed(claim: Claim) -> None:
    with claim.commit():
        pass


def crash(claim: Claim) -> None:
    raise RuntimeError("bug")


def make_due(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(not_before=timezone.now())


def lose_lease(job: Job) -> None:
    """As if its worker, on another machine, had given no sign of life for a lease."""
    Job.objects.filter(pk=job.pk).update(leased_until=timezone.now() - timedelta(seconds=1), holder="elsewhere 1 1")


def test_a_job_is_done_once() -> None:
    job = a_job()
    works: list[int] = []
    for _ in range(2):
        jobs.run(job.pk, lambda claim: works.append(claim.fence))
    assert works == [1]
    assert state(job) == (JobState.DONE, 1)
    assert job.holder == "" and job.leased_until is None and job.finished_at


def test_a_held_job_is_not_taken() -> None:
    job = a_job()
    assert jobs.claim(job.pk)
    assert jobs.claim(job.pk) is None
    jobs.run(job.pk, crash)
    assert state(job) == (JobState.RUNNING, 1)


def test_a_job_not_yet_due_is_not_taken() -> None:
    job = a_job(not_before=timezone.now() + timedelta(minutes=1))
    assert jobs.claim(job.pk) is None


def test_the_result_and_the_end_are_one_transaction() -> None:
    job = a_job()

    def fail_inside(claim: Claim) -> None:
        with claim.commit():
            a_job(label="résultat")
            raise RuntimeError("bug")

    jobs.run(job.pk, fail_inside)
    assert state(job) == (JobState.WAITING, 1)
    assert not Job.objects.filter(label="résultat").exists()


def test_a_job_taken_over_writes_nothing() -> None:
    job = a_job()
    late = jobs.claim(job.pk)
    assert late
    lose_lease(job)
    jobs.run(job.pk, succeed)
    with pytest.raises(ClaimLost), late.commit():
        a_job(label="résultat")
    with pytest.raises(ClaimLost):
        late.progress(1, 2, "trop tard")
    assert not late.renew()
    assert not Job.objects.filter(label="résultat").exists()
    assert state(job) == (JobState.DONE, 2)


def test_a_failure_after_the_commit_does_not_bring_the_job_back() -> None:
    job = a_job()

    def fail_after(claim: Claim) -> None:
        succeed(claim)
        raise RuntimeError("bug")

    jobs.run(job.pk, fail_after)
    assert state(job) == (JobState.DONE, 1)


def test_three_errors_end_a_job() -> None:
    job = a_job()
    for attempt in (1, 2, 3):
        make_due(job)
        jobs.run(job.pk, crash)
        assert job.attempts == attempt - 1
        job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert job.error == jobs.BROKEN


def test_the_wait_after_an_error_grows(settings: Any) -> None:
    settings.JOB_BACK_OFF_SECONDS = 100
    job = a_job()
    for least in (100, 200):
        make_due(job)
        before = timezone.now()
        jobs.run(job.pk, crash)
        job.refresh_from_db()
        assert job.not_before >= before + timedelta(seconds=least)


def test_a_refusal_is_final_and_says_why() -> None:
    job = a_job()

    def refuse(claim: Claim) -> None:
        raise JobRefused("Le fichier est vide.")

    jobs.run(job.pk, refuse)
    assert state(job) == (JobState.FAILED, 1)
    assert job.error == "Le fichier est vide."


def test_three_silent_deaths_end_a_job() -> None:
    job = a_job()
    for _ in range(3):
        assert jobs.claim(job.pk)
        lose_lease(job)
        jobs.release_lost(Job.objects.all())
    assert jobs.claim(job.pk) is None
    assert state(job) == (JobState.FAILED, 3)
    assert job.error == jobs.INTERRUPTED


def test_a_job_whose_process_is_gone_is_taken_at_once() -> None:
    job = a_job()
    assert jobs.claim(job.pk)
    Job.objects.filter(pk=job.pk).update(holder=f"{leases.this_process()}0")  # same number, started at another instant
    jobs.run(job.pk, succeed)
    assert state(job) == (JobState.DONE, 2)


@pytest.mark.parametrize("holder", ["", "elsewhere 1 1", leases.this_process()], ids=["unknown", "elsewhere", "this"])
def test_a_process_not_known_to_be_dead_is_left_in_peace(holder: str) -> None:
    assert not leases.is_gone(holder)


def test_the_lease_is_kept_while_the_work_goes_on(settings: Any) -> None:
    beats: list[int] = []

    def renew() -> bool:
        beats.append(1)
        return len(beats) < 3

    with leases.kept(renew, every=0.001, limit=60):
        while len(beats) < 3:
            pass
    assert len(beats) == 3


def test_progress_is_told() -> None:
    job = a_job()
    claim = jobs.claim(job.pk)
    assert claim
    claim.progress(1, 4, "page 1")
    job.refresh_from_db()
    assert (job.percent, job.progress_label, job.is_over) == (25, "page 1", False)


# --- publishing and sweeping


def test_a_job_is_published_when_its_transaction_ends(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        job = jobs.submit("tests.worker_tasks.note", label="Essai", academy="grenoble", by=None, seconds=[1, 0])
        assert job.published_at is None
    assert len(callbacks) == 1
    job.refresh_from_db()
    assert job.published_at
    assert job.parameters == {"seconds": [1, 0]}


@pytest.mark.django_db(transaction=True)
def test_a_job_of_an_abandoned_transaction_does_not_exist() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        jobs.submit("tests.worker_tasks.note", label="Essai", academy="grenoble", by=None)
        raise RuntimeError
    assert not Job.objects.exists()


def test_the_sweeper_publishes_only_what_was_lost(settings: Any) -> None:
    settings.JOB_REPUBLISH_SECONDS = 60
    now = timezone.now()
    never = a_job()
    long_ago = a_job(published_at=now - timedelta(seconds=61))
    a_job(published_at=now - timedelta(seconds=59))
    a_job(not_before=now + timedelta(seconds=10))
    a_job(state=JobState.DONE)
    silent = a_job()
    assert jobs.claim(silent.pk)
    lose_lease(silent)
    assert jobs.claim(a_job(label="tenu").pk)
    soon = timezone.now()
    assert jobs.sweep(soon) == 3
    assert set(Job.objects.filter(published_at__gte=soon).values_list("pk", flat=True)) == {
        never.pk,
        long_ago.pk,
        silent.pk,
    }
    assert state(silent) == (JobState.WAITING, 1)
    assert jobs.sweep(soon) == 0


# --- trying again


def test_a_failed_job_gets_three_new_attempts(nadia: User) -> None:
    job = a_job(state=JobState.FAILED, attempts=3, error="Le fichier est vide.", finished_at=timezone.now())
    jobs.retry(job, by=nadia)
    assert state(job) == (JobState.WAITING, 0)
    assert (job.error, job.finished_at) == ("", None)
    assert AuditEntry.objects.filter(actor=nadia, act="accounts.retry_job", details={"job": job.pk}).count() == 1


@pytest.mark.parametrize("standing", [JobState.WAITING, JobState.RUNNING, JobState.DONE])
def test_only_a_failed_job_is_tried_again(nadia: User, standing: JobState) -> None:
    with pytest.raises(JobRefused, match="Seul un traitement en échec"):
        jobs.retry(a_job(state=standing), by=nadia)
