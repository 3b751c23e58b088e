"""How many answered: the rate of a campaign on a day, and its rise since the sending."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Min
from django.utils import timezone

from accounts.figures import FigureRefused
from deployment.choices import Function
from deployment.models import Academy
from figures.french import short_day
from figures.kinds import Rate, Series
from surveys.clock import end_of
from surveys.figures.reading import Reading, read
from surveys.models import AnswerVersion

MOST_POINTS = 24
CURVE = "answers"
FUNCTIONS = {
    Function.HEAD: "chefs d’établissement ont répondu",
    Function.ACCOUNTANT: "agents comptables ont répondu",
}


def response_rate(
    academy: Academy, *, on: date, known_at: datetime | None = None, campaign: int = 0, function: str = ""
) -> Rate:
    """Establishments that had answered, by one function at least; with `function`, where that function had.

    `campaign` 0 is the last one sent, whatever it asks. `function` suits campaigns that each function answers apart.
    """
    held = read(academy, None, on=on, known_at=known_at, campaign=campaign)
    answered, label = held.answered, "établissements ont répondu"
    if function:
        answered, label = _answered_by(held, function), FUNCTIONS.get(Function(function), "ont répondu")
    late = f", {held.late_note}" if held.late_note and not function else ""
    shared = held.shared
    if function:
        shared["parameters"] = shared["parameters"] | {"function": function}
    return Rate(
        **shared,
        name="response_rate",
        title=f"Réponses à « {held.campaign} »" if held.campaign else "Réponses à la dernière enquête",
        part=len(answered),
        whole=len(held.asked),
        part_label=f"{label}{late}",
        rows={"part": answered, "whole": held.asked},
    )


def response_curve(academy: Academy, *, on: date, known_at: datetime | None = None, campaign: int = 0) -> Series:
    """Establishments that had answered at the end of each day, from the sending to that day.

    When there are more than `MOST_POINTS` days, only those when somebody answered first, the last ones.
    """
    held = read(academy, None, on=on, known_at=known_at, campaign=campaign)
    came = _first_days(held)
    days = _days(held, sorted(set(came.values())))
    by_day = {day: tuple(uai for uai in held.answered if came[uai] <= day) for day in days}
    points = tuple(short_day(day) for day in days)
    return Series(
        **held.shared,
        name="response_curve",
        title=f"Réponses reçues à « {held.campaign} »" if held.campaign else "Réponses reçues",
        points=points,
        values={CURVE: tuple(len(uais) for uais in by_day.values())},
        labels={CURVE: "Réponses"},
        point_heading="Au",
        rows={f"{CURVE}/{point}": by_day[day] for point, day in zip(points, days, strict=True)},
    )


def _answered_by(held: Reading, function: str) -> tuple[str, ...]:
    if held.campaign and not held.campaign.is_separate:
        raise FigureRefused("Cette enquête attend une seule réponse par établissement.")
    if function not in Function.values:
        raise FigureRefused(f"« {function} » n’est pas une fonction ({', '.join(Function.values)}).")
    having = {said.uai for said in held.said if said.part == function}
    return tuple(uai for uai in held.asked if uai in having)


def _first_days(held: Reading) -> dict[str, date]:
    """The day, in Paris, of the first answer of each establishment that had answered."""
    if held.campaign is None:
        return {}
    versions = AnswerVersion.objects.known(held.campaign, end_of(held.on), held.known_at).order_by()
    first = versions.values_list("answer__entry__establishment__uai").annotate(Min("submitted_at"))
    return {uai: timezone.localtime(at).date() for uai, at in first}


def _days(held: Reading, answered_on: list[date]) -> list[date]:
    if held.campaign is None or held.campaign.sent_at is None:
        return []
    sent_on = min([timezone.localtime(held.campaign.sent_at).date(), *answered_on])
    span = (held.on - sent_on).days + 1
    if span <= MOST_POINTS:
        return [date.fromordinal(sent_on.toordinal() + step) for step in range(span)]
    return sorted({sent_on, *answered_on[-(MOST_POINTS - 2) :], held.on})
