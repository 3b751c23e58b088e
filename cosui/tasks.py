"""Celery entry points of the committee."""

from celery import shared_task

from accounts import jobs
from cosui import services


@shared_task
def compose_briefing(job: int) -> None:
    jobs.run(job, services.compose_briefing)
