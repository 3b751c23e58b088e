"""The verbs of importing, the same behind the commands and the pages: preview, confirm, take in, abandon, undo."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from deployment.choices import ImportKind, ImportState
from deployment.importers import agencies, establishments, storage, waves
from deployment.importers.plans import Change, ImportPlan, ImportRefused, Values
from deployment.models import Academy, ImportBatch, ImportChange
from deployment.rights import IMPORT_FILES
from deployment.services.waves import lock
from deployment.tables import Table, read_table

PREVIEW_KEPT = timedelta(days=30)
MANY = 500


class Planner(Protocol):
    def __call__(self, table: Table, *, academy: Academy, parameters: Values) -> ImportPlan: ...


class Undoer(Protocol):
    def __call__(
        self, batch: ImportBatch, changes: list[ImportChange], *, by: User | None, decision_reference: str
    ) -> None: ...


@dataclass(frozen=True)
class Importer:
    """What is particular to one kind of file."""

    plan: Planner
    apply: Callable[[ImportBatch, list[Change]], None]
    undo: Undoer


IMPORTERS = {
    ImportKind.ESTABLISHMENTS: Importer(establishments.plan, establishments.apply, establishments.undo),
    ImportKind.AGENCIES: Importer(agencies.plan, agencies.apply, agencies.undo),
    ImportKind.WAVES: Importer(waves.plan, waves.apply, waves.undo),
}


@dataclass(frozen=True)
class Deposit:
    """A file as it came, and what was said with it. `parameters` are plain JSON, read by the importer of its kind."""

    kind: ImportKind
    content: bytes
    file_name: str
    parameters: Values

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def plan(self, academy: Academy) -> ImportPlan:
        """What it would do now. Raises `FileRefused`."""
        table = read_table(self.content, self.file_name)
        return IMPORTERS[self.kind].plan(table, academy=academy, parameters=self.parameters)


def deposit(
    kind: ImportKind, content: bytes, file_name: str, *, academy: Academy, parameters: Values | None = None
) -> Deposit:
    """The file with its parameters; the day taken as today is one of them, so that a confirmation can be compared."""
    return Deposit(
        kind,
        content,
        storage.display_name(file_name),
        {"today": academy.today.isoformat(), **(parameters or {})},
    )


def preview(given: Deposit, *, academy: Academy, by: User | None) -> ImportBatch:
    """Say what the file would do, and keep it until `confirm` or `abandon`. Raises `FileRefused`, `ImportRefused`."""
    batch = _draft(given, given.plan(academy), academy, by)
    _expire(academy)
    batch.stored_as = storage.keep(given.content)
    batch.save()
    return batch


@transaction.atomic
def confirm(batch: ImportBatch, *, by: User | None, skip_refused: bool = False) -> ImportBatch:
    """Do what the preview said, in one transaction; refused if that is no longer what would be done."""
    batch = _locked(batch, ImportState.PREVIEWED)
    given = Deposit(ImportKind(batch.kind), storage.load(batch.stored_as), batch.file_name, {**batch.parameters})
    if given.sha256 != batch.sha256:
        raise ImportRefused("Le fichier gardé n’est plus celui de l’aperçu : déposez-le de nouveau.")
    plan = given.plan(batch.academy)
    if plan.fingerprint() != batch.report["fingerprint"]:
        raise ImportRefused("Les données ont changé depuis l’aperçu : déposez le fichier de nouveau pour voir l’effet.")
    return _perform(batch, plan, by=by, skip_refused=skip_refused)


@transaction.atomic
def take_in(given: Deposit, *, academy: Academy, by: User | None, skip_refused: bool = False) -> ImportBatch:
    """Preview and confirm at once, for the command line. Raises `ImportRefused` when there is nothing to do."""
    lock(academy)
    plan = given.plan(academy)
    return _perform(_draft(given, plan, academy, by), plan, by=by, skip_refused=skip_refused)


def dry_run(given: Deposit, *, academy: Academy) -> ImportBatch:
    """What `take_in` would report; the batch is not saved."""
    return _draft(given, given.plan(academy), academy, None)


@transaction.atomic
def abandon(batch: ImportBatch, *, by: User | None) -> ImportBatch:
    """Give the preview up and delete the file."""
    batch = _locked(batch, ImportState.PREVIEWED)
    _close(batch, ImportState.ABANDONED)
    audit.record(by, IMPORT_FILES, f"abandon · {batch}", academy=batch.academy.slug, batch=batch.pk)
    return batch


@transaction.atomic
def undo(batch: ImportBatch, *, by: User | None, decision_reference: str = "") -> ImportBatch:
    """Put back what the import changed. Raises `ImportRefused` naming what was touched since."""
    batch = _locked(batch, ImportState.CONFIRMED)
    IMPORTERS[ImportKind(batch.kind)].undo(
        batch, list(batch.changes.order_by("pk")), by=by, decision_reference=decision_reference
    )
    batch.undone_at = timezone.now()
    _close(batch, ImportState.UNDONE)
    audit.record(by, IMPORT_FILES, f"annulation · {batch}", academy=batch.academy.slug, batch=batch.pk)
    return batch


def earlier(batch: ImportBatch) -> ImportBatch | None:
    """The last time the same bytes were imported into that académie, and not undone."""
    same = ImportBatch.objects.filter(
        academy=batch.academy, kind=batch.kind, sha256=batch.sha256, state=ImportState.CONFIRMED
    )
    return same.exclude(pk=batch.pk).select_related("author").order_by("-confirmed_at").first()


def _draft(given: Deposit, plan: ImportPlan, academy: Academy, by: User | None) -> ImportBatch:
    return ImportBatch(
        academy=academy,
        kind=given.kind,
        file_name=given.file_name,
        sha256=given.sha256,
        parameters=given.parameters,
        report=plan.report(),
        author=by,
    )


def _perform(batch: ImportBatch, plan: ImportPlan, *, by: User | None, skip_refused: bool) -> ImportBatch:
    if plan.refused and not skip_refused:
        raise ImportRefused(
            f"{len(plan.refused)} ligne(s) refusée(s) : corrigez le fichier, ou demandez d’importer les lignes bonnes."
        )
    if not plan.changes:
        raise ImportRefused("Ce fichier ne change rien : tout ce qu’il contient est déjà enregistré.")
    batch.author, batch.confirmed_at = by, timezone.now()
    _close(batch, ImportState.CONFIRMED)
    IMPORTERS[ImportKind(batch.kind)].apply(batch, plan.changes)
    ImportChange.objects.bulk_create(
        [ImportChange(batch=batch, key=c.key, before=c.before, after=c.after) for c in plan.changes], batch_size=MANY
    )
    audit.record(
        by,
        IMPORT_FILES,
        batch,
        academy=batch.academy.slug,
        batch=batch.pk,
        sha256=batch.sha256,
        counts=batch.report["counts"],
    )
    return batch


def _locked(batch: ImportBatch, expected: ImportState) -> ImportBatch:
    """The batch, locked with its académie: of two acts at once, the second finds the state that the first left."""
    lock(batch.academy)
    fresh = ImportBatch.objects.select_for_update(of=("self",)).select_related("academy").get(pk=batch.pk)
    if fresh.state != expected:
        raise ImportRefused(f"Cette importation est déjà dans l’état « {fresh.get_state_display().lower()} ».")
    return fresh


def _close(batch: ImportBatch, state: ImportState) -> None:
    """Change the state; the file, which serves no more, goes when the transaction is kept."""
    name, batch.stored_as, batch.state = batch.stored_as, "", state
    batch.save()
    transaction.on_commit(lambda: storage.discard(name))


def _expire(academy: Academy) -> None:
    """Abandon previews that nobody confirmed for thirty days."""
    old = ImportBatch.objects.filter(
        academy=academy, state=ImportState.PREVIEWED, created_at__lt=timezone.now() - PREVIEW_KEPT
    )
    for batch in old:
        abandon(batch, by=None)
