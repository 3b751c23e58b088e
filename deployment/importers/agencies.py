"""Accounting agencies: which establishment is attached to which seat, from when, and until when if it is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from accounts.models import User
from deployment import cells
from deployment.cells import CellRefused
from deployment.importers.columns import Column, Reader
from deployment.importers.plans import Change, ImportPlan, ImportRefused, Values, Vocabulary
from deployment.models import Academy, Establishment, ImportBatch, ImportChange
from deployment.services import agencies as services
from deployment.services.agencies import AgencyRefused, Placement, SeatHistory
from deployment.tables import Table

COLUMNS = (
    Column("seat", "uai_siege", ("uai_siege", "siege", "uai_agence", "agence_comptable"), cells.uai, required=True),
    Column("member", "uai_rattache", ("uai_rattache", "rattache", "uai"), cells.uai, required=True),
    Column("valid_from", "valid_from", ("valid_from", "date_debut", "debut", "a_compter_du"), cells.day),
    Column("valid_to", "valid_to", ("valid_to", "date_fin", "fin", "jusqu_au"), cells.day),
)
ONE_DAY = timedelta(days=1)
DEFAULT_REASON = "Importation des agences comptables"


@dataclass(frozen=True)
class Stay:
    """One establishment in one agency, for some time: what one line of the file says. `until` is the last day."""

    member: str
    seat: str
    since: date
    until: date | None
    line: int

    def overlaps(self, other: Stay) -> bool:
        return self.since <= (other.until or date.max) and other.since <= (self.until or date.max)


def plan(table: Table, *, academy: Academy, parameters: Values) -> ImportPlan:
    """What the file would write in the register of memberships."""
    known = Establishment.objects.filter(academy=academy).in_bulk(field_name="uai")
    vocabulary = Vocabulary(
        {"agency": "agence comptable (siège)", "effective_on": "à compter du"},
        {"agency": {code: str(establishment) for code, establishment in known.items()}},
    )
    result = ImportPlan(vocabulary, warnings=list(table.warnings))
    default = date.fromisoformat(parameters.get("effective_on") or parameters["today"])
    stays = list(_stays(result, table, set(known), default))
    stays += _own_seats(result, stays)
    by_member = _without_conflicts(result, stays)
    histories = services.seats_through_time([known[member] for member in by_member])
    for member, own in sorted(by_member.items()):
        history = histories[known[member].pk]
        for line, day, seat in _events(own, history):
            _settle(result, history, known[member], Stay(member, seat or "", day, None, line))
    return result


def apply(batch: ImportBatch, changes: list[Change]) -> None:
    """Write the placements through the service, under the operation of the batch."""
    known = Establishment.objects.filter(academy=batch.academy).in_bulk(field_name="uai")
    placements = [
        Placement(
            known[change.key.split("@")[0]],
            known[change.after["agency"]] if change.after["agency"] else None,
            date.fromisoformat(change.after["effective_on"]),
        )
        for change in changes
    ]
    reason = batch.parameters.get("reason") or DEFAULT_REASON
    try:
        services.attach(batch.academy, placements, by=batch.author, reason=reason, operation=batch.operation)
    except AgencyRefused as refusal:
        raise ImportRefused(str(refusal)) from None


def undo(batch: ImportBatch, changes: list[ImportChange], *, by: User | None, decision_reference: str) -> None:
    """Correct the rows of the batch."""
    try:
        services.undo(batch.academy, batch.operation, by=by, reason=f"Annulation de l’importation {batch.file_name}")
    except AgencyRefused as refusal:
        raise ImportRefused(str(refusal)) from None


def _stays(plan: ImportPlan, table: Table, known: set[str], default: date) -> Iterator[Stay]:
    reader = Reader(table, COLUMNS)
    for line in table.lines:
        try:
            values, _ = reader.values(line)
            stay = Stay(
                values["member"],
                values["seat"],
                values.get("valid_from") or default,
                values.get("valid_to"),
                line.number,
            )
            for code in {stay.seat, stay.member} - known:
                raise CellRefused(f"L’UAI {code} n’est pas enregistré dans l’académie : importez d’abord l’annuaire.")
            if stay.until and stay.until < stay.since:
                raise CellRefused(f"La fin ({stay.until:%d/%m/%Y}) précède le début ({stay.since:%d/%m/%Y}).")
        except CellRefused as refusal:
            plan.refuse(line.number, reader.raw(line, "member"), refusal)
        else:
            yield stay


def _own_seats(plan: ImportPlan, stays: list[Stay]) -> list[Stay]:
    """A seat belongs to its own agency: added for as long as the agency has members, unless the file says it."""
    agencies: dict[str, list[Stay]] = defaultdict(list)
    for stay in stays:
        agencies[stay.seat].append(stay)
    added = []
    for seat, members in sorted(agencies.items()):
        if any(stay.member == seat for stay in members):
            continue
        ends = [stay.until for stay in members]
        last = None if None in ends else max(end for end in ends if end)
        added.append(Stay(seat, seat, min(s.since for s in members), last, min(s.line for s in members)))
        plan.warnings.append(f"Le siège {seat} est rattaché d’office à sa propre agence.")
    return added


def _without_conflicts(plan: ImportPlan, stays: list[Stay]) -> dict[str, list[Stay]]:
    """Stays by establishment, in order of time; two agencies on one day refuse both lines."""
    by_member: dict[str, list[Stay]] = defaultdict(list)
    for stay in sorted(stays, key=lambda s: (s.since, s.until or date.max, s.seat, s.line)):
        own = by_member[stay.member]
        same = next((other for other in own if other.seat == stay.seat and other.overlaps(stay)), None)
        if same:
            own[own.index(same)] = replace(same, until=_later(same.until, stay.until))
            plan.ignored["ligne répétée"] += 1
        else:
            own.append(stay)
    for member, own in by_member.items():
        clashes = {s for s in own for other in own if s is not other and s.overlaps(other)}
        for stay in sorted(clashes, key=lambda s: s.line):
            plan.refuse(stay.line, member, f"{member} serait dans deux agences le même jour : {_seats(clashes)}.")
        by_member[member] = [stay for stay in own if stay not in clashes]
    return by_member


def _events(stays: list[Stay], history: SeatHistory) -> Iterator[tuple[int, date, str | None]]:
    """(line, day, seat) to note so that the register says what the stays say; an end is a day without agency."""
    starts = {stay.since for stay in stays}
    for stay in stays:
        yield stay.line, stay.since, stay.seat
        if stay.until is None:
            continue
        for day in history.days_within(stay.since, stay.until):
            yield stay.line, day, stay.seat
        if stay.until + ONE_DAY not in starts:
            yield stay.line, stay.until + ONE_DAY, None


def _settle(plan: ImportPlan, history: SeatHistory, establishment: Establishment, stay: Stay) -> None:
    """File one event; the history advances so that the next event of the establishment sees it."""
    day, seat = stay.since, stay.seat or None
    current = history.on(day)
    label = f"{establishment}, à compter du {day:%d/%m/%Y}"
    if current == seat:
        plan.left.append(label)
        return
    history.note(day, seat)
    before = {"agency": current, "effective_on": day.isoformat()} if current else None
    after = {"agency": seat, "effective_on": day.isoformat()}
    plan.settle(Change(f"{stay.member}@{day:%Y%m%d}", label, stay.line, before, after))


def _later(one: date | None, other: date | None) -> date | None:
    return max(one, other) if one and other else None


def _seats(stays: set[Stay]) -> str:
    return ", ".join(f"siège {stay.seat} (ligne {stay.line})" for stay in sorted(stays, key=lambda s: s.line))
