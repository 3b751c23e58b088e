"""Who tutors whom: the register read for the screens and the matching, and the load of each tutor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from deployment.models import Academy
from tutoring.models import Assignment


def standing_rows(academy: Academy, on: date) -> list[Assignment]:
    """Tutorships in force on that day or written for a later one, by need then by day; one query.

    An end already written for a later day does not free the tutor before it.
    """
    rows = Assignment.objects.filter(need__wave__academy=academy).replayed(date.max)
    now: dict[int, Assignment] = {}
    later: dict[int, dict[date, Assignment]] = defaultdict(dict)
    for row in rows.select_related("need__agency__seat", "need__wave", "tutor"):
        if row.effective_on <= on:
            now[row.need_id] = row
        else:
            later[row.need_id][row.effective_on] = row
    found = [*now.values(), *(row for days in later.values() for row in days.values())]
    served = [row for row in found if row.tutor_id]
    return sorted(served, key=lambda row: (row.need.wave.rank, row.need.agency.seat.name, row.need.sphere, row.pk))


def loads(rows: Iterable[Assignment]) -> dict[int, int]:
    """How many needs each tutor serves, by primary key, among these rows."""
    needs: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        if row.tutor_id:
            needs[row.tutor_id].add(row.need_id)
    return {tutor: len(served) for tutor, served in needs.items()}
