"""Volumetry: how many establishments in which wave, on any day, as known at any instant (COSUI, point 1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from accounts.figures import FigureRefused
from deployment.choices import KIND_PLURALS, Kind
from deployment.figures.situation import Situation, Unit, situation
from deployment.models import Academy
from figures.french import short_day
from figures.kinds import TOTAL, CrossTable, Place, PointMap, Population, Row, Vocabulary

OUT = "out"
SOURCE = "Registre des mouvements de vague"
VOLUMETRY_WORDS = Vocabulary(
    columns="waves", row="kind", note="greta", note_text="dont {count} GRETA", row_heading="Type"
)


def volumetry(
    academy: Academy, *, on: date, known_at: datetime | None = None, from_wave: str = "", to_wave: str = ""
) -> CrossTable:
    """Kinds × waves on that day, with totals and the GRETA counted inside (table of the COSUI's first slide)."""
    held = situation(academy, on=on, known_at=known_at, from_wave=from_wave, to_wave=to_wave)
    return CrossTable(
        name="volumetry",
        title=f"Volumétrie {held.range_label}",
        academy=academy.slug,
        on=on,
        known_at=known_at,
        population=held.population,
        source=SOURCE,
        parameters=_given(from_wave=from_wave, to_wave=to_wave),
        columns=_columns(held),
        lines=tuple(_kind_row(held, kind) for kind in held.kinds),
        words=VOLUMETRY_WORDS,
        rows=_cells((unit.kind, unit.wave or "", unit.uai) for unit in held.units),
    )


def volumetry_change(
    academy: Academy,
    *,
    on: date,
    known_at: datetime | None = None,
    from_wave: str = "",
    to_wave: str = "",
    initial_on: date | None = None,
) -> CrossTable:
    """Sizes of the waves on the initial day beside that day: two lines, one column a wave."""
    before, after = _initial_and_now(academy, on, known_at, from_wave, to_wave, initial_on)
    lines = (("initial", f"Au {short_day(before.on)} (initiale)", before), ("current", f"Au {short_day(on)}", after))
    return CrossTable(
        name="volumetry_change",
        title="Nombre d’établissements par vague",
        academy=academy.slug,
        on=on,
        known_at=known_at,
        population=after.population,
        source=f"{SOURCE} ; volumétrie initiale au {short_day(before.on)}",
        parameters=_given(from_wave=from_wave, to_wave=to_wave, initial_on=initial_on),
        columns=_columns(before, after),
        lines=tuple(Row(key, label, _sizes(held)) for key, label, held in lines),
        lines_add_up=False,
        words=Vocabulary(columns="waves", row="moment", row_heading="Situation"),
        rows=_cells((key, unit.wave or "", unit.uai) for key, _, held in lines for unit in held.units),
    )


def volumetry_difference(
    academy: Academy,
    *,
    on: date,
    known_at: datetime | None = None,
    from_wave: str = "",
    to_wave: str = "",
    initial_on: date | None = None,
) -> CrossTable:
    """What each wave gained or lost since the initial day; the rows of a cell are those who entered or left."""
    before, after = _initial_and_now(academy, on, known_at, from_wave, to_wave, initial_on)
    old, new = _sizes(before), _sizes(after)
    columns = _columns(before, after)
    was = {unit.uai: unit.wave for unit in before.everyone}
    moved = [unit for unit in after.everyone if unit.wave != was.get(unit.uai)]
    cells = [("difference", wave or "", u.uai) for u in moved for wave in (was.get(u.uai), u.wave) if wave]
    return CrossTable(
        name="volumetry_difference",
        title="Écart à la volumétrie initiale",
        academy=academy.slug,
        on=on,
        known_at=known_at,
        population=after.population,
        source=f"{SOURCE} ; volumétrie initiale au {short_day(before.on)}",
        parameters=_given(from_wave=from_wave, to_wave=to_wave, initial_on=initial_on),
        columns=columns,
        lines=(Row("difference", "Écart", {code: new.get(code, 0) - old.get(code, 0) for code, _ in columns}),),
        words=Vocabulary(columns="waves", row="moment", row_heading="Situation"),
        signed=True,
        rows=_cells(cells),
    )


def wave_movements(
    academy: Academy,
    *,
    on: date,
    known_at: datetime | None = None,
    from_wave: str = "",
    to_wave: str = "",
    initial_on: date | None = None,
) -> CrossTable:
    """Who went from which wave to which between the initial day and that day: origin × destination."""
    before, after = _initial_and_now(academy, on, known_at, from_wave, to_wave, initial_on)
    moved = _departures(before, after)
    columns = _destinations(before, after, moved)
    cells = _cells(moved)
    return CrossTable(
        name="wave_movements",
        title="Mouvements entre vagues",
        academy=academy.slug,
        on=on,
        known_at=known_at,
        population=Population(
            f"Établissements qui ont quitté leur vague entre le {short_day(before.on)} et le {short_day(on)}, "
            f"sur {len(before.units)} en {before.range_label}",
            len(moved),
        ),
        source=SOURCE,
        parameters=_given(from_wave=from_wave, to_wave=to_wave, initial_on=initial_on),
        columns=columns,
        lines=tuple(
            Row(code, f"De {code}", {there: len(cells.get(f"{code}/{there}", ())) for there, _ in columns})
            for code, _ in _columns(before)
        ),
        words=Vocabulary(columns="to", row="from", row_heading="Origine"),
        rows=cells,
    )


def _departures(before: Situation, after: Situation) -> list[tuple[str, str, str]]:
    """(origin, destination, UAI) of those who left their wave; `OUT` for no wave at all."""
    now = {unit.uai: unit.wave for unit in after.everyone}
    return [
        (unit.wave or OUT, now[unit.uai] or OUT, unit.uai)
        for unit in before.units
        if unit.uai in now and now[unit.uai] != unit.wave
    ]


def _destinations(
    before: Situation, after: Situation, moved: list[tuple[str, str, str]]
) -> tuple[tuple[str, str], ...]:
    """The waves of the range, then those beyond it where someone went."""
    columns = _columns(before, after)
    beyond = {there for _, there, _ in moved} - {code for code, _ in columns} - {OUT}
    columns += tuple((code, code) for code in sorted(beyond, key=after.ranks.__getitem__))
    return (*columns, (OUT, "Hors vague")) if any(there == OUT for _, there, _ in moved) else columns


def wave_map(
    academy: Academy, *, on: date, known_at: datetime | None = None, from_wave: str = "", to_wave: str = ""
) -> PointMap:
    """Where the establishments of each wave are; those without coordinates are counted apart."""
    held = situation(academy, on=on, known_at=known_at, from_wave=from_wave, to_wave=to_wave)
    located = [unit for unit in held.units if unit.x is not None and unit.y is not None]
    departements = academy.establishments.order_by().values_list("departement", flat=True).distinct()
    return PointMap(
        name="wave_map",
        title=f"Les établissements par vague ({held.range_label})",
        academy=academy.slug,
        on=on,
        known_at=known_at,
        population=held.population,
        source=f"{SOURCE} ; positions : Annuaire de l’éducation",
        parameters=_given(from_wave=from_wave, to_wave=to_wave),
        groups=tuple((wave.code, wave.code) for wave in held.waves),
        places=tuple(Place(u.uai, u.name, u.wave or "", u.x or 0.0, u.y or 0.0) for u in located),
        outlines=tuple(sorted(departements)),
        unlocated=len(held.units) - len(located),
        rows={wave.code: tuple(u.uai for u in held.units if u.wave == wave.code) for wave in held.waves}
        | {TOTAL: tuple(unit.uai for unit in held.units)},
    )


def _initial_and_now(
    academy: Academy, on: date, known_at: datetime | None, from_wave: str, to_wave: str, initial_on: date | None
) -> tuple[Situation, Situation]:
    day = initial_on or academy.initial_volumetry_on
    if day is None:
        raise FigureRefused("Cette académie n’a pas encore de jour de volumétrie initiale : réglez-le d’abord.")
    before = situation(academy, on=day, known_at=known_at, from_wave=from_wave, to_wave=to_wave)
    return before, situation(academy, on=on, known_at=known_at, from_wave=from_wave, to_wave=to_wave)


def _columns(*situations: Situation) -> tuple[tuple[str, str], ...]:
    ranks = {wave.code: wave.rank for held in situations for wave in held.waves}
    return tuple((code, code) for code in sorted(ranks, key=lambda code: ranks[code]))


def _kind_row(held: Situation, kind: str) -> Row:
    def tally(units: Iterable[Unit]) -> dict[str, int]:
        counts: dict[str, int] = defaultdict(int)
        for unit in units:
            counts[unit.wave or ""] += 1
        return dict(counts)

    own = [unit for unit in held.units if unit.kind == kind]
    notes = tally(unit for unit in own if unit.is_greta) if held.shows_gretas else {}
    cells = {wave.code: 0 for wave in held.waves} | tally(own)
    return Row(kind, KIND_PLURALS[Kind(kind)], cells, {code: notes[code] for code in cells if code in notes})


def _sizes(held: Situation) -> dict[str, int]:
    return {wave.code: sum(unit.wave == wave.code for unit in held.units) for wave in held.waves}


def _cells(triples: Iterable[tuple[str, str, str]]) -> dict[str, tuple[str, ...]]:
    """(row, column, key) → the keys behind every cell, row total, column total and total; each key once a cell."""
    cells: dict[str, dict[str, None]] = defaultdict(dict)
    for row, column, key in triples:
        for cell in (f"{row}/{column}", f"{row}/{TOTAL}", f"{TOTAL}/{column}", f"{TOTAL}/{TOTAL}"):
            cells[cell][key] = None
    return {cell: tuple(keys) for cell, keys in cells.items()}


def _given(**settings: str | date | None) -> dict[str, str]:
    return {name: str(value) for name, value in settings.items() if value}
