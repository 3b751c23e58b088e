"""Celery entry points of what concerns every room."""

from celery import shared_task

from opale_pilot.privacy import purge


@shared_task
def purge_expired() -> None:
    purge.purge()
