"""Imports the establishments of an académie from the Annuaire de l'éducation."""

from deployment.choices import ImportKind
from deployment.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Importe les EPLE d’une académie depuis l’Annuaire de l’éducation (CSV, XLSX, ODS)."
    kind = ImportKind.ESTABLISHMENTS
