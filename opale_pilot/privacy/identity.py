"""How a person is recognised in words: by address or by full name, whatever the case, the accents and the order."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import models

from accounts.models import User
from accounts.words import normalise
from deployment.models import PostHolding
from surveys.models import Link, Recipient
from tutoring.models import Application, Tutor

NOBODY = "Personne effacée"
ERASED = "Contenu effacé"


# Where the registers give a full name to an address: people of the establishments have no account.
NAMED: dict[type[models.Model], tuple[str, str]] = {
    PostHolding: ("name", "email"),
    Recipient: ("name", "email"),
    Link: ("delegate_name", "delegate_email"),
    Application: ("name", "email"),
    Tutor: ("name", "email"),
}


@dataclass(frozen=True)
class Identity:
    """What names a person, kept aside while the rows change. `mark` stands for who has no account, and no `pk`."""

    pk: int | None
    email: str
    names: tuple[str, ...]
    mark: str = field(default_factory=partial(secrets.token_hex, 4))

    @classmethod
    def of(cls, person: User) -> Identity:
        own = f"{person.first_name} {person.last_name}".strip()
        names = dict.fromkeys((own, *_names_given_to(person.email)))
        return cls(person.pk, person.email, tuple(name for name in names if name not in ("", NOBODY)), str(person.pk))

    @classmethod
    def found(cls, email: str) -> Identity:
        """The person of that address, who may have no account."""
        person = User.objects.filter(email__iexact=email).first()
        return cls.of(person) if person else cls(None, email, _names_given_to(email))

    def __str__(self) -> str:
        return self.names[0] if self.names else self.email

    @property
    def number(self) -> str:
        """How the trail tells the person: by the number of the account, or by nothing."""
        return f"personne {self.pk}" if self.pk else "personne sans compte"

    @property
    def address(self) -> str:
        """The address that stands for the person once erased."""
        return f"anonyme-{self.mark}@invalid"

    def is_homonym(self, row: models.Model) -> bool:
        """Whether this row gives the name to another address: to somebody else, or so must a human decide."""
        _, address = NAMED.get(type(row), ("", ""))
        given = str(getattr(row, address)) if address else ""
        return bool(given) and given.lower() != self.email.lower()

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
        for written, replacement in ((self.email, self.address), *((name, NOBODY) for name in self.written)):
            value = re.sub(re.escape(written).replace(r"\ ", r"\s+"), replacement, value, flags=re.IGNORECASE)
        return ERASED if self.is_named_in(value) else value

    @property
    def written(self) -> tuple[str, ...]:
        """Each full name, in every order that keeps first name and surname whole; a single word names nobody."""
        orders = (_orders(name.split()) for name in self.names)
        return tuple(dict.fromkeys(name for names in orders for name in names))

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(normalise(name) for name in (self.email, *self.written))


def _orders(words: list[str]) -> list[str]:
    turns = range(len(words)) if len(words) > 1 else ()
    return [" ".join((*words[turn:], *words[:turn])) for turn in turns]


def _names_given_to(email: str) -> tuple[str, ...]:
    given = (
        name
        for table, (named, address) in NAMED.items()
        for name in table._default_manager.filter(**{f"{address}__iexact": email}).values_list(named, flat=True)
    )
    return tuple(dict.fromkeys(name for name in given if name not in ("", NOBODY)))
