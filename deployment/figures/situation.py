"""Who is in which wave on a day: the one read from which the wave figures are computed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from accounts.figures import FigureRefused
from deployment.choices import GretaRule, Kind, WaveStatus
from deployment.models import Academy, Establishment, Wave
from figures.french import short_day
from figures.kinds import Exclusion, Population
from figures.readings import once

READ = ("uai", "name", "kind", "host__kind", "wave_code", "x", "y", "closed_on")


@dataclass(frozen=True)
class Unit:
    """One establishment or GRETA as the volumetry counts it. `kind` is the row it is counted in."""

    uai: str
    name: str
    kind: str
    is_greta: bool
    wave: str | None
    x: float | None
    y: float | None


@dataclass(frozen=True)
class Situation:
    """The académie's units on a day, as known at an instant, over a range of waves."""

    academy: Academy
    on: date
    known_at: datetime | None
    waves: tuple[Wave, ...]  # the range asked for, in order, only waves that exist on that day or hold someone
    everyone: tuple[Unit, ...]
    closed: int
    gretas_left_out: int
    ranks: dict[str, int]  # of every wave of the académie, by code

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """Units whose wave is in the range."""
        codes = {wave.code for wave in self.waves}
        return tuple(unit for unit in self.everyone if unit.wave in codes)

    @property
    def shows_gretas(self) -> bool:
        """Whether « dont n GRETA » is told: the rule counts them in their host's row, and the day has come."""
        noted_from = self.academy.greta_noted_from
        return self.academy.greta_rule == GretaRule.IN_HOST and (noted_from is None or self.on >= noted_from)

    @property
    def kinds(self) -> list[str]:
        """Rows of the volumetry: the kinds that the académie has, in their usual order."""
        present = {unit.kind for unit in self.everyone}
        return [kind for kind in Kind.values if kind in present]

    @property
    def range_label(self) -> str:
        """« V8 à V12 »."""
        if not self.waves:
            return "aucune vague"
        first, last = self.waves[0].code, self.waves[-1].code
        return first if first == last else f"{first} à {last}"

    @property
    def population(self) -> Population:
        """The units of the range, in words, and all that is left out of it."""
        codes = {wave.code for wave in self.waves}
        others = [unit for unit in self.everyone if unit.wave not in codes]
        exclusions = (
            Exclusion("dans d’autres vagues", sum(unit.wave is not None for unit in others)),
            Exclusion("sans vague à cette date", sum(unit.wave is None for unit in others)),
            Exclusion("fermés à cette date", self.closed),
            Exclusion("GRETA, non comptés selon la règle de l’académie", self.gretas_left_out),
        )
        label = f"Établissements en {self.range_label} au {short_day(self.on)}"
        if any(unit.is_greta for unit in self.units) and self.academy.greta_rule == GretaRule.IN_HOST:
            label += ", GRETA comptés avec leur établissement support"
        return Population(label, len(self.units), tuple(e for e in exclusions if e.size))


def situation(
    academy: Academy, *, on: date, known_at: datetime | None = None, from_wave: str = "", to_wave: str = ""
) -> Situation:
    """Two queries whatever the size. Raises `FigureRefused` when a wave of the range is unknown."""
    asked = ("situation", academy.pk, on, known_at, from_wave, to_wave)
    return once(asked, lambda: _read(academy, on, known_at, from_wave, to_wave))


def _read(academy: Academy, on: date, known_at: datetime | None, from_wave: str, to_wave: str) -> Situation:
    every_wave = list(Wave.objects.filter(academy=academy).with_state(on, known_at))
    waves = _range(every_wave, from_wave, to_wave)
    rows = (
        Establishment.objects.filter(academy=academy)
        .with_wave(on, known_at)
        .order_by("sort_name", "uai")
        .values_list(*READ)
    )
    rule = academy.greta_rule
    units, closed, left_out = [], 0, 0
    for uai, name, kind, host_kind, wave, x, y, closed_on in rows:
        is_greta = kind == Kind.GRETA
        if closed_on is not None and closed_on <= on:
            closed += 1
        elif is_greta and rule == GretaRule.EXCLUDED:
            left_out += 1
        else:
            counted = host_kind if is_greta and rule == GretaRule.IN_HOST else kind
            units.append(Unit(uai, name, counted, is_greta, wave, x, y))
    shown = _shown(waves, units, also_to_come=bool(to_wave))
    ranks = {wave.code: wave.rank for wave in every_wave}
    return Situation(academy, on, known_at, shown, tuple(units), closed, left_out, ranks)


def _range(waves: list[Wave], from_wave: str, to_wave: str) -> list[Wave]:
    ranks = {wave.code: wave.rank for wave in waves}
    for code in filter(None, (from_wave, to_wave)):
        if code not in ranks:
            raise FigureRefused(f"La vague « {code} » n’existe pas dans cette académie.")
    low, high = ranks.get(from_wave, 0), ranks.get(to_wave, max(ranks.values(), default=0))
    return sorted((w for w in waves if low <= w.rank <= high), key=lambda wave: wave.rank)


def _shown(waves: list[Wave], units: Iterable[Unit], *, also_to_come: bool) -> tuple[Wave, ...]:
    """An abolished wave is shown only while it holds someone; so is one not yet opened, unless it was asked for."""
    holding = {unit.wave for unit in units}
    hidden = {WaveStatus.ABOLISHED.value} if also_to_come else {WaveStatus.ABOLISHED.value, None}
    return tuple(wave for wave in waves if wave.code in holding or wave.status not in hidden)
