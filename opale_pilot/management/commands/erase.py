"""`manage.py erase EMAIL`: anonymise a person in place, and tell what a human must read again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from opale_pilot.privacy import people


class Command(BaseCommand):
    help = "Efface une personne : son compte est anonymisé, ses actes restent sous « Personne effacée »."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="adresse électronique de la personne")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        try:
            identity = people.asked(email)
            left = people.erase(identity)
        except people.PersonUnknown as refusal:
            raise CommandError(str(refusal)) from None
        account = f"le compte n° {identity.pk} est anonyme" if identity.pk else "cette personne n’avait pas de compte"
        self.stdout.write(f"Effacé : {account}.")
        if left:
            self.stdout.write("Son nom reste à ces endroits, qu’une personne doit relire :")
        for place in left:
            self.stdout.write(f"  {place}")
