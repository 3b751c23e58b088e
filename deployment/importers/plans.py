"""What a file would do, line by line, before anything is done."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

Values = dict[str, Any]
SHOWN = 200
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Vocabulary:
    """The words of a screen: labels of the fields worth showing, and of the values that are codes."""

    fields: dict[str, str]
    choices: dict[str, dict[str, str]] = field(default_factory=dict)

    def shown(self, name: str, value: object) -> str:
        text = "" if value is None else str(value)
        if ISO_DAY.fullmatch(text):
            return f"{date.fromisoformat(text):%d/%m/%Y}"
        return self.choices.get(name, {}).get(text, text)


@dataclass(frozen=True)
class Change:
    """One row that would be added (`before` is None) or changed. Values are plain JSON, keys are field names."""

    key: str
    label: str
    line: int
    before: Values | None
    after: Values

    def differences(self, vocabulary: Vocabulary) -> list[dict[str, str]]:
        """Field by field, what changes, in words for a screen."""
        before = self.before or {}
        return [
            {
                "field": vocabulary.fields[name],
                "before": vocabulary.shown(name, before.get(name)),
                "after": vocabulary.shown(name, value),
            }
            for name, value in self.after.items()
            if name in vocabulary.fields and value != before.get(name)
        ]


@dataclass(frozen=True)
class Refusal:
    """One line that cannot be imported, and why."""

    line: int
    key: str
    reason: str


@dataclass
class ImportPlan:
    """The effect of one file on one académie. Equal plans have equal fingerprints."""

    vocabulary: Vocabulary
    added: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)

    @property
    def changes(self) -> list[Change]:
        return [*self.added, *self.changed]

    def refuse(self, line: int, key: str, reason: object) -> None:
        self.refused.append(Refusal(line, key, str(reason)))

    def settle(self, change: Change) -> None:
        """File a change under what it is: an addition, a change, or nothing."""
        if change.before is None:
            self.added.append(change)
        elif change.before == change.after:
            self.left.append(change.label)
        else:
            self.changed.append(change)

    def fingerprint(self) -> str:
        """Differs as soon as one thing that would be done, or refused, differs."""
        effect = [[change.key, change.before, change.after] for change in self.changes]
        content = [sorted(effect, key=lambda row: str(row[0])), sorted([r.key, r.reason] for r in self.refused)]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def report(self) -> dict[str, Any]:
        """What the preview page and the command print; long lists keep their first lines."""
        return {
            "counts": {
                "added": len(self.added),
                "changed": len(self.changed),
                "left": len(self.left),
                "refused": len(self.refused),
                "ignored": self.ignored.total(),
                "absent": len(self.absent),
            },
            "added": self._shown(self.added),
            "changed": self._shown(self.changed),
            "left": sorted(self.left)[:SHOWN],
            "refused": [vars(refusal) for refusal in sorted(self.refused, key=lambda r: (r.line, r.key))[:SHOWN]],
            "ignored": [{"reason": reason, "count": count} for reason, count in sorted(self.ignored.items())],
            "absent": sorted(self.absent)[:SHOWN],
            "warnings": self.warnings[:SHOWN],
            "fingerprint": self.fingerprint(),
        }

    def _shown(self, changes: Iterable[Change]) -> list[dict[str, Any]]:
        first = sorted(changes, key=lambda change: (change.line, change.key))[:SHOWN]
        return [
            {"line": c.line, "key": c.key, "label": c.label, "fields": c.differences(self.vocabulary)} for c in first
        ]


class ImportRefused(Exception):
    """The import, or its undoing, cannot be done; the message is French and is shown to the person."""
