"""Opening, freezing, rescheduling, switching and abolishing waves: the only code that writes `WaveState`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid4

from django.db import transaction

from accounts import audit
from accounts.models import User
from deployment.choices import WaveStatus
from deployment.models import Academy, Establishment, Wave, WaveMove, WaveState
from deployment.rights import DECIDE_WAVES
from deployment.services import registers, waves
from deployment.services.waves import EVER, WaveRefused

CODE = re.compile(r"[A-Z0-9]+([.-][A-Z0-9]+)*")  # it is part of the address of the wave's page


@dataclass(frozen=True)
class Ruling:
    """Who decides, why, from which day, on which decision. Rows written under one ruling share its `operation`."""

    effective_on: date
    reason: str
    by: User | None
    decision_reference: str = ""
    operation: UUID = field(default_factory=uuid4)


@transaction.atomic
def open_wave(
    academy: Academy, code: str, ruling: Ruling, *, cutover_on: date | None, legal_basis: str = "", rank: int = 0
) -> Wave:
    """Create a wave, open. Its rank is the number in its code ("V8" → 8), or the next one."""
    waves.lock(academy)
    code = "".join(code.split()).upper()
    if not code:
        raise WaveRefused("Indiquez le code de la vague.")
    if not CODE.fullmatch(code):
        raise WaveRefused("Le code s’écrit en lettres sans accent et en chiffres, comme V8, V12-2 ou V12.2.")
    if Wave.objects.filter(academy=academy, code=code).exists():
        raise WaveRefused(f"La vague {code} existe déjà.")
    digits = "".join(filter(str.isdigit, code))
    taken = set(Wave.objects.filter(academy=academy).values_list("rank", flat=True))
    rank = rank or int(digits or 0)
    if not rank or rank in taken:
        rank = max(taken, default=0) + 1
    wave = Wave.objects.create(academy=academy, code=code, rank=rank)
    _write(wave, ruling, WaveState(status=WaveStatus.OPEN, cutover_on=cutover_on, legal_basis=legal_basis))
    return wave


@transaction.atomic
def freeze(wave: Wave, ruling: Ruling) -> WaveState:
    """Close the list of the wave: from now on a move in or out needs the reference of a decision."""
    return _change_status(wave, ruling, WaveStatus.FROZEN, allowed_from=(WaveStatus.OPEN,))


@transaction.atomic
def reopen(wave: Wave, ruling: Ruling) -> WaveState:
    """Open a frozen wave again; needs the reference of a decision."""
    if not ruling.decision_reference.strip():
        raise WaveRefused(f"Rouvrir la vague {wave} demande la référence d’une décision.")
    return _change_status(wave, ruling, WaveStatus.OPEN, allowed_from=(WaveStatus.FROZEN,))


@transaction.atomic
def switch(wave: Wave, ruling: Ruling) -> WaveState:
    """Note that the wave has cut over."""
    return _change_status(wave, ruling, WaveStatus.SWITCHED, allowed_from=(WaveStatus.OPEN, WaveStatus.FROZEN))


@transaction.atomic
def reschedule(wave: Wave, ruling: Ruling, *, cutover_on: date, legal_basis: str = "") -> WaveState:
    """Change the planned cutover date, and its legal basis when one is given."""
    waves.lock(wave.academy)
    current = state_of(wave, ruling.effective_on)
    if current.status in (WaveStatus.SWITCHED, WaveStatus.ABOLISHED):
        raise WaveRefused(f"La vague {wave} est {WaveStatus(current.status).label.lower()} : sa date ne change plus.")
    basis = legal_basis.strip() or current.legal_basis
    return _write(wave, ruling, WaveState(status=current.status, cutover_on=cutover_on, legal_basis=basis))


@transaction.atomic
def abolish(
    wave: Wave, ruling: Ruling, *, to: Wave, others: Mapping[Establishment, Wave] | None = None
) -> list[WaveMove]:
    """Abolish the wave and move its establishments, each to its wave in `others`, the rest to `to`: one operation.

    Moves already planned into the wave after that day go to the same targets on their own day.
    """
    waves.lock(wave.academy)
    if not ruling.decision_reference.strip():
        raise WaveRefused(f"Supprimer la vague {wave} demande la référence d’une décision.")
    named = {to, *(others or {}).values()}
    if wave in named:
        raise WaveRefused(f"La vague {wave} ne peut pas recevoir ses propres établissements.")
    for target in named:
        if target.academy_id != wave.academy_id or state_of(target, EVER).status == WaveStatus.ABOLISHED:
            raise WaveRefused(f"La vague {target} ne peut pas recevoir d’établissements.")
    _change_status(wave, ruling, WaveStatus.ABOLISHED, allowed_from=(WaveStatus.OPEN, WaveStatus.FROZEN))
    rows = [
        (establishment, (others or {}).get(establishment, to), day)
        for establishment, day in _stays(wave, ruling.effective_on)
    ]
    template = WaveMove(
        author=ruling.by,
        reason=ruling.reason.strip(),
        decision_reference=ruling.decision_reference.strip(),
        operation=ruling.operation,
    )
    return waves.write_moves(wave.academy, rows, template)


def state_of(wave: Wave, on: date) -> WaveState:
    """The state in force on that day; raises `WaveRefused` before the wave exists."""
    state = WaveState.objects.filter(wave=wave).up_to(on).first()
    if state is None:
        raise WaveRefused(f"La vague {wave} n’existe pas encore au {on:%d/%m/%Y}.")
    return state


def _stays(wave: Wave, from_day: date) -> list[tuple[Establishment, date]]:
    """Who is in the wave on that day, and who enters it later: each with the day to correct."""
    present = WaveMove.objects.filter(establishment__academy=wave.academy).in_force(from_day)
    stays = [(move.establishment, from_day) for move in present.select_related("establishment") if move.wave == wave]
    planned = WaveMove.objects.filter(wave=wave, effective_on__gt=from_day).select_related("establishment")
    for move in planned.order_by("effective_on", "recorded_at"):
        held = waves.waves_in_force([move.establishment], move.effective_on)
        if held.get(move.establishment_id) == wave.pk and (move.establishment, move.effective_on) not in stays:
            stays.append((move.establishment, move.effective_on))
    return stays


def _change_status(
    wave: Wave, ruling: Ruling, status: WaveStatus, *, allowed_from: tuple[WaveStatus, ...]
) -> WaveState:
    waves.lock(wave.academy)
    current = state_of(wave, ruling.effective_on)
    if current.status not in allowed_from:
        raise WaveRefused(f"La vague {wave} est {WaveStatus(current.status).label.lower()} : action impossible.")
    return _write(
        wave, ruling, WaveState(status=status, cutover_on=current.cutover_on, legal_basis=current.legal_basis)
    )


def _write(wave: Wave, ruling: Ruling, state: WaveState) -> WaveState:
    if not ruling.reason.strip():
        raise WaveRefused("Indiquez le motif de la décision.")
    state.wave = wave
    state.effective_on = ruling.effective_on
    state.recorded_at = registers.next_instant(WaveState.objects.filter(wave__academy=wave.academy))
    state.reason = ruling.reason.strip()
    state.decision_reference = ruling.decision_reference.strip()
    state.author = ruling.by
    state.operation = ruling.operation
    state.save(force_insert=True)
    audit.record(
        ruling.by,
        DECIDE_WAVES,
        f"{wave} · {state.get_status_display()}",
        academy=wave.academy.slug,
        effective_on=ruling.effective_on.isoformat(),
        reason=state.reason,
        decision_reference=state.decision_reference,
    )
    return state
