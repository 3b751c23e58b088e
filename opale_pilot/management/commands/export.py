"""`manage.py export EMAIL`: everything held about a person, as JSON (right of access)."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from opale_pilot.privacy import people


class Command(BaseCommand):
    help = "Écrit tout ce qui est conservé sur une personne, en JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="adresse électronique de la personne")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        try:
            self.stdout.write(json.dumps(people.export(people.asked(email)), ensure_ascii=False, indent=1))
        except people.PersonUnknown as refusal:
            raise CommandError(str(refusal)) from None
