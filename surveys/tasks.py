"""Celery entry points of the surveys."""

from celery import shared_task

from accounts import jobs
from surveys.services import sending


@shared_task
def prepare_mails(job: int) -> None:
    jobs.run(job, sending.write_mails)
