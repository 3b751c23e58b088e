"""Establishments of one académie, from the official Annuaire de l'éducation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import ProtectedError, Q

from accounts import uai as uais
from accounts.words import normalise
from deployment.cells import CellRefused
from deployment.choices import Kind, OpeningStatus
from deployment.departements import NAMES
from deployment.importers import directory
from deployment.importers.columns import Reader
from deployment.importers.plans import Change, ImportPlan, ImportRefused, Values, Vocabulary
from deployment.models import Academy, Establishment, ImportBatch, ImportChange
from deployment.tables import FileRefused, Line, Table
from figures.french import count

STORED = (
    "kind", "nature", "name", "sort_name", "status", "opened_on", "closed_on", "siret", "email", "phone", "address",
    "postcode", "town", "departement", "departement_label", "x", "y",
)  # fmt: skip
DAYS = ("opened_on", "closed_on")
LAMBERT_93 = "2154"
VOCABULARY = Vocabulary(
    {
        str(f.name): str(f.verbose_name)
        for f in Establishment._meta.fields
        if f.name in STORED and f.name != "sort_name"
    },
    {"kind": dict(Kind.choices), "status": dict(OpeningStatus.choices)},
)


def plan(table: Table, *, academy: Academy, parameters: Values) -> ImportPlan:
    """What the file would do to that académie. A line of `table` that is no EPLE of it is counted as ignored."""
    today = date.fromisoformat(parameters["today"])
    result = ImportPlan(VOCABULARY, warnings=list(table.warnings))
    reader = directory.open_directory(table)
    lines = _one_line_each(result, reader, table.lines, academy)
    if not lines and not result.refused:
        raise FileRefused(f"Ce fichier ne contient aucun EPLE de l’{academy.full_name}.")
    known = Establishment.objects.filter(Q(academy=academy) | Q(uai__in=lines)).in_bulk(field_name="uai")
    for uai, line in lines.items():
        existing = known.get(uai)
        try:
            _refuse_taken(existing, academy)
            values, warnings = reader.values(line)
            before = _stored(existing) if existing else None
            after = _after(values, before, directory.kind_of(reader, line), uai=uai, today=today)
        except CellRefused as refusal:
            result.refuse(line.number, uai, refusal)
            continue
        result.warnings += warnings
        result.settle(Change(uai, f"{after['name']} ({uai})", line.number, before, after))
    seen = set(lines) | {refusal.key for refusal in result.refused}
    result.absent = [str(e) for uai, e in known.items() if uai not in seen and _is_expected(e)]
    return result


def apply(batch: ImportBatch, changes: list[Change]) -> None:
    """Write additions and changes in one upsert. Call it with the académie locked."""
    _upsert([_row(batch.academy, change.key, change.after) for change in changes])


def undo(batch: ImportBatch, changes: list[ImportChange], **_decision: object) -> None:
    """Take back what `apply` wrote. Raises `ImportRefused` naming the establishments touched since."""
    known = Establishment.objects.filter(uai__in=[change.key for change in changes]).in_bulk(field_name="uai")
    touched = [c for c in changes if c.key not in known or _stored(known[c.key]) != c.after]
    if touched:
        names = ", ".join(f"{known.get(change.key) or change.key}" for change in touched[:5])
        modified = count(len(touched), "établissement modifié", "établissements modifiés")
        raise ImportRefused(f"Annulation impossible : {modified} depuis ({names}).")
    _upsert([_row(batch.academy, change.key, change.before) for change in changes if change.before])
    try:
        Establishment.objects.filter(uai__in=[change.key for change in changes if not change.before]).delete()
    except ProtectedError as error:
        used = {str(getattr(row, "establishment", None) or row) for row in error.protected_objects}
        raise ImportRefused(
            f"Annulation impossible : {count(len(used), 'établissement sert', 'établissements servent')} déjà "
            f"({', '.join(sorted(used)[:5])})."
        ) from None


def _one_line_each(plan: ImportPlan, reader: Reader, lines: Iterable[Line], academy: Academy) -> dict[str, Line]:
    """The line of each establishment by UAI; the rest is counted as ignored, or refused when its UAI is wrong."""
    candidates: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        reason = directory.why_ignored(reader, line, academy.slug)
        if reason:
            plan.ignored[reason] += 1
            continue
        try:
            candidates[uais.normalise(reader.raw(line, "uai"))].append(line)
        except uais.UaiRefused as refusal:
            plan.refuse(line.number, reader.raw(line, "uai"), refusal)
    doubles = sum(len(lines) - 1 for lines in candidates.values())
    if doubles:
        plan.ignored["autre ligne du même UAI (site secondaire)"] += doubles
    return {uai: min(rows, key=lambda row: directory.preference(reader, row)) for uai, rows in candidates.items()}


def _refuse_taken(existing: Establishment | None, academy: Academy) -> None:
    if existing and existing.academy_id != academy.pk:
        raise CellRefused("Cet UAI est déjà enregistré dans une autre académie.")
    if existing and existing.kind == Kind.GRETA:
        raise CellRefused("Cet UAI est enregistré comme GRETA.")


def _after(values: Values, before: Values | None, kind: Kind | None, *, uai: str, today: date) -> Values:
    """The row as it would be. An empty cell, or a missing column, erases nothing."""
    after: Values = dict.fromkeys(STORED, "") | dict.fromkeys((*DAYS, "x", "y")) | (before or {})
    if not values["name"]:
        raise CellRefused("Le nom de l’établissement est vide.")
    given = {**values, "kind": str(kind), "nature": values.get("nature", "")[:60], **_place(values, uai)}
    given["address"] = ", ".join(values[n] for n in ("address_1", "address_2", "address_3") if values.get(n))[:300]
    after |= {name: _plain(given[name]) for name in STORED if given.get(name) not in (None, "")}
    after["status"] = after["status"] or str(OpeningStatus.OPEN)
    after["closed_on"] = _closing_day(after, values, before, today)
    after["sort_name"] = normalise(f"{after['name']} {after['town']}")[:240]
    return after


def _place(values: Values, uai: str) -> Values:
    """Département, and coordinates when they are Lambert-93."""
    code = values.get("departement") or uais.departement_of(uai)
    place: Values = {"departement": code, "departement_label": values.get("departement_label") or NAMES.get(code, "")}
    if values.get("x") is None or values.get("y") is None or LAMBERT_93 not in values.get("epsg", LAMBERT_93):
        return {**place, "x": None, "y": None}
    return place


def _closing_day(after: Values, values: Values, before: Values | None, today: date) -> str | None:
    """Closed without a date: the day already noted, the day of the line, or today."""
    if after["status"] == OpeningStatus.TO_CLOSE:
        planned: date | str | None = values.get("closed_on") or (before or {}).get("closed_on")
        return str(planned) if planned else None
    if after["status"] != OpeningStatus.CLOSED:
        return None
    noted = before["closed_on"] if before and before["status"] == OpeningStatus.CLOSED else None
    closed_on: date | str = values.get("closed_on") or noted or values.get("updated_on") or today
    return str(closed_on)


def _is_expected(establishment: Establishment) -> bool:
    return establishment.kind != Kind.GRETA and establishment.status != OpeningStatus.CLOSED


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _stored(establishment: Establishment) -> Values:
    return {name: _plain(getattr(establishment, name)) for name in STORED}


def _upsert(rows: list[Establishment]) -> None:
    if rows:
        Establishment.objects.bulk_create(rows, update_conflicts=True, update_fields=STORED, unique_fields=["uai"])


def _row(academy: Academy, uai: str, values: Values) -> Establishment:
    days = {name: date.fromisoformat(values[name]) if values[name] else None for name in DAYS}
    return Establishment(academy=academy, uai=uai, **{**values, **days})
