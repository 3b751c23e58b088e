"""Figures of the accounting agencies."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from deployment.models import Academy, Establishment
from figures.french import short_day
from figures.kinds import Population, Rate

READ = ("uai", "wave_code", "agency_uai")


def split_agencies(academy: Academy, *, on: date, known_at: datetime | None = None) -> Rate:
    """Agencies whose establishments are in several waves still to come or past: their accountant works twice."""
    members: dict[str, list[tuple[str, str]]] = defaultdict(list)
    rows = Establishment.objects.filter(academy=academy).existing_on(on).with_wave(on, known_at)
    for uai, wave, agency in rows.with_agency(on, known_at).order_by("uai").values_list(*READ):
        if agency:
            members[agency].append((uai, wave or ""))
    split = {seat: own for seat, own in members.items() if len({wave for _, wave in own if wave}) > 1}
    return Rate(
        name="split_agencies",
        title="Agences réparties sur plusieurs vagues",
        academy=academy.slug,
        on=on,
        known_at=known_at,
        population=Population(f"Agences comptables au {short_day(on)}", len(members)),
        source="Registres des rattachements et des mouvements de vague",
        part=len(split),
        whole=len(members),
        part_label="dont les établissements sont dans plusieurs vagues",
        rows={"part": tuple(sorted(split)), "whole": tuple(sorted(members))},
    )
