"""What the three import commands share: their arguments, the report, the exit code."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.academies import AcademyUnknown
from deployment.choices import ImportKind
from deployment.importers import batches
from deployment.importers.plans import ImportRefused
from deployment.importers.recognition import academy_of
from deployment.importers.report import as_text
from deployment.services.enrolment import enrol
from deployment.services.waves import lock
from deployment.tables import FileRefused
from figures.french import count


class ImportCommand(BaseCommand):
    """One file into one académie; nothing is written when a line is refused, unless `--skip-refused`."""

    kind: ImportKind
    parameter_names: tuple[str, ...] = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="fichier CSV, XLSX ou ODS")
        parser.add_argument("--academy", help="identifiant de l’académie (grenoble, aix-marseille…)")
        parser.add_argument("--dry-run", action="store_true", help="montrer ce qui serait fait, sans rien écrire")
        parser.add_argument("--skip-refused", action="store_true", help="importer les lignes bonnes")

    def handle(self, *args: Any, **options: Any) -> None:
        parameters = {name: _plain(options[name]) for name in self.parameter_names if options[name]}
        try:
            given = batches.deposit(self.kind, options["file"].read_bytes(), options["file"].name, parameters)
            with transaction.atomic():
                self._import(given, options)
        except OSError as error:
            raise CommandError(f"Le fichier {options['file']} ne peut pas être lu ({error.strerror}).") from None
        except (AcademyUnknown, FileRefused, ImportRefused) as refusal:
            raise CommandError(str(refusal)) from None

    def _import(self, given: batches.Deposit, options: dict[str, Any]) -> None:
        academy = enrol(options["academy"]) if options["academy"] else academy_of(given.table)
        lock(academy)
        prepared = batches.prepare(given, academy=academy, by=None)
        for line in as_text(prepared.batch, batches.earlier(prepared.batch)):
            self.stdout.write(line)
        counts = prepared.batch.report["counts"]
        if options["dry_run"]:
            transaction.set_rollback(True)
            self.stdout.write("Essai à blanc : rien n’est écrit.")
        elif not (counts["added"] or counts["changed"] or counts["refused"]):
            self.stdout.write("Rien à importer : tout est déjà enregistré.")
        elif counts["refused"] and not options["skip_refused"]:
            refused = count(counts["refused"], "ligne refusée", "lignes refusées")
            raise CommandError(f"{refused}, rien n’est écrit (voir --skip-refused).")
        else:
            batches.carry_out(prepared, skip_refused=options["skip_refused"])
            self.stdout.write(self.style.SUCCESS("Importé."))


def day(text: str) -> date:
    """A date on the command line: 2024-06-28."""
    return date.fromisoformat(text)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
