"""The register of posts agrees, after any acts, with a naive model that keeps every post and day by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from deployment.choices import Function
from deployment.models import Academy, Establishment, Holder, PostHolding
from deployment.services import agencies, posts
from deployment.services.agencies import Placement
from deployment.services.posts import Appointment, PostRefused
from tests.factories import make_establishment

PLACES = range(3)
DAYS = [date(2024, 1, 1) + timedelta(days=number) for number in range(3)]
VACANT = Holder("", "")
PERSONS = [Holder("Anne Aulne", "anne@demo.invalid"), Holder("Bakari Houx", ""), VACANT]
FUNCTIONS = [Function.HEAD, Function.ACCOUNTANT, Function.DEPUTY_ACCOUNTANT]


class Naive:
    """What was said of each post and of each establishment's agency, day by day; places are 0, 1, 2."""

    def __init__(self) -> None:
        self.said: dict[tuple[int, Function, int], dict[date, Holder]] = {}
        self.seats: dict[int, dict[date, int | None]] = {}

    def seat(self, one: int, day: date) -> int | None:
        seat: int | None = latest(self.seats.get(one, {}), day)
        return seat

    def allows(self, one: int, function: Function, number: int, day: date, holder: Holder) -> bool:
        if number > 1 and function != Function.DEPUTY_ACCOUNTANT:
            return False
        if function == Function.HEAD or one in {self.seat(other, day) for other in PLACES}:
            return True
        return holder == VACANT and latest(self.said.get((one, function, number), {}), day) is not None

    def holders(self, one: int, day: date) -> dict[Function, list[Holder]]:
        found = {}
        for function in FUNCTIONS:
            at = one if function == Function.HEAD else self.seat(one, day)
            told = [latest(self.said.get((at, function, n), {}), day) for n in (1, 2)] if at is not None else []
            if persons := [person for person in told if person]:
                found[function] = persons
        return found


def latest(values: dict[date, Any], day: date) -> Any:
    """What was said on the last day not after this one."""
    days = [known for known in values if known <= day]
    return values[max(days)] if days else None


APPOINT = st.tuples(
    st.sampled_from(PLACES),
    st.sampled_from(FUNCTIONS),
    st.integers(1, 2),
    st.sampled_from(DAYS),
    st.sampled_from(PERSONS),
)
ATTACH = st.tuples(st.sampled_from(PLACES), st.sampled_from([None, *PLACES]), st.sampled_from(DAYS))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.one_of(APPOINT, ATTACH), max_size=12))
@example(  # a departure that changed nothing does not hold against an attachment to an earlier day
    acts=[(0, 1, DAYS[0]), (2, None, DAYS[1]), (1, Function.ACCOUNTANT, 1, DAYS[0], PERSONS[0]), (2, 1, DAYS[0])]
)
def test_holders_agree_with_a_naive_model(grenoble: Academy, acts: list[Any]) -> None:
    with transaction.atomic():
        places, naive = [make_establishment(grenoble) for _ in PLACES], Naive()
        for act in acts:
            (_appoint if len(act) == 5 else _attach)(naive, places, *act)
        for day in DAYS:
            found = PostHolding.objects.holders([place.pk for place in places], day)
            assert [found[place.pk] for place in places] == [naive.holders(one, day) for one in PLACES]
        transaction.set_rollback(True)


def _attach(naive: Naive, places: list[Establishment], one: int, seat: int | None, day: date) -> None:
    placement = Placement(places[one], None if seat is None else places[seat], day)
    agencies.attach(places[one].academy, [placement], by=None, reason="Essai")
    if naive.seat(one, day) != seat:  # what changes nothing on its day is not said
        naive.seats.setdefault(one, {})[day] = seat


def _appoint(
    naive: Naive, places: list[Establishment], one: int, function: Function, number: int, day: date, holder: Holder
) -> None:
    allowed = naive.allows(one, function, number, day, holder)
    wanted = Appointment(places[one], function, holder.name, holder.email, day, number)
    try:
        posts.appoint(places[one].academy, [wanted], by=None, reason="Essai")
    except PostRefused:
        assert not allowed
    else:
        assert allowed
        said = naive.said.setdefault((one, function, number), {})
        if latest(said, day) != holder:
            said[day] = holder
