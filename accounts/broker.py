"""The one place that publishes to Celery. Rows are the queue: a message only wakes a worker."""

from __future__ import annotations

import logging

from celery import current_app
from django.conf import settings
from kombu.exceptions import ChannelError, OperationalError

logger = logging.getLogger(__name__)


def wake(task: str, *arguments: int) -> bool:
    """Tell a worker to run `task`. A broker that is down or frozen costs less than a second and answers False."""
    try:
        with current_app.connection_for_write(transport_options=settings.JOB_PUBLISH_OPTIONS) as connection:
            current_app.send_task(task, args=list(arguments), connection=connection, retry=False)
    except (OperationalError, ChannelError, OSError) as error:
        logger.warning("broker unavailable, %s %s waits for the clock: %s", task, arguments, error)
        return False
    return True
