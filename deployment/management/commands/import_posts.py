"""Imports the persons in post."""

from django.core.management.base import CommandParser

from deployment.choices import ImportKind
from deployment.management.importing import ImportCommand, day


class Command(ImportCommand):
    help = "Importe les personnes en poste (uai;fonction;nom;adresse;depuis)."
    kind = ImportKind.POSTS
    parameter_names = ("effective_on", "reason")

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--effective-on", type=day, help="jour d’effet des lignes sans « depuis » (AAAA-MM-JJ)")
        parser.add_argument("--reason", help="motif inscrit au registre")
