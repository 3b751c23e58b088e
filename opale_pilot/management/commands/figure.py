"""`manage.py figure NAME`: one figure, as JSON in the common envelope or as a table."""

import json
from argparse import ArgumentParser
from datetime import date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.figures import FigureRefused
from deployment.models import Academy
from figures.text import to_text
from opale_pilot.figures import named


def instant(text: str) -> datetime:
    """A date (its last instant) or a date and time; heure de Paris when no offset is given."""
    read = datetime.fromisoformat(text)
    if "T" not in text and ":" not in text:
        read = read.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return read if read.tzinfo else timezone.make_aware(read)


def setting(text: str) -> tuple[str, str]:
    """`key=value`."""
    key, equals, value = text.partition("=")
    if not equals:
        raise ValueError(text)
    return key, value


class Command(BaseCommand):
    help = "Prints one figure of an académie, on a day, as known at an instant."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--academy", required=True)
        parser.add_argument("--on", type=date.fromisoformat, help="day the figure speaks of (default: today)")
        parser.add_argument("--known-at", type=instant, help="as the registers stood then (default: now)")
        parser.add_argument("--set", type=setting, action="append", default=[], metavar="KEY=VALUE")
        parser.add_argument("--format", choices=("json", "table"), default="table")
        parser.add_argument("--rows", action="store_true", help="with json: add the keys of the rows behind each cell")

    def handle(self, *args: Any, **options: Any) -> None:
        academy = Academy.objects.filter(slug=options["academy"]).first()
        if academy is None:
            raise CommandError(f"Aucune académie « {options['academy']} » dans cette base.")
        try:
            figure = named(options["name"]).ask(
                academy,
                on=options["on"] or academy.today,
                known_at=options["known_at"],
                settings=dict(options["set"]),
            )
        except FigureRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["format"] == "table":
            self.stdout.write(to_text(figure))
            return
        envelope = figure.envelope()
        if options["rows"]:
            envelope["rows"] = {cell: list(keys) for cell, keys in figure.rows.items()}
        self.stdout.write(json.dumps(envelope, ensure_ascii=False, indent=2))
