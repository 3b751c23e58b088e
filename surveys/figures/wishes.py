"""Wave wishes of the heads and of the accountants, beside the plan (COSUI, point 1)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accounts.figures import FigureRefused
from deployment.choices import Function
from deployment.models import Academy, Establishment
from figures.kinds import TOTAL, Count, CrossTable, Exclusion, Population, Rate, Row, Vocabulary
from surveys import contents
from surveys.choices import Purpose
from surveys.clock import end_of
from surveys.figures.reading import Reading, read
from surveys.models import Divergence

DIVERGENT, NO_WAVE = "divergent", "none"
CURRENT, WHEN_ASKED = "current", "asked"
PLANS = {CURRENT: "Prévu", WHEN_ASKED: "Prévu à l’envoi"}
PLANNED = ("uai", "wave_code")


@dataclass(frozen=True)
class Wishes:
    """Of each establishment that answered: the wave planned, and the one wished (or `DIVERGENT`)."""

    held: Reading
    plan: Mapping[str, str]
    wish: Mapping[str, str]
    ranks: Mapping[str, int]

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Waves planned or wished, in order, then what is no wave."""
        found = {code for code in (*self.plan.values(), *self.wish.values()) if code not in (DIVERGENT, NO_WAVE)}
        waves = tuple((code, code) for code in sorted(found, key=lambda code: (self.ranks.get(code, 999), code)))
        return (*waves, (DIVERGENT, "Divergent")) if DIVERGENT in self.wish.values() else waves

    @property
    def population(self) -> Population:
        """Those who answered, among those asked."""
        asked = self.held.population
        silent = len(self.held.asked) - len(self.wish)
        exclusions = (Exclusion("sans réponse", silent),) if silent else ()
        label = f"Établissements ayant exprimé un vœu, sur {asked.label}"
        return Population(label, len(self.wish), exclusions) if self.held.campaign else asked


def wave_wishes(
    academy: Academy,
    *,
    on: date,
    known_at: datetime | None = None,
    campaign: int = 0,
    function: str = "",
    plan: str = CURRENT,
) -> CrossTable:
    """Wave planned × wave wished. Where head and accountant differ, « Divergent » until somebody decides between them.

    `function` keeps the wishes of one function; `plan` is the plan on that day, or « asked »: when the campaign left.
    """
    found = _wishes(academy, on, known_at, campaign, function, plan)
    cells = _cells((found.plan[uai], wish, uai) for uai, wish in found.wish.items())
    codes = [code for code, _ in found.columns if code != DIVERGENT and f"{code}/{TOTAL}" in cells]
    lines = [(code, code) for code in codes] + ([(NO_WAVE, "Sans vague")] if f"{NO_WAVE}/{TOTAL}" in cells else [])
    return CrossTable(
        **_shared(found, function, plan),
        name="wave_wishes",
        title="Vagues souhaitées" + (f" par les {_plural(function)}" if function else ""),
        columns=found.columns,
        lines=tuple(
            Row(key, label, {code: len(cells.get(f"{key}/{code}", ())) for code, _ in found.columns})
            for key, label in lines
        ),
        words=Vocabulary(columns="wishes", row="plan", row_heading=PLANS[plan]),
        rows=cells,
    )


def wave_wish_distance(
    academy: Academy,
    *,
    on: date,
    known_at: datetime | None = None,
    campaign: int = 0,
    function: str = "",
    plan: str = CURRENT,
) -> CrossTable:
    """What each wave would gain or lose if every agreed wish were followed; rows are those who would come or leave."""
    found = _wishes(academy, on, known_at, campaign, function, plan)
    agreed = {uai: wish for uai, wish in found.wish.items() if wish != DIVERGENT}
    leave, come = Counter(found.plan[uai] for uai in agreed), Counter(agreed.values())
    columns = tuple(column for column in found.columns if column[0] != DIVERGENT)
    movers = [uai for uai, wish in agreed.items() if wish != found.plan[uai]]
    return CrossTable(
        **_shared(found, function, plan),
        name="wave_wish_distance",
        title="Écart des vœux au calendrier prévu",
        columns=columns,
        lines=(Row("difference", "Écart", {code: come[code] - leave[code] for code, _ in columns}),),
        words=Vocabulary(columns="waves", row="moment", row_heading="Vœux"),
        signed=True,
        rows=_cells(("difference", wave, uai) for uai in movers for wave in (found.plan[uai], agreed[uai])),
    )


