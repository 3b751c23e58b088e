"""The report of an import as lines of text, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from deployment.models import ImportBatch
from figures.french import short_instant

TITLES = {"added": "Ajoutés", "changed": "Modifiés", "left": "Inchangés", "refused": "Refusés", "ignored": "Ignorés"}


def as_text(batch: ImportBatch, earlier: ImportBatch | None = None) -> Iterator[str]:
    """What the file does, or would do."""
    report = batch.report
    yield f"{batch.get_kind_display()} · {batch.academy} · {batch.file_name}"
    if earlier:
        yield f"  {import_note(earlier)}"
    yield "  " + ", ".join(f"{title.lower()} : {report['counts'][name]}" for name, title in TITLES.items())
    for refusal in report["refused"]:
        yield f"  Refusé, ligne {refusal['line']} ({refusal['key']}) : {refusal['reason']}"
    yield from _cut(report["counts"]["refused"], len(report["refused"]))
    for change in report["changed"]:
        yield f"  Modifié, ligne {change['line']} : {change['label']} : {_fields(change)}"
    yield from _cut(report["counts"]["changed"], len(report["changed"]))
    for ignored in report["ignored"]:
        yield f"  Ignorés, {ignored['reason']} : {ignored['count']}"
    for label in report["absent"]:
        yield f"  Absent du fichier, laissé en l’état : {label}"
    yield from _cut(report["counts"]["absent"], len(report["absent"]))
    for warning in report["warnings"]:
        yield f"  Attention : {warning}"


def import_note(earlier: ImportBatch) -> str:
    """« Ce fichier a déjà été importé le … par … »."""
    instant = timezone.localtime(earlier.confirmed_at)
    author = earlier.author or "la ligne de commande"
    return f"Ce fichier a déjà été importé le {short_instant(instant)} par {author}."


def _fields(change: dict[str, Any]) -> str:
    return " ; ".join(f"{f['field']} : {f['before'] or 'vide'} → {f['after'] or 'vide'}" for f in change["fields"])


def _cut(count: int, shown: int) -> Iterator[str]:
    if count > shown:
        yield f"  … et {count - shown} autres"
