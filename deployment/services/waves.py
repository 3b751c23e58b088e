"""Moving establishments between waves: the only code that writes the register of wave moves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from deployment.choices import WaveStatus
from deployment.models import Academy, Establishment, Wave, WaveMove, WaveState
from deployment.rights import MOVE_WAVES
from deployment.services import registers
from figures.french import count, short_instant

LOCKED_STATUSES = (WaveStatus.FROZEN, WaveStatus.SWITCHED)
EVER = date.max


class WaveRefused(Exception):
    """The act breaks a rule of the waves; the message is French and is shown to the person."""


Placements = Mapping[Establishment, Wave | None]


@transaction.atomic
def place(
    academy: Academy,
    placements: Placements,
    *,
    effective_on: date,
    reason: str,
    by: User | None,
    decision_reference: str = "",
    operation: UUID | None = None,
) -> list[WaveMove]:
    """Put each establishment in its wave (None: out of the deployment) from a day on; returns the rows written.

    Only establishments whose wave on that day differs get a row. Refuses a frozen or switched wave, left or entered,
    without `decision_reference`, and a wave abolished before the establishment would leave it.
    """
    lock(academy)
    if not reason.strip():
        raise WaveRefused("Indiquez le motif du mouvement.")
    _refuse_strangers(academy, placements)
    before = waves_in_force(placements, effective_on)
    changes = {e: wave for e, wave in placements.items() if before.get(e.pk) != (wave.pk if wave else None)}
    if not decision_reference.strip():
        _refuse_locked(academy, {before.get(e.pk) for e in changes} | {w.pk for w in changes.values() if w})
    _refuse_abolished(changes, effective_on)
    template = _template(by, reason, decision_reference, operation)
    moves = write_moves(academy, [(e, wave, effective_on) for e, wave in changes.items()], template)
    if moves:
        audit.record(
            by,
            MOVE_WAVES,
            count(len(moves), "établissement"),
            academy=academy.slug,
            operation=str(moves[0].operation),
            effective_on=effective_on.isoformat(),
            reason=reason,
            decision_reference=decision_reference,
        )
    return moves


@transaction.atomic
def undo(
    academy: Academy, operation: UUID, *, by: User | None, reason: str = "", decision_reference: str = ""
) -> list[WaveMove]:
    """Correct every move and state that one operation wrote, back to what held before it.

    Refused when one of its establishments was moved since, were it by another undoing.
    """
    lock(academy)
    written = list(
        WaveMove.objects.filter(operation=operation, establishment__academy=academy)
        .select_related("establishment", "wave")
        .order_by("effective_on", "pk")
    )
    states = list(WaveState.objects.filter(operation=operation, wave__academy=academy).select_related("wave"))
    if not written and not states:
        raise WaveRefused("Cette opération est introuvable dans cette académie.")
    _refuse_touched(written, states)
    reason = reason.strip() or "Annulation"
    undoing = uuid4()
    _restore_states(academy, states, by=by, reason=reason, reference=decision_reference, operation=undoing)
    back = _waves_without(operation, written)
    if not decision_reference.strip():
        _refuse_locked(academy, {w.pk for w in back.values() if w} | {m.wave_id for m in written})
    for move, wave in back.items():
        _refuse_abolished({move.establishment: wave}, move.effective_on)
    template = _template(by, reason, decision_reference, undoing)
    moves = write_moves(academy, [(m.establishment, wave, m.effective_on) for m, wave in back.items()], template)
    undone = f"annulation de {count(len(moves), 'mouvement')}"
    audit.record(by, MOVE_WAVES, undone, academy=academy.slug, operation=str(operation))
    return moves


def refuse_changed_since(establishments: Collection[Establishment], seen_at: datetime) -> None:
    """Raise if one of them was moved after the page was shown, so that nobody overwrites a colleague unknowingly."""
    later = (
        WaveMove.objects.filter(establishment__in=establishments, recorded_at__gt=seen_at)
        .select_related("establishment", "author")
        .order_by("-recorded_at")
        .first()
    )
    if later:
        instant = timezone.localtime(later.recorded_at)
        raise WaveRefused(
            f"{later.establishment} a été déplacé par {later.author or 'la ligne de commande'} le "
            f"{short_instant(instant)}, après l’affichage de votre page. Rechargez-la pour voir la situation."
        )


def lock(academy: Academy) -> None:
    """Serialise what writes an académie's registers until the end of the transaction."""
    Academy.objects.select_for_update(of=("self",)).get(pk=academy.pk)


def waves_in_force(establishments: Iterable[Establishment], on: date) -> dict[int, int | None]:
    """Wave (primary key) in force on that day by establishment (primary key); absent if it never had one."""
    wanted = [e.pk for e in establishments]
    rows = WaveMove.objects.filter(establishment__in=wanted).in_force(on)
    return dict(rows.values_list("establishment_id", "wave_id"))