def divergent_wishes(academy: Academy, *, on: date, known_at: datetime | None = None, campaign: int = 0) -> Count:
    """Establishments where head and accountant wished different waves, and nobody had decided by that day."""
    found = _wishes(academy, on, known_at, campaign, "", CURRENT)
    divergent = tuple(uai for uai, wish in found.wish.items() if wish == DIVERGENT)
    return Count(
        **_shared(found, "", CURRENT),
        name="divergent_wishes",
        title="Vœux divergents à trancher",
        value=len(divergent),
        rows={TOTAL: divergent},
    )


def followed_wishes(academy: Academy, *, on: date, known_at: datetime | None = None, campaign: int = 0) -> Rate:
    """Wishes that the plan of that day follows, among those expressed; a divergent one is not followed."""
    found = _wishes(academy, on, known_at, campaign, "", CURRENT)
    followed = tuple(uai for uai, wish in found.wish.items() if wish == found.plan[uai])
    return Rate(
        **_shared(found, "", CURRENT),
        name="followed_wishes",
        title="Vœux suivis par le calendrier",
        part=len(followed),
        whole=len(found.wish),
        part_label="vœux suivis par le calendrier",
        rows={"part": followed, "whole": tuple(found.wish)},
    )


def _wishes(academy: Academy, on: date, known_at: datetime | None, campaign: int, function: str, plan: str) -> Wishes:
    if plan not in PLANS:
        raise FigureRefused(f"« {plan} » n’est pas un calendrier ({', '.join(PLANS)}).")
    if function and function not in Function.values:
        raise FigureRefused(f"« {function} » n’est pas une fonction ({', '.join(Function.values)}).")
    held = read(academy, Purpose.WAVE_WISH, on=on, known_at=known_at, campaign=campaign)
    wish = _agreed(held, function)
    planned = {e.establishment.uai: e.wave_code for e in held.entries}
    if plan == CURRENT and held.campaign:
        rows = Establishment.objects.filter(academy=academy).with_wave(on, known_at)
        planned = dict(rows.values_list(*PLANNED))
    ranks = dict(academy.waves.values_list("code", "rank"))
    return Wishes(held, {uai: planned.get(uai) or NO_WAVE for uai in wish}, wish, ranks)


def _agreed(held: Reading, function: str) -> dict[str, str]:
    """The wave wished by each establishment that answered: its functions' own, or what was decided between them."""
    wished: dict[str, set[str]] = defaultdict(set)
    for said in held.said:
        if not function or said.part == function:
            wished[said.uai].add(contents.wish(said.content).wave)
    decided = _decided(held) if not function else {}
    order = {uai: waves for uai in held.asked if (waves := wished.get(uai))}
    return {uai: next(iter(waves)) if len(waves) == 1 else decided.get(uai, DIVERGENT) for uai, waves in order.items()}


def _decided(held: Reading) -> dict[str, str]:
    """The wave decided by that day where two wishes differed."""
    if held.campaign is None:
        return {}
    rows = Divergence.objects.filter(entry__campaign=held.campaign, decided_at__lt=end_of(held.on)).exclude(
        wave_code=""
    )
    rows = rows.filter(decided_at__lte=held.known_at) if held.known_at else rows
    return dict(rows.values_list("entry__establishment__uai", "wave_code"))


def _shared(found: Wishes, function: str, plan: str) -> dict[str, Any]:
    given = {"function": function, "plan": plan if plan != CURRENT else ""}
    shared = found.held.shared
    parameters = shared["parameters"] | {name: value for name, value in given.items() if value}
    return shared | {"population": found.population, "parameters": parameters}


def _plural(function: str) -> str:
    words = Function(function).label.lower().split(" ", 1)
    return " ".join([f"{words[0]}s", *words[1:]])


def _cells(triples: Iterable[tuple[str, str, str]]) -> dict[str, tuple[str, ...]]:
    """(row, column, UAI) → the UAIs behind every cell and every total; each once a cell."""
    cells: dict[str, dict[str, None]] = defaultdict(dict)
    for row, column, uai in triples:
        for cell in (f"{row}/{column}", f"{row}/{TOTAL}", f"{TOTAL}/{column}", f"{TOTAL}/{TOTAL}"):
            cells[cell][uai] = None
    return {cell: tuple(uais) for cell, uais in cells.items()}
