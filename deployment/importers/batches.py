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
from deployment.importers import agencies, establishments, posts, storage, waves
from deployment.importers.plans import Change, ImportPlan, ImportRefused, Values
from deployment.models import Academy, ImportBatch, ImportChange
from deployment.rights import IMPORT_FILES
from deployment.services.waves import lock
from deployment.tables import Table, read_table
from figures.french import count

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
    ImportKind.POSTS: Importer(posts.plan, posts.apply, posts.undo),
}


@dataclass(frozen=True)
class Deposit:
    """A file as it came, read, and what was said with it. `parameters` are plain JSON, for the importer of its kind."""

    kind: ImportKind
    file_name: str
    sha256: str
    table: Table
    parameters: Values

    def plan(self, academy: Academy, parameters: Values) -> ImportPlan:
        """What it would do now."""
        return IMPORTERS[self.kind].plan(self.table, academy=academy, parameters=parameters)


def deposit(kind: ImportKind, content: bytes, file_name: str, parameters: Values | None = None) -> Deposit:
    """Read the file, before anything is locked. Raises `FileRefused`."""
    name = storage.display_name(file_name)
    return Deposit(kind, name, hashlib.sha256(content).hexdigest(), read_table(content, name), parameters or {})


@dataclass(frozen=True)
class Prepared:
    """A plan, and the batch (not saved) that would carry it out."""

    batch: ImportBatch
    plan: ImportPlan


def prepare(given: Deposit, *, academy: Academy, by: User | None) -> Prepared:
    """Plan, writing nothing. The day taken as today is kept, so that a confirmation can be compared."""
    parameters = {"today": academy.today.isoformat(), **given.parameters}
    plan = given.plan(academy, parameters)
    return Prepared(
        ImportBatch(
            academy=academy,
            kind=given.kind,
            file_name=given.file_name,
            sha256=given.sha256,
            parameters=parameters,
            report=plan.report(),
            author=by,
        ),
        plan,
    )


@transaction.atomic
def carry_out(prepared: Prepared, *, skip_refused: bool = False) -> ImportBatch:
    """Do what `prepare` has just found under the same lock of the académie. Raises `ImportRefused`."""
    return _perform(prepared.batch, prepared.plan, by=prepared.batch.author, skip_refused=skip_refused)


def preview(
    kind: ImportKind, content: bytes, file_name: str, *, academy: Academy, by: User | None, parameters: Values
) -> ImportBatch:
    """Say what the file would do, and keep it until `confirm` or `abandon`. Raises `FileRefused`, `ImportRefused`."""
    batch = prepare(deposit(kind, content, file_name, parameters), academy=academy, by=by).batch
    _expire(academy)
    batch.stored_as = storage.keep(content)
    batch.save()
    return batch


def confirm(batch: ImportBatch, *, by: User | None, skip_refused: bool = False) -> ImportBatch:
    """Do what the preview said, in one transaction; refused if that is no longer what would be done."""
    _refuse_unless(batch, ImportState.PREVIEWED)
    given = deposit(ImportKind(batch.kind), storage.load(batch.stored_as), batch.file_name)
    with transaction.atomic():
        batch = _locked(batch, ImportState.PREVIEWED)
        plan = given.plan(batch.academy, batch.parameters)
        if (given.sha256, plan.fingerprint()) != (batch.sha256, batch.report["fingerprint"]):
            raise ImportRefused(
                "Les données ont changé depuis l’aperçu : déposez le fichier de nouveau pour en voir l’effet."
            )
        return _perform(batch, plan, by=by, skip_refused=skip_refused)


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


def _perform(batch: ImportBatch, plan: ImportPlan, *, by: User | None, skip_refused: bool) -> ImportBatch:
    if plan.refused and not skip_refused:
        raise ImportRefused(
            f"{count(len(plan.refused), 'ligne refusée', 'lignes refusées')} : "
            "corrigez le fichier, ou demandez d’importer les lignes bonnes."
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
    _refuse_unless(fresh, expected)
    return fresh


def _refuse_unless(batch: ImportBatch, expected: ImportState) -> None:
    if batch.state != expected:
        raise ImportRefused(f"Cette importation est dans l’état « {batch.get_state_display().lower()} ».")


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
