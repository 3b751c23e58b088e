"""Celery entry points of the accounts room."""

from celery import shared_task

from accounts import jobs, postman


@shared_task
def sweep_jobs() -> None:
    jobs.sweep()


@shared_task
def deliver_mails() -> None:
    postman.deliver_due()
