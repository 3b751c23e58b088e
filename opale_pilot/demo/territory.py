"""Loads the territory of the demonstration through the importers and services, each step dated as it happened."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.utils import timezone

from accounts.uai import check_letter
from deployment.choices import ImportKind, Kind, OpeningStatus
from deployment.importers import batches
from deployment.models import Academy, Establishment
from deployment.services import gretas, wave_states, waves
from deployment.services.enrolment import enrol
from deployment.services.registers import recording_at
from deployment.services.wave_states import Ruling
from opale_pilot.demo import agencies as groupings
from opale_pilot.demo import posts
from opale_pilot.demo.waves import CALENDAR, first_lists, later_moves

DIRECTORY = Path(__file__).parent.parent / "demo_data" / "annuaire_grenoble.csv"
OBSERVED_ON = date(2024, 10, 8)
INITIAL_ON = date(2024, 6, 28)
SURVEY_ON = date(2024, 9, 20)
MOVED_ON = date(2024, 10, 1)
POSTS_TOLD_ON = date(2024, 9, 2)
V7_AGENCIES = 19  # the COSUI's ordering tutors: one an agency
OTHER_AGENCIES = 50
GRETAS = (  # name, host's UAI; the identifiers are invented, in a range that the Annuaire does not use
    ("GRETA Haute-Savoie", "0740003B"),
    ("GRETA de Grenoble", "0380033E"),
    ("GRETA Ardèche-Drôme", "0260035X"),
    ("GRETA Savoie", "0730013T"),
)
FICTION = "Liste fictive (démonstration)"


def at_noon(day: date) -> datetime:
    """Noon in Paris, the instant at which an act of that day is recorded."""
    return timezone.make_aware(datetime.combine(day, time(12)))


def load() -> Academy:
    """The académie de Grenoble as its service knew it on 8 October 2024."""
    academy = enrol("grenoble")
    academy.service_name, academy.service_acronym = "Service d’appui aux EPLE", "SA EPLE"
    academy.ministry_block = "Ministère\nde l’Éducation\nnationale\net de la Jeunesse"
    academy.initial_volumetry_on, academy.greta_noted_from = INITIAL_ON, SURVEY_ON
    academy.observed_on, academy.is_demonstration = OBSERVED_ON, True
    academy.save()
    import_file(academy, ImportKind.ESTABLISHMENTS, DIRECTORY.read_bytes(), DIRECTORY.name, {})
    _register_gretas(academy)
    lists = first_lists(_census(academy))
    _group(academy, lists["V7"])
    with recording_at(at_noon(POSTS_TOLD_ON)):
        posts.load(academy, lists["V7"])
    _decide_first_lists(academy, lists)
    _decide_later_moves(academy, lists)
    return academy


def _register_gretas(academy: Academy) -> None:
    lycees = academy.establishments.filter(kind=Kind.LYCEE)
    for number, (name, host_uai) in enumerate(GRETAS):
        digits = f"{host_uai[:3]}990{number + 1}"
        gretas.register_greta(lycees.get(uai=host_uai), uai=digits + check_letter(digits), name=name, by=None)


def _census(academy: Academy) -> dict[Kind, list[str]]:
    census: dict[Kind, list[str]] = {}
    for uai, kind in academy.establishments.exclude(status=OpeningStatus.TO_OPEN).values_list("uai", "kind"):
        census.setdefault(Kind(kind), []).append(uai)
    return census


def _group(academy: Academy, v7: Sequence[str]) -> None:
    located = [
        groupings.Located(uai, kind, x or 0.0, y or 0.0)
        for uai, kind, x, y in academy.establishments.exclude(kind=Kind.GRETA).values_list("uai", "kind", "x", "y")
    ]
    inside = groupings.groups([e for e in located if e.uai in v7], V7_AGENCIES)
    others = groupings.groups([e for e in located if e.uai not in v7], OTHER_AGENCIES)
    opened = CALENDAR[0].opened_on
    content = _csv(("uai_siege", "uai_rattache", "valid_from"), [(s, m, opened) for s, m in (*inside, *others)])
    with recording_at(at_noon(opened)):
        import_file(academy, ImportKind.AGENCIES, content, "agences-fictives.csv", {})


def _decide_first_lists(academy: Academy, lists: Mapping[str, Sequence[str]]) -> None:
    """Each list when its wave opened, and each switch when it happened: the register is written in that order."""
    acts: dict[date, list[tuple[str, str]]] = {}
    for wave in CALENDAR:
        acts.setdefault(wave.opened_on, []).append(("open", wave.code))
        if wave.switched:
            acts.setdefault(wave.cutover_on, []).append(("switch", wave.code))
    calendar = {wave.code: wave for wave in CALENDAR}
    for day in sorted(acts):
        with recording_at(at_noon(day)):
            for act, code in acts[day]:
                if act == "switch":
                    ruling = Ruling(day, "Bascule effectuée", None)
                    wave_states.switch(academy.waves.get(code=code), ruling)
                else:
                    planned = calendar[code]
                    ruling = Ruling(day, "Ouverture de la vague", None, planned.legal_basis)
                    wave_states.open_wave(
                        academy, code, ruling, cutover_on=planned.cutover_on, legal_basis=planned.legal_basis
                    )
            opened = [code for act, code in acts[day] if act == "open" and code in lists]
            if opened:
                rows = [(uai, code) for code in opened for uai in lists[code]]
                parameters = {"decided_on": day.isoformat(), "reason": FICTION}
                name = f"liste-fictive-{'-'.join(opened)}.csv"
                import_file(academy, ImportKind.WAVES, _csv(("uai", "vague"), rows), name, parameters)


def _decide_later_moves(academy: Academy, lists: Mapping[str, Sequence[str]]) -> None:
    """The wishes of the September survey: V10 decided on the 20th, V11 and V12 on 1 October."""
    by_uai = {e.uai: e for e in Establishment.objects.filter(academy=academy)}
    kinds = {uai: Kind(e.kind) for uai, e in by_uai.items()}
    pilot = next(uai for uai, e in by_uai.items() if e.name == GRETAS[0][0])
    targets = {wave.code: wave for wave in academy.waves.all()}
    moves = later_moves(lists, kinds, staying=pilot)
    for day, codes in ((SURVEY_ON + timedelta(days=7), ("V10",)), (MOVED_ON, ("V11", "V12"))):
        with recording_at(at_noon(day)):
            waves.place(
                academy,
                {by_uai[uai]: targets[code] for uai, code in moves if code in codes},
                effective_on=day,
                reason="Enquête auprès des CE et AC du 20/09/2024 (vœux fictifs)",
                by=None,
            )


def import_file(academy: Academy, kind: ImportKind, content: bytes, name: str, parameters: dict[str, str]) -> None:
    """As an agent would on the page of imports."""
    prepared = batches.prepare(batches.deposit(kind, content, name, parameters), academy=academy, by=None)
    batches.carry_out(prepared)


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")
