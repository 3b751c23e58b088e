"""The product's settings in production, with static files under their own names: nothing to collect for a measure."""

from opale_pilot.settings import *  # noqa: F403
from opale_pilot.settings import STORAGES

STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
