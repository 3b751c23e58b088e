"""How far the deployment is: counts, the share that has cut over, the sizes of the waves over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby

from deployment.choices import KIND_PLURALS, Kind, WaveStatus
from deployment.figures.situation import Situation, situation
from deployment.figures.volumetry import SOURCE
from deployment.models import Academy, WaveMove
from figures.french import count, short_day
from figures.kinds import Count, Paragraph, Population, Rate, Series, Statement

MOST_POINTS = 24


def establishment_count(academy: Academy, *, on: date, known_at: datetime | None = None) -> Count:
    """Establishments and GRETA that the académie follows on that day."""
    held = situation(academy, on=on, known_at=known_at)
    kinds = ", ".join(
        f"{sum(u.kind == kind for u in held.everyone)} {KIND_PLURALS[Kind(kind)].lower()}" for kind in held.kinds[:2]
    )
    return Count(
        name="establishment_count",
        title="Établissements suivis",
        academy=academy.slug,
        on=on,
        known_at=known_at,
        population=Population(f"Établissements ouverts ou à ouvrir au {short_day(on)} ({kinds}…)", len(held.everyone)),
        source="Annuaire de l’éducation",
        value=len(held.everyone),
        rows={"total": tuple(unit.uai for unit in held.everyone)},
    )


def cutover_progress(academy: Academy, *, on: date, known_at: datetime | None = None) -> Rate:
    """Share of the establishments placed in a wave whose wave has cut over by that day."""
    held = situation(academy, on=on, known_at=known_at)
    done = {wave.code for wave in held.waves if wave.status == WaveStatus.SWITCHED}
    switched = tuple(unit.uai for unit in held.units if unit.wave in done)
    return Rate(
        name="cutover_progress",
        title="Établissements basculés sur Op@le",
        academy=academy.slug,
        on=on,
        known_at=known_at,
        population=held.population,
        source=f"{SOURCE} ; statut des vagues",
        part=len(switched),
        whole=len(held.units),
        part_label="dans une vague basculée",
        rows={"part": switched, "whole": tuple(unit.uai for unit in held.units)},
    )


def wave_sizes(
    academy: Academy, *, on: date, known_at: datetime | None = None, from_wave: str = "", to_wave: str = ""
) -> Series:
    """Size of each wave on each day when a move took effect, up to that day (the last `MOST_POINTS` days)."""
    held = situation(academy, on=on, known_at=known_at, from_wave=from_wave, to_wave=to_wave)
    members = _members_by_day(held)
    codes = [wave.code for wave in held.waves]
    days = _days_of_change(members, codes)[-MOST_POINTS:]
    return Series(
        name="wave_sizes",
        title="Taille des vagues au fil des décisions",
        academy=academy.slug,
        on=on,
        known_at=known_at,
        population=held.population,
        source=SOURCE,
        parameters={name: value for name, value in (("from_wave", from_wave), ("to_wave", to_wave)) if value},
        points=tuple(short_day(day) for day in days),
        values={code: tuple(len(members[day].get(code, ())) for day in days) for code in codes},
        labels={code: code for code in codes},
        point_heading="À compter du",
        rows={f"{code}/{short_day(day)}": members[day].get(code, ()) for day in days for code in codes},
    )


def _members_by_day(held: Situation) -> dict[date, dict[str, tuple[str, ...]]]:
    """Who was in each wave (UAIs by code) at the end of each day when a move took effect, and on the day asked."""
    counted = {unit.uai for unit in held.everyone}
    moves = WaveMove.objects.filter(establishment__academy=held.academy).replayed(held.on, held.known_at)
    placed: dict[str, str | None] = {}
    members: dict[date, dict[str, tuple[str, ...]]] = {}
    for day, rows in groupby(
        moves.values_list("effective_on", "establishment__uai", "wave__code"), key=lambda row: row[0]
    ):
        placed.update((uai, code) for _, uai, code in rows if uai in counted)
        members[day] = _by_wave(placed)
    members.setdefault(held.on, _by_wave(placed))
    return members


def _days_of_change(members: Mapping[date, Mapping[str, tuple[str, ...]]], codes: Sequence[str]) -> list[date]:
    """Days when one of these waves changed, and the last day."""
    days = sorted(members)
    sizes = [[len(members[day].get(code, ())) for code in codes] for day in days]
    nothing = [0] * len(codes)
    changed = [day for day, now, before in zip(days, sizes, [nothing, *sizes], strict=False) if now != before]
    return changed if changed and changed[-1] == days[-1] else [*changed, days[-1]]


def _by_wave(placed: Mapping[str, str | None]) -> dict[str, tuple[str, ...]]:
    waves: dict[str, list[str]] = {}
    for uai, code in sorted(placed.items()):
        if code:
            waves.setdefault(code, []).append(uai)
    return {code: tuple(uais) for code, uais in waves.items()}


def wave_calendar(academy: Academy, *, on: date, known_at: datetime | None = None) -> Statement:
    """The waves in words: planned cutover, status and number of establishments of each."""
    held = situation(academy, on=on, known_at=known_at)
    return Statement(
        name="wave_calendar",
        title="Calendrier des vagues",
        academy=academy.slug,
        on=on,
        known_at=known_at,
        population=held.population,
        source=f"{SOURCE} ; statut des vagues",
        paragraphs=tuple(Paragraph(sentence, level=1) for sentence in _wave_sentences(held)),
        rows={wave.code: tuple(u.uai for u in held.units if u.wave == wave.code) for wave in held.waves},
    )


def _wave_sentences(held: Situation) -> list[str]:
    sentences = []
    for wave in held.waves:
        size = sum(unit.wave == wave.code for unit in held.units)
        planned = f"bascule le {short_day(wave.cutover_on)}" if wave.cutover_on else "date à fixer"
        sentences.append(f"{wave.code} : {planned}, {wave.status_label.lower()}, {count(size, 'établissement')}")
    return sentences
