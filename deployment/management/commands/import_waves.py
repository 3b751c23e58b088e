"""Imports a list of waves taken by one decision."""

from django.core.management.base import CommandParser

from deployment.choices import ImportKind
from deployment.management.importing import ImportCommand, day


class Command(ImportCommand):
    help = "Importe une liste de vagues (uai;vague) arrêtée par une décision."
    kind = ImportKind.WAVES
    parameter_names = ("decided_on", "reason", "decision_reference")

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--decided-on", type=day, required=True, help="jour de la décision (AAAA-MM-JJ)")
        parser.add_argument("--reason", required=True, help="motif inscrit au registre")
        parser.add_argument("--decision-reference", help="référence de la décision (arrêté, relevé…)")
