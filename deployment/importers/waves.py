"""Lists of waves: which establishment is in which wave, by one decision."""

from __future__ import annotations

import re
from datetime import date

from django.db.models import Min

from accounts.models import User
from accounts.words import normalise
from deployment import cells
from deployment.cells import CellRefused
from deployment.choices import WaveStatus
from deployment.importers.columns import Column, Reader
from deployment.importers.plans import Change, ImportPlan, ImportRefused, Values, Vocabulary
from deployment.models import Academy, Establishment, ImportBatch, ImportChange, Wave, WaveMove, WaveState
from deployment.services import waves as services
from deployment.services.waves import EVER, LOCKED_STATUSES, WaveRefused
from deployment.tables import Table

COLUMNS = (
    Column(
        "uai", "uai", ("uai", "identifiant_de_l_etablissement", "code_uai", "numero_uai", "uai_etablissement", "rne"),
        cells.uai, required=True,
    ),
    Column(
        "wave", "vague", ("vague", "code_vague", "wave", "vague_opale", "vague_de_deploiement"), cells.text,
        required=True,
    ),
)  # fmt: skip
NUMBERED = re.compile(r"(?:vague )?v? ?0*([1-9][0-9]?)")
NO_WAVE = ("aucune", "hors deploiement", "sans vague")
VOCABULARY = Vocabulary({"wave": "vague"})
OUT = "hors déploiement"


def plan(table: Table, *, academy: Academy, parameters: Values) -> ImportPlan:
    """What the file would write in the register of wave moves, from the day of the decision on."""
    result = ImportPlan(VOCABULARY, warnings=list(table.warnings))
    known = Establishment.objects.filter(academy=academy).in_bulk(field_name="uai")
    rules = Rules(academy, parameters)
    wanted = _wanted(result, table, known, rules)
    codes: dict[int | None, str] = {wave.pk: wave.code for wave in rules.waves.values()} | {None: OUT}
    held = services.waves_in_force([known[code] for code in wanted], rules.decided_on)
    nexts = _next_days([known[code].pk for code in wanted], rules.decided_on)
    for code, (line, wave) in wanted.items():
        establishment = known[code]
        before = {"wave": codes[held[establishment.pk]]} if establishment.pk in held else None
        after = {"wave": wave}
        try:
            if before != after:
                rules.check({before["wave"] if before else OUT, wave}, wave, nexts.get(establishment.pk, EVER))
        except CellRefused as refusal:
            result.refuse(line, code, refusal)
        else:
            _settle(result, Change(code, str(establishment), line, before, after))
    return result


class Rules:
    """The waves of one académie, and what the decision of a file allows."""

    def __init__(self, academy: Academy, parameters: Values) -> None:
        self.academy = academy
        self.decided_on = date.fromisoformat(parameters["decided_on"])
        self.has_reference = bool((parameters.get("decision_reference") or "").strip())
        rows = Wave.objects.filter(academy=academy).with_state(academy.today).order_by("rank")
        self.waves = {wave.code: wave for wave in rows}
        self.locked = {wave.code: wave.status for wave in rows if wave.status in LOCKED_STATUSES}
        states = WaveState.objects.filter(wave__academy=academy).in_force(EVER).select_related("wave")
        self.ends = {s.wave.code: s.effective_on for s in states if s.status == WaveStatus.ABOLISHED}

    def code(self, value: str) -> str:
        """The code of the wave that a cell names: `V8`, `8`, `vague 8`. Raises `CellRefused`."""
        words = normalise(value)
        if words in NO_WAVE:
            return OUT
        if not words:
            raise CellRefused("La vague n’est pas indiquée (« aucune » pour sortir du déploiement).")
        number = NUMBERED.fullmatch(words)
        code = f"V{number[1]}" if number else value.upper()
        if code not in self.waves:
            names = ", ".join(self.waves) or "aucune n’est créée"
            raise CellRefused(f"La vague « {value[:20]} » est inconnue. Vagues de l’académie : {names}.")
        return code

    def check(self, touched: set[str], target: str, next_day: date) -> None:
        """Raise `CellRefused` for a move that the service would refuse."""
        locked = sorted(touched & set(self.locked))
        if locked and not self.has_reference:
            names = ", ".join(f"{code} ({WaveStatus(self.locked[code]).label.lower()})" for code in locked)
            raise CellRefused(f"{names} : ce mouvement demande la référence d’une décision.")
        end = self.ends.get(target)
        if end and next_day > end:
            raise CellRefused(f"La vague {target} est supprimée à compter du {end:%d/%m/%Y}.")


def apply(batch: ImportBatch, changes: list[Change]) -> None:
    """Place the establishments through the service, under the operation of the batch."""
    known = Establishment.objects.filter(academy=batch.academy).in_bulk(field_name="uai")
    waves = {wave.code: wave for wave in Wave.objects.filter(academy=batch.academy)}
    try:
        services.place(
            batch.academy,
            {known[change.key]: waves.get(change.after["wave"]) for change in changes},
            effective_on=date.fromisoformat(batch.parameters["decided_on"]),
            reason=batch.parameters["reason"],
            by=batch.author,
            decision_reference=batch.parameters.get("decision_reference") or "",
            operation=batch.operation,
        )
    except WaveRefused as refusal:
        raise ImportRefused(str(refusal)) from None


def undo(batch: ImportBatch, changes: list[ImportChange], *, by: User | None, decision_reference: str) -> None:
    """Correct the moves of the batch."""
    try:
        services.undo(
            batch.academy,
            batch.operation,
            by=by,
            reason=f"Annulation de l’importation {batch.file_name}",
            decision_reference=decision_reference,
        )
    except WaveRefused as refusal:
        raise ImportRefused(str(refusal)) from None


def _wanted(
    plan: ImportPlan, table: Table, known: dict[str, Establishment], rules: Rules
) -> dict[str, tuple[int, str]]:
    """(line, wave code) by UAI. A UAI twice: one line if they agree, both refused if they do not."""
    reader = Reader(table, COLUMNS)
    wanted: dict[str, tuple[int, str]] = {}
    clashing: set[str] = set()
    for line in table.lines:
        try:
            values, _ = reader.values(line)
            code, wave = values["uai"], rules.code(values["wave"])
            if code not in known:
                raise CellRefused(f"L’UAI {code} n’est pas enregistré dans l’académie : importez d’abord l’annuaire.")
            first, other = wanted.setdefault(code, (line.number, wave))
            if other != wave:
                clashing.add(code)
                raise CellRefused(f"{code} est déjà en {other} à la ligne {first}, et en {wave} ici.")
        except CellRefused as refusal:
            plan.refuse(line.number, reader.raw(line, "uai"), refusal)
        else:
            if first != line.number:
                plan.ignored["ligne répétée"] += 1
    for code in clashing:
        first, wave = wanted.pop(code)
        plan.refuse(first, code, f"{code} est en {wave} ici, et dans une autre vague plus loin.")
    return wanted


def _settle(plan: ImportPlan, change: Change) -> None:
    if change.before is None and change.after["wave"] == OUT:
        plan.left.append(change.label)
    else:
        plan.settle(change)


def _next_days(establishments: list[int], after: date) -> dict[int, date]:
    """The day of the next planned move of each establishment."""
    later = WaveMove.objects.filter(establishment__in=establishments, effective_on__gt=after)
    return dict(later.values("establishment").annotate(day=Min("effective_on")).values_list("establishment", "day"))
