#!/usr/bin/env python3
"""Django's command line. A setting that is missing or weak is said in one sentence, without a traceback."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opale_pilot.settings")
    try:
        _ = settings.DEBUG  # reads the settings
    except ImproperlyConfigured as error:
        sys.exit(f"Op@le Pilot cannot start. {error}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
