"""`manage.py purge [--dry-run]`: erase what has been kept as long as privacy.toml says."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from opale_pilot.privacy import purge
from opale_pilot.privacy.register import retentions


class Command(BaseCommand):
    help = "Efface ce dont la durée de conservation est passée. Interrompue, elle reprend où elle en était."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="compter sans rien effacer")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        for name, number in purge.purge(dry_run=dry_run).items():
            told = retentions().get(name)
            what = f"{told.what} ({told.kept})" if told else "Avis de fermeture d’un compte"
            self.stdout.write(f"{number:>8}  {what}")
        if dry_run:
            self.stdout.write("Essai à blanc : rien n’est effacé.")