def _refuse_strangers(academy: Academy, placements: Placements) -> None:
    for establishment, wave in placements.items():
        if establishment.academy_id != academy.pk or (wave is not None and wave.academy_id != academy.pk):
            raise WaveRefused(f"{establishment} ou sa vague n’appartient pas à l’{academy.full_name}.")


def _refuse_locked(academy: Academy, wave_pks: Collection[int | None]) -> None:
    waves = Wave.objects.filter(pk__in=[pk for pk in wave_pks if pk]).with_state(academy.today)
    locked = waves.in_status(*LOCKED_STATUSES).order_by("rank")
    names = [f"{wave.code} ({wave.status_label.lower()})" for wave in locked]
    if names:
        raise WaveRefused(
            f"{', '.join(names)} : ce mouvement demande la référence d’une décision (arrêté, relevé de décisions…)."
        )


def _refuse_abolished(changes: Placements, effective_on: date) -> None:
    """A wave may hold an establishment only until it is abolished."""
    targets = {wave.pk for wave in changes.values() if wave}
    ends = {
        state.wave_id: state.effective_on
        for state in WaveState.objects.filter(wave__in=targets).in_force(EVER)
        if state.status == WaveStatus.ABOLISHED
    }
    for establishment, wave in changes.items():
        end = ends.get(wave.pk) if wave else None
        if wave and end and (effective_on >= end or _next_date(establishment, effective_on) > end):
            raise WaveRefused(
                f"{establishment} ne peut pas entrer en {wave} : cette vague est supprimée à compter du {end:%d/%m/%Y}."
            )


def _next_date(establishment: Establishment, after: date) -> date:
    later = WaveMove.objects.filter(establishment=establishment, effective_on__gt=after).order_by("effective_on")
    return later.values_list("effective_on", flat=True).first() or EVER


def _refuse_touched(written: list[WaveMove], states: list[WaveState]) -> None:
    """Rows of one operation share their `recorded_at`: anything recorded later on the same subjects came after."""
    later_moves = WaveMove.objects.filter(establishment__in=[move.establishment_id for move in written])
    later = written and later_moves.filter(recorded_at__gt=written[0].recorded_at).select_related("establishment")
    if later:
        raise WaveRefused(f"{later[0].establishment} a été déplacé depuis : corrigez-le par un nouveau mouvement.")
    for state in states:
        if WaveState.objects.filter(wave=state.wave_id, recorded_at__gt=state.recorded_at).exists():
            raise WaveRefused(f"La vague {state.wave} a changé depuis : corrigez-la par une nouvelle décision.")


def _waves_without(operation: UUID, written: list[WaveMove]) -> dict[WaveMove, Wave | None]:
    """For each row of the operation, the wave that would be in force on its day had the operation not been."""
    before: dict[tuple[int, date], Wave | None] = {}
    for day in {move.effective_on for move in written}:
        others = WaveMove.objects.filter(establishment__in=[m.establishment_id for m in written])
        for row in others.exclude(operation=operation).in_force(day).select_related("wave"):
            before[row.establishment_id, day] = row.wave
    return {move: before.get((move.establishment_id, move.effective_on)) for move in written}


def _template(by: User | None, reason: str, decision_reference: str, operation: UUID | None) -> WaveMove:
    return WaveMove(
        author=by,
        reason=reason.strip(),
        decision_reference=decision_reference.strip(),
        operation=operation or uuid4(),
    )


def write_moves(
    academy: Academy, rows: Sequence[tuple[Establishment, Wave | None, date]], template: WaveMove
) -> list[WaveMove]:
    """Append rows that a service has checked, all at one instant; `template` holds who, why and which operation."""
    if not rows:
        return []
    recorded_at = registers.next_instant(WaveMove.objects.filter(establishment__academy=academy))
    return WaveMove.objects.bulk_create(
        WaveMove(
            establishment=establishment,
            wave=wave,
            effective_on=effective_on,
            recorded_at=recorded_at,
            reason=template.reason,
            decision_reference=template.decision_reference,
            author=template.author,
            operation=template.operation,
        )
        for establishment, wave, effective_on in rows
    )


def _restore_states(
    academy: Academy, states: list[WaveState], *, by: User | None, reason: str, reference: str, operation: UUID
) -> None:
    for state in states:
        others = WaveState.objects.filter(wave=state.wave_id).exclude(operation=state.operation)
        before = others.up_to(state.effective_on).first()
        if before is None:
            raise WaveRefused(f"La vague {state.wave} n’existait pas avant cette opération.")
        WaveState.objects.create(
            wave=state.wave,
            status=before.status,
            cutover_on=before.cutover_on,
            legal_basis=before.legal_basis,
            effective_on=state.effective_on,
            recorded_at=registers.next_instant(WaveState.objects.filter(wave__academy=academy)),
            reason=reason,
            decision_reference=reference.strip(),
            author=by,
            operation=operation,
        )
