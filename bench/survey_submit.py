"""Submissions of the real form by fifty clients, beside a bare Django inserting one row; none lost, none twice."""

from __future__ import annotations

import sys
from collections import Counter
from statistics import median
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from bench.harness import ROUNDS, Measure
from bench.survey_site import CLIENTS, Browser, bare, browsers, campaign_of, drive, load, request, served, share, typed
from surveys.models import Answer, AnswerVersion, Campaign

EACH = 24  # submissions of one client in one round
TWICE = 4  # of which the same page is sent twice at the end, by two connections at once
OK = 303


def measure() -> Measure:
    campaign = campaign_of(CLIENTS)
    before = load()
    with served() as site, bare() as floor:
        people = browsers(campaign, site)
        insertion = request("POST", "/", urlencode([*people[0].hidden.items(), *typed()]))
        taken: dict[str, list[dict[str, Any]]] = {"ours": [], "floor": []}
        for number in range(ROUNDS + 1):  # the first of each warms up
            sent = [[person.post(number * EACH + seen) for seen in range(EACH)] for person in people]
            taken["ours"].append(_kept(drive(site, sent)))
            taken["floor"].append(_kept(drive(floor, [[insertion] * EACH] * CLIENTS)))
        acknowledged = (ROUNDS + 1) * EACH * CLIENTS + _sent_twice(site, people)
    lost, doubled = _count(campaign, acknowledged)
    ours, bare_rounds = taken["ours"][1:], taken["floor"][1:]
    what = (
        f"{rate(ours):.0f} submissions a second against {rate(bare_rounds):.0f} insertions by a bare Django, "
        f"{CLIENTS} clients, {acknowledged} acknowledged, {lost} lost, {doubled} doubled; "
        f"p95 {median(one['p95'] for one in ours):.0f} ms against {median(one['p95'] for one in bare_rounds):.0f}; "
        f"the client took {100 * median(map(share, ours)):.0f} and {100 * median(map(share, bare_rounds)):.0f} % "
        f"of the machine; load before {before}"
    )
    sys.stderr.write(f"{what}\n")
    assert (lost, doubled) == (0, 0)
    return Measure("survey_submit", what, _seconds(ours), _seconds(bare_rounds))


def rate(rounds: list[dict[str, Any]]) -> float:
    return 1 / median(_seconds(rounds))


def _seconds(rounds: list[dict[str, Any]]) -> list[float]:
    """Of one answer, in each round."""
    return [float(one["each"]) for one in rounds]


def _kept(found: dict[str, Any]) -> dict[str, Any]:
    statuses = Counter(status for row in found["statuses"] for status in row)
    assert set(statuses) == {OK}, statuses
    return found


def _sent_twice(site: int, people: list[Browser]) -> int:
    """Each page by two connections at the same time; how many submissions that makes."""
    seen = (ROUNDS + 1) * EACH
    pages = [[person.post(seen + turn, str(uuid4())) for turn in range(TWICE)] for person in people]
    for turn in range(TWICE):
        _kept(drive(site, [[page[turn]] for page in pages for _ in range(2)]))
    return TWICE * len(people)


def _count(campaign: Campaign, acknowledged: int) -> tuple[int, int]:
    """Submissions acknowledged that the database does not have, and versions too many."""
    versions = AnswerVersion.objects.filter(answer__entry__campaign=campaign)
    distinct = versions.values("submission").distinct().count()
    numbers = sum(Answer.objects.filter(entry__campaign=campaign).values_list("number", flat=True))
    assert numbers == versions.count()
    return acknowledged - distinct, versions.count() - acknowledged + (acknowledged - distinct)
