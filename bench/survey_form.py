"""The form opened by fifty clients at once, beside the very same page as a static template of a bare Django."""

from __future__ import annotations

import sys
from collections import Counter
from statistics import median
from typing import Any

from bench.harness import ROUNDS, Measure
from bench.survey_site import CLIENTS, bare, browsers, campaign_of, drive, load, page_of, request, served, share

EACH = 24
OK = 200


def measure() -> Measure:
    campaign = campaign_of(CLIENTS)
    before = load()
    with served() as site:
        people = browsers(campaign, site)
        page = page_of(site, people[0])
        with bare(page) as floor:
            taken: dict[str, list[dict[str, Any]]] = {"ours": [], "floor": []}
            for _ in range(ROUNDS + 1):
                taken["ours"].append(_shown(drive(site, [[person.get()] * EACH for person in people])))
                taken["floor"].append(_shown(drive(floor, [[request("GET", "/", "")] * EACH] * CLIENTS)))
    ours, floor_rounds = taken["ours"][1:], taken["floor"][1:]
    what = (
        f"{rate(ours):.0f} forms a second against {rate(floor_rounds):.0f} static templates of the same "
        f"{len(page.encode()) / 1000:.0f} kB by a bare Django, {CLIENTS} clients; "
        f"p95 {median(one['p95'] for one in ours):.0f} ms against {median(one['p95'] for one in floor_rounds):.0f}; "
        f"the client took {100 * median(map(share, ours)):.0f} and {100 * median(map(share, floor_rounds)):.0f} % "
        f"of the machine; load before {before}"
    )
    sys.stderr.write(f"{what}\n")
    return Measure(
        "survey_form", what, [float(one["each"]) for one in ours], [float(one["each"]) for one in floor_rounds]
    )


def rate(rounds: list[dict[str, Any]]) -> float:
    return 1 / median(float(one["each"]) for one in rounds)


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    statuses = Counter(status for row in found["statuses"] for status in row)
    assert set(statuses) == {OK}, statuses
    return found
