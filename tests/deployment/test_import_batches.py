"""The verbs of importing: preview, confirm, abandon, undo; races, and the file that is kept meanwhile."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEntry, User
from deployment.choices import ImportKind, ImportState
from deployment.importers import batches, storage
from deployment.importers.plans import ImportRefused
from deployment.models import Academy, Establishment, ImportBatch, ImportChange
from deployment.tables import FileRefused
from tests.deployment.import_files import as_csv, official, official_rows
from tests.factories import make_academy, make_establishment


def preview(academy: Academy, *, content: bytes = b"", by: User | None = None, name: str = "a.csv") -> ImportBatch:
    return batches.preview(
        ImportKind.ESTABLISHMENTS, content or official(), name, academy=academy, by=by, parameters={}
    )


def kept_files(settings: Any) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_a_preview_writes_nothing_but_itself(grenoble: Academy, nadia: User) -> None:
    batch = preview(grenoble, by=nadia)
    assert batch.state == ImportState.PREVIEWED
    assert batch.report["counts"] == {"added": 20, "changed": 0, "left": 0, "refused": 0, "ignored": 0, "absent": 0}
    assert not Establishment.objects.exists()


def test_confirming_does_what_was_shown_and_leaves_a_trail(
    grenoble: Academy, nadia: User, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    batch = preview(grenoble, by=nadia)
    assert len(kept_files(settings)) == 1
    with django_capture_on_commit_callbacks(execute=True):
        batch = batches.confirm(batch, by=nadia)
    assert Establishment.objects.count() == ImportChange.objects.count() == 20
    assert (batch.state, batch.author, batch.stored_as) == (ImportState.CONFIRMED, nadia, "")
    assert kept_files(settings) == []
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.details["counts"]["added"]) == ("deployment.import_files", 20)


def test_abandoning_deletes_the_file_and_confirming_is_then_refused(
    grenoble: Academy, nadia: User, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    batch = preview(grenoble)
    with django_capture_on_commit_callbacks(execute=True):
        batches.abandon(batch, by=nadia)
    assert kept_files(settings) == []
    for verb in (batches.confirm, batches.abandon, batches.undo):
        with pytest.raises(ImportRefused, match="« abandonné »|fichier déposé n’est plus là"):
            verb(batch, by=nadia)


def test_confirming_is_refused_when_the_effect_is_no_longer_what_was_shown(grenoble: Academy) -> None:
    batch = preview(grenoble)
    make_establishment(grenoble, uai="0070001N")
    with pytest.raises(ImportRefused, match="ont changé depuis l’aperçu"):
        batches.confirm(batch, by=None)
    assert Establishment.objects.count() == 1
    batch.refresh_from_db()
    assert batch.state == ImportState.PREVIEWED


def test_confirming_is_refused_when_the_kept_file_was_replaced_or_lost(grenoble: Academy) -> None:
    batch = preview(grenoble)
    header, *body = official_rows()
    default_storage.delete(batch.stored_as)
    default_storage.save(batch.stored_as, storage.ContentFile(as_csv([header, *reversed(body)])))
    with pytest.raises(ImportRefused, match="ont changé"):
        batches.confirm(batch, by=None)
    default_storage.delete(batch.stored_as)
    with pytest.raises(ImportRefused, match="déposez-le de nouveau"):
        batches.confirm(batch, by=None)


def test_the_day_of_the_preview_is_kept(grenoble: Academy) -> None:
    header, *body = official_rows()
    for row in body:
        row[header.index("etat")], row[header.index("date_maj_ligne")] = "FERME", ""
    batch = preview(grenoble, content=as_csv([header, *body]))
    grenoble.observed_on = timezone.localdate() + timedelta(days=1)
    grenoble.save()
    assert batches.confirm(batch, by=None).state == ImportState.CONFIRMED


def test_the_same_file_is_announced_until_it_is_undone(grenoble: Academy, lyon: Academy, nadia: User) -> None:
    done = batches.confirm(preview(grenoble, by=nadia), by=nadia)
    again = preview(grenoble)
    assert batches.earlier(again) == done
    assert again.report["counts"]["left"] == 20
    with pytest.raises(ImportRefused, match="ne change rien"):
        batches.confirm(again, by=nadia)
    assert batches.earlier(ImportBatch(academy=lyon, kind=again.kind, sha256=again.sha256)) is None
    batches.undo(done, by=nadia)
    assert batches.earlier(again) is None
    assert not Establishment.objects.exists()


def test_a_batch_is_undone_once(grenoble: Academy) -> None:
    batch = batches.confirm(preview(grenoble), by=None)
    batches.undo(batch, by=None)
    with pytest.raises(ImportRefused, match="« annulé »"):
        batches.undo(batch, by=None)


def test_previews_forgotten_for_thirty_days_are_abandoned(grenoble: Academy, lyon: Academy) -> None:
    old, recent = preview(grenoble), preview(grenoble)
    days = {old: 31, recent: 29}
    for batch, age in days.items():
        ImportBatch.objects.filter(pk=batch.pk).update(created_at=timezone.now() - timedelta(days=age))
    preview(grenoble)
    assert [ImportBatch.objects.get(pk=batch.pk).state for batch in days] == ["abandoned", "previewed"]


def test_a_refused_file_leaves_no_trace(grenoble: Academy, settings: Any) -> None:
    with pytest.raises(FileRefused):
        preview(grenoble, content=b"%PDF-1.7")
    assert not ImportBatch.objects.exists()
    assert kept_files(settings) == []


def test_a_full_disk_is_told_and_leaves_neither_row_nor_file(
    grenoble: Academy, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: object, name: str, content: object) -> str:
        Path(settings.MEDIA_ROOT, name).parent.mkdir(parents=True)
        Path(settings.MEDIA_ROOT, name).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("django.core.files.storage.filesystem.FileSystemStorage._save", full)
    with pytest.raises(ImportRefused, match="espace du serveur"):
        preview(grenoble)
    assert not ImportBatch.objects.exists()
    assert kept_files(settings) == []


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("C:\\Users\\x\\..\\annuaire.csv", "annuaire.csv"),
        ("../../etc/passwd", "passwd"),
        ("a\0b\u202ecsv.exe\r\n", "abcsv.exe"),
        ("\u202e", "fichier"),
        ("", "fichier"),
        ("e\u0301tat.csv", "état.csv"),
        ("x" * 300 + ".csv", "x" * 156 + ".csv"),
    ],
)
def test_the_name_shown_is_harmless(grenoble: Academy, given: str, shown: str) -> None:
    batch = preview(grenoble, name=given)
    assert batch.file_name == shown
    assert batch.stored_as.startswith("imports/")
    assert len(batch.stored_as) == len("imports/") + 36


@pytest.mark.parametrize("step", ["apply", "trail"])
def test_a_failure_in_the_middle_writes_nothing(grenoble: Academy, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    batch = preview(grenoble)

    def fail(*args: object, **details: object) -> None:
        raise RuntimeError("power cut")

    place = "deployment.models.ImportChange.objects.bulk_create" if step == "apply" else "accounts.audit.record"
    monkeypatch.setattr(place, fail)
    with pytest.raises(RuntimeError):
        batches.confirm(batch, by=None)
    assert not Establishment.objects.exists()
    batch.refresh_from_db()
    assert batch.state == ImportState.PREVIEWED


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run the acts in threads that start together; their results, or what they raised."""
    results: list[object] = []
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        start.wait()
        try:
            results.append(act())
        except ImportRefused as refusal:
            results.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_two_confirmations_at_once_have_one_effect() -> None:
    batch = preview(make_academy())
    results = at_once(*[lambda: batches.confirm(batch, by=None)] * 4)
    assert sum(isinstance(result, ImportBatch) for result in results) == 1
    assert sum(isinstance(result, ImportRefused) for result in results) == 3
    assert Establishment.objects.count() == ImportChange.objects.count() == 20


@pytest.mark.django_db(transaction=True)
def test_two_batches_of_one_file_confirmed_at_once_have_one_effect() -> None:
    academy = make_academy()
    first, second = preview(academy), preview(academy)
    results = at_once(lambda: batches.confirm(first, by=None), lambda: batches.confirm(second, by=None))
    assert sum(isinstance(result, ImportBatch) for result in results) == 1
    assert ImportChange.objects.count() == 20


@pytest.mark.django_db(transaction=True)
def test_undo_and_undo_at_once_have_one_effect() -> None:
    batch = batches.confirm(preview(make_academy()), by=None)
    results = at_once(*[lambda: batches.undo(batch, by=None)] * 3)
    assert sum(isinstance(result, ImportBatch) for result in results) == 1
    assert not Establishment.objects.exists()
