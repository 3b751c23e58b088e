"""`manage.py compose_cosui`: the briefing of a meeting as two files, its frozen figures and its PDF."""

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.figures import FigureRefused
from cosui import services
from cosui.models import Meeting
from figures.pdf import SlideOverflow


class Command(BaseCommand):
    help = "Writes cosui-<academy>-<date>.json (frozen figures) and .pdf; --frozen FILE draws a frozen one again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--academy", required=True)
        parser.add_argument("--date", required=True, type=date.fromisoformat)
        parser.add_argument("--output", required=True, type=Path)
        parser.add_argument("--frozen", type=Path, help="draw these frozen figures instead of the registers")

    def handle(self, *args: Any, **options: Any) -> None:
        academy, day = options["academy"], options["date"]
        try:
            if options["frozen"]:
                content = json.loads(options["frozen"].read_bytes())
            else:
                meeting = Meeting.objects.select_related("academy").get(academy__slug=academy, held_on=day)
                content = services.freeze(meeting)
            options["output"].mkdir(parents=True, exist_ok=True)
            stem = options["output"] / f"cosui-{academy}-{day}"
            stem.with_suffix(".json").write_bytes(services.to_json(content))
            stem.with_suffix(".pdf").write_bytes(services.draw(content))
        except Meeting.DoesNotExist:
            raise CommandError(f"Aucun comité de l’académie « {academy} » le {day:%d/%m/%Y}.") from None
        except (FigureRefused, SlideOverflow, OSError) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(self.style.SUCCESS(f"{stem}.pdf et {stem}.json sont écrits."))
