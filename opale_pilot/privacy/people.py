"""What is held about one person: found, told (`export`) or erased (`erase`), by the same reading of privacy.toml."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db import models, transaction

from accounts import append_only, audit
from accounts.choices import MailState
from accounts.models import AuditEntry, OutgoingEmail
from accounts.rights import HANDLE_PERSONAL_DATA
from deployment.models import Establishment, PostHolding
from opale_pilot.privacy.identity import NAMED, Identity
from opale_pilot.privacy.register import Entry, entries
from surveys.models import AnswerVersion
from tutoring.models import (
    ActionEvent,
    Assignment,
    Difficulty,
    Feedback,
    Indemnity,
    IndemnityCorrection,
    Opinion,
    Paper,
    PaperEvent,
    PaperTemplate,
    Remark,
)

TUTORING = (Opinion, Assignment, PaperTemplate, Paper, PaperEvent)
WORK = (Difficulty, Feedback, Remark, ActionEvent, Indemnity, IndemnityCorrection)
NAMING = (AuditEntry, PostHolding, AnswerVersion, *TUTORING, *WORK)
LOCKED = {table._meta.label: table._meta.db_table for table in NAMING}  # append-only, they name people
UNSENT = (MailState.DRAFT, MailState.QUEUED, MailState.FAILED, MailState.UNCERTAIN)

RULES: dict[str, Callable[[Identity, Any], Any]] = {
    "keep": lambda identity, value: value,
    "address": lambda identity, value: identity.address,
    "first_name": lambda identity, value: "Personne",
    "last_name": lambda identity, value: "effacée",
    "password": lambda identity, value: make_password(None),
    "blank": lambda identity, value: "",
    "false": lambda identity, value: False,
    "redact": lambda identity, value: identity.redact(value),
}


class PersonUnknown(Exception):
    """Nothing is held under that address; the message is French."""


def asked(email: str) -> Identity:
    """The person of that address, with an account or not. Raises `PersonUnknown`."""
    if Establishment.objects.filter(email__iexact=email).exists():
        raise PersonUnknown(f"« {email} » est l’adresse d’un établissement, pas celle d’une personne.")
    identity = Identity.found(email)
    if identity.pk or any(next(held(entry, identity), None) for entry in entries()):
        return identity
    raise PersonUnknown(f"Rien n’est conservé sous l’adresse « {email} ».")


def held(entry: Entry, identity: Identity) -> Iterator[models.Model]:
    """The rows of one table that are about the person."""
    rows = entry.model._default_manager.order_by("pk")
    links = [name for name in entry.about if name not in ("self", "words", "session")]
    tied = models.Q(pk__in=[])
    for link in links if identity.pk else ():
        tied |= models.Q(**{link: identity.pk})
    if "self" in entry.about:
        tied |= models.Q(pk=identity.pk)
    if not {"words", "session"} & set(entry.about):
        return rows.filter(tied).iterator()
    keys = set(rows.filter(tied).values_list("pk", flat=True))
    told = (row for row in rows.iterator(chunk_size=500) if row.pk in keys or _tells(row, entry, identity))
    return (row for row in told if row.pk in keys or not identity.is_homonym(row))


def homonyms(entry: Entry, identity: Identity) -> Iterator[models.Model]:
    """The rows that give the same full name to another address: left as they are, for a human to read."""
    if entry.model not in NAMED:
        return iter(())
    rows = entry.model._default_manager.order_by("pk").iterator(chunk_size=500)
    return (row for row in rows if identity.is_homonym(row) and _tells(row, entry, identity))


def _tells(row: models.Model, entry: Entry, identity: Identity) -> bool:
    if isinstance(row, Session):
        content = row.get_decoded()
        return content.get("_auth_user_id") == str(identity.pk) or identity.is_named_in(content)
    return any(identity.is_named_in(getattr(row, name)) for name in entry.fields)


def export(identity: Identity) -> dict[str, Any]:
    """Everything held about the person, by table, as plain values; the export is traced."""
    tables = {entry.table: [_told(row, entry) for row in held(entry, identity)] for entry in entries()}
    audit.record(None, HANDLE_PERSONAL_DATA, f"export · {identity.number}", academy="")
    return {"person": str(identity), "tables": {name: rows for name, rows in tables.items() if rows}}


def _told(row: models.Model, entry: Entry) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in entry.exported}
    plain = (str, int, float, bool, list, dict, type(None))
    return {name: value if isinstance(value, plain) else str(value) for name, value in values.items()}


@transaction.atomic
def erase(identity: Identity) -> list[str]:
    """Anonymise the person in place: counts and registers stay. Returns where free text or a file still names them."""
    left: list[str] = []
    for entry in entries():
        if entry.erasure == "keep":
            continue
        rows = list(held(entry, identity))
        left += [f"{entry.table} {row.pk}" for row in homonyms(entry, identity)]
        if entry.erasure == "report":
            left += [f"{entry.table} {row.pk}" for row in rows if _tells(row, entry, identity)]
        elif rows:
            with append_only.unlocked(LOCKED[entry.table]) if entry.table in LOCKED else nullcontext():
                _erase_rows(entry, rows, identity)
    audit.record(None, HANDLE_PERSONAL_DATA, f"effacement · {identity.number}", academy="", left=len(left))
    return [*left, *_files_naming(identity)]


def _erase_rows(entry: Entry, rows: list[models.Model], identity: Identity) -> None:
    table = entry.model._base_manager
    if entry.erasure == "delete":
        table.filter(pk__in=[row.pk for row in rows]).delete()
        return
    changing = [name for name, rule in entry.fields.items() if rule != "keep"]
    for row in rows:
        for name in changing:
            setattr(row, name, RULES[entry.fields[name]](identity, getattr(row, name)))
    table.bulk_update(rows, changing, batch_size=200)
    if entry.model is OutgoingEmail:
        emptied = OutgoingEmail.objects.filter(pk__in=[row.pk for row in rows], state__in=UNSENT)
        emptied.update(state=MailState.CANCELLED)


def _files_naming(identity: Identity) -> list[str]:
    """Files kept by the product in which the person's address or name can be read."""
    names = [name.encode() for name in (identity.email, *identity.written)]
    files = (path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())
    return [str(path) for path in files if any(name in path.read_bytes() for name in names)]
