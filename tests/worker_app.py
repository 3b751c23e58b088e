"""The worker of tests: the product's settings, the tests' tasks and the sweeper's, and not what draws a PDF."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opale_pilot.settings")

app = Celery("tests")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.include = ["accounts.tasks", "tests.worker_tasks"]
