"""Celery entry points of the surveys."""

from celery import shared_task

from accounts import jobs
from surveys.services import receipts, reminders, rounds, sending


@shared_task
def prepare_mails(job: int) -> None:
    jobs.run(job, sending.write_mails)


@shared_task
def write_round(job: int) -> None:
    jobs.run(job, rounds.write)


@shared_task
def remind_due() -> None:
    reminders.remind_due()


@shared_task
def send_receipts() -> None:
    receipts.send_due()
