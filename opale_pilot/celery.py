"""The Celery application. Only `accounts.jobs` publishes to it: rows are the queue, the broker merely wakes workers."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opale_pilot.settings")

TRANSPORT_ALIASES["filesystem"] = "opale_pilot.folder_broker:Transport"
app = Celery("opale_pilot")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
