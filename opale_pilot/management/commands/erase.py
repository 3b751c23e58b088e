"""`manage.py erase EMAIL`: anonymise a person in place, and tell what a human must read again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from opale_pilot.privacy import people


class Command(BaseCommand):
    help = "Efface une personne : son compte est anonymisé, ses actes restent sous « Personne effacée »."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="adresse électronique de la personne")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        person = User.objects.filter(email=email.lower()).first()
        if person is None:
            raise CommandError(f"Aucun compte n’a l’adresse « {email} ».")
        left = people.erase(person)
        self.stdout.write(f"Effacé : le compte n° {person.pk} est anonyme.")
        if left:
            self.stdout.write("Son nom reste à ces endroits, qu’une personne doit relire :")
        for place in left:
            self.stdout.write(f"  {place}")
