"""Imports which establishment is attached to which accounting agency."""

from django.core.management.base import CommandParser

from deployment.choices import ImportKind
from deployment.management.importing import ImportCommand, day


class Command(ImportCommand):
    help = "Importe les agences comptables (uai_siege;uai_rattache[;valid_from;valid_to])."
    kind = ImportKind.AGENCIES
    parameter_names = ("effective_on", "reason")

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--effective-on", type=day, help="jour d’effet des lignes sans valid_from (AAAA-MM-JJ)")
        parser.add_argument("--reason", help="motif inscrit au registre")
