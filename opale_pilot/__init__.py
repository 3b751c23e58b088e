"""Settings, routes, cockpit: puts every room together and is imported by none."""

from opale_pilot.celery import app as celery_app

__all__ = ("celery_app",)
