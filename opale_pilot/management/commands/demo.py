"""`manage.py demo`: loads the demonstration into a database that has none."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from deployment.models import Academy
from opale_pilot.demo import aix_marseille, cast, committee, surveys, territory, tutoring, tutoring_work


class Command(BaseCommand):
    help = (
        "Loads the académie de Grenoble on 8 October 2024, and one agency of Aix-Marseille; the persons are invented."
    )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if Academy.objects.filter(slug="grenoble").exists():
            raise CommandError("L’académie de Grenoble est déjà dans cette base : `make reset` la recrée.")
        academy = territory.load()
        lead = cast.load(academy)
        surveys.load(academy, by=lead)
        tutoring.load(academy)
        tutoring_work.load(academy, by=lead)
        committee.load(academy)
        aix_marseille.load(lead)
        self.stdout.write(self.style.SUCCESS(f"{academy} : démonstration chargée."))
