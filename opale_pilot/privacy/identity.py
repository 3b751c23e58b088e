"""How a person is recognised in words: by address or by full name, whatever the case, the accents and the order."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from accounts.words import normalise

NOBODY = "Personne effacée"
ERASED = "Contenu effacé"


@dataclass(frozen=True)
class Identity:
    """What names a person, kept aside while the rows change."""

    pk: int
    email: str
    first_name: str
    last_name: str

    @classmethod
    def of(cls, person: User) -> Identity:
        return cls(person.pk, person.email, person.first_name, person.last_name)

    @property
    def address(self) -> str:
        """The address that stands for the person once erased."""
        return f"anonyme-{self.pk}@invalid"

    def is_named_in(self, value: Any) -> bool:
        """Whether this value names the person, at any depth."""
        if isinstance(value, dict | list):
            value = json.dumps(value, ensure_ascii=False)
        words = f" {normalise(value)} " if isinstance(value, str) else ""
        return bool(words) and any(f" {name} " in words for name in self._names)

    def redact(self, value: Any) -> Any:
        """The same value without the person."""
        if isinstance(value, dict):
            return {name: self.redact(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.redact(inner) for inner in value]
        if not self.is_named_in(value):
            return value
        for written, replacement in ((self.email, self.address), *((name, NOBODY) for name in self._written)):
            value = re.sub(re.escape(written).replace(r"\ ", r"\s+"), replacement, value, flags=re.IGNORECASE)
        return ERASED if self.is_named_in(value) else value

    @property
    def _written(self) -> tuple[str, ...]:
        both = (f"{self.first_name} {self.last_name}", f"{self.last_name} {self.first_name}")
        return tuple(name for name in both if self.first_name and self.last_name)

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(normalise(name) for name in (self.email, *self._written))
