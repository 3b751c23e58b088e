"""A year after somebody has left a post, the register no longer names them, and still tells that it was held."""

from datetime import date, datetime, timedelta

import pytest
import time_machine

from deployment.choices import Function
from deployment.models import Academy, PostHolding
from opale_pilot.privacy import purge
from opale_pilot.privacy.identity import NOBODY
from tests.factories import appoint, make_establishment

LEFT_ON = date(2024, 9, 1)
LEFT_AT = datetime.fromisoformat("2024-09-01T08:00:00+02:00")


def purged_at(instant: datetime) -> list[tuple[str, str]]:
    with time_machine.travel(instant, tick=False):
        purge.purge()
    return list(PostHolding.objects.order_by("effective_on").values_list("name", "email"))


@pytest.fixture
def posts(grenoble: Academy) -> Academy:
    """Ada holds a post from 2022, Bob from 1 September 2024."""
    head = make_establishment(grenoble)
    with time_machine.travel(LEFT_AT, tick=True):
        appoint(head, Function.HEAD, "Ada Exemple", "ada@exemple.test", on=date(2022, 9, 1))
        appoint(head, Function.HEAD, "Bob Exemple", "bob@exemple.test", on=LEFT_ON)
    return grenoble


def test_the_day_before_a_year_everyone_is_named(posts: Academy) -> None:
    named = [("Ada Exemple", "ada@exemple.test"), ("Bob Exemple", "bob@exemple.test")]
    assert purged_at(LEFT_AT + timedelta(days=364)) == named


def test_the_day_after_only_who_left_is_forgotten(posts: Academy) -> None:
    expected = [(NOBODY, ""), ("Bob Exemple", "bob@exemple.test")]
    assert purged_at(LEFT_AT + timedelta(days=366)) == expected
    holder = PostHolding.objects.holders(posts.establishments.values_list("pk", flat=True), date(2023, 1, 1))
    assert [not h.is_vacant for held in holder.values() for h in held[Function.HEAD]] == [True]
    assert purged_at(LEFT_AT + timedelta(days=800)) == expected


def test_an_academy_that_observes_another_day_is_left_alone(posts: Academy) -> None:
    posts.observed_on = date(2024, 10, 8)
    posts.save()
    assert purged_at(LEFT_AT + timedelta(days=800))[0] == ("Ada Exemple", "ada@exemple.test")
