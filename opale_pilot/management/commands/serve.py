"""`manage.py serve`: the site, a worker and the clock, until Ctrl-C. `make run` adds `--prepare`."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from opale_pilot import serving


class Command(BaseCommand):
    help = "Runs the site, a worker and the clock until Ctrl-C (PORT and HOST choose the address)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--prepare", action="store_true", help="migrate, and load the demonstration if empty")
        parser.add_argument("--only", choices=["site", "worker"], help="run only the site, or only worker and clock")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["prepare"]:
            serving.prepare()
        sys.exit(serving.serve(site=options["only"] != "worker", worker=options["only"] != "site"))
