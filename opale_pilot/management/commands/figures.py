"""`manage.py figures`: the list of every figure, with its settings."""

from typing import Any

from django.core.management.base import BaseCommand

from opale_pilot.figures import CATALOGUE


class Command(BaseCommand):
    help = "Lists every figure of the product: name, title, settings that --set takes."

    def handle(self, *args: Any, **options: Any) -> None:
        width = max(map(len, CATALOGUE))
        for figure in CATALOGUE.values():
            settings = ", ".join(figure.settings) or "-"
            self.stdout.write(f"{figure.name:{width}}  {figure.title}  [{settings}]")
