"""The figures of the surveys equal a count made by hand over random answers, versions, dates and days asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deployment.choices import Function, Sphere
from deployment.models import Academy
from surveys.choices import Purpose
from surveys.figures.persons import training_needs, tutor_volunteers
from surveys.figures.responses import response_curve, response_rate
from surveys.models import Answer, AnswerVersion, Campaign
from tests.surveys.factories import make_campaign, make_staffed

SENT = timezone.make_aware(datetime(2024, 9, 24, 10))
CLOSES = timezone.make_aware(datetime(2024, 10, 3, 18))
PLACES = 4

emails = st.sampled_from(["", "a@x.fr", "A@x.fr ", "b@x.fr", "c@x.fr"])
trainees = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.just("N"),
            "email": emails,
            "function": st.sampled_from(Function.values),
            "sphere": st.sampled_from(Sphere.values),
        }
    ),
    max_size=4,
)
spheres = st.lists(st.sampled_from(Sphere.values), min_size=1, max_size=2, unique=True)
volunteers = st.lists(
    st.fixed_dictionaries(
        {"name": st.just("N"), "email": emails, "function": st.sampled_from(Function.values), "spheres": spheres}
    ),
    max_size=4,
)
hours = st.integers(1, 24 * 14).map(lambda hour: SENT + timedelta(hours=hour))
days = st.dates(date(2024, 9, 23), date(2024, 10, 9))


def answered(people: Any) -> Any:
    """(place, instant, persons) of each version, in the order of submission."""
    version = st.tuples(st.integers(0, PLACES - 1), hours, people)
    return st.lists(version, max_size=8).map(lambda said: sorted(said, key=lambda one: one[1]))


def a_campaign(academy: Academy, purpose: Purpose, *said: Any) -> Campaign:
    """Sent to `PLACES` establishments, each of which has said that."""
    places = [make_staffed(academy, with_agency=False) for _ in range(PLACES)]
    campaign = make_campaign(
        academy, purpose=purpose, establishments=places, opens_at=SENT, closes_at=CLOSES,
        asked=[Function.HEAD.value], copied=[],
    )  # fmt: skip
    Campaign.objects.filter(pk=campaign.pk).update(sent_at=SENT)
    say(campaign, said)
    return campaign


def say(campaign: Campaign, said: Any) -> None:
    answers = list(Answer.objects.filter(entry__campaign=campaign).order_by("pk"))
    for place, instant, people in said:
        answer = answers[place]
        answer.number += 1
        AnswerVersion.objects.create(
            answer=answer, number=answer.number, submission=uuid4(), content={"none": not people, "people": people},
            name="N", submitted_at=instant, is_late=instant > CLOSES, origin="link",
        )  # fmt: skip


@contextmanager
def undone() -> Iterator[None]:
    """What is written inside is rolled back: each example of Hypothesis begins with a campaign without answer."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def training(grenoble: Academy) -> Campaign:
    return a_campaign(grenoble, Purpose.TRAINING_NEEDS)


@pytest.fixture
def tutoring(grenoble: Academy) -> Campaign:
    return a_campaign(grenoble, Purpose.TUTOR_VOLUNTEERS)


def current(said: list[tuple[int, datetime, Any]], on: date, known_at: datetime | None) -> dict[int, Any]:
    """By place, what it had said last by the end of that day and by that instant."""
    last = {}
    for place, instant, people in said:
        if timezone.localtime(instant).date() <= on and (known_at is None or instant <= known_at):
            last[place] = people
    return last


def persons(last: dict[int, Any], keep: Any) -> set[Any]:
    return {
        line["email"].strip().lower() or (place, rank)
        for place, lines in last.items()
        for rank, line in enumerate(lines)
        if keep(line)
    }


usual = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@usual
@given(said=answered(trainees), on=days, known_at=st.none() | hours)
def test_training_needs(training: Campaign, said: Any, on: date, known_at: datetime | None) -> None:
    with undone():
        say(training, said)
        figure = training_needs(training.academy, on=on, known_at=known_at, campaign=training.pk)
    last = current(said, on, known_at)
    is_sent = timezone.localtime(SENT).date() <= on and (known_at is None or known_at >= SENT)
    data = figure.data()
    assert (data["asked"], data["answered"]) == ((PLACES, len(last)) if is_sent else (0, 0))
    for sphere in Sphere:
        assert data[sphere]["total"] == len(persons(last, lambda line, s=sphere: line["sphere"] == s))
    functions = [part.value for part in figure.parts if part.key.startswith("ordering/") and not part.is_group]
    assert sum(functions) == data["ordering"]["total"]
    assert all(len(figure.rows.get(part.key, ())) == part.value for part in figure.parts)


@usual
@given(said=answered(volunteers), on=days, known_at=st.none() | hours)
def test_tutor_volunteers(tutoring: Campaign, said: Any, on: date, known_at: datetime | None) -> None:
    with undone():
        say(tutoring, said)
        figure = tutor_volunteers(tutoring.academy, on=on, known_at=known_at, campaign=tutoring.pk)
    last, data = current(said, on, known_at), figure.data()
    assert data["answered"] == len(last)
    assert data["volunteers"] == len(persons(last, lambda line: True))
    for sphere in Sphere:
        assert data[sphere.value] == len(persons(last, lambda line, s=sphere: s in line["spheres"]))
    assert data["rate"] == (round(100 * len(last) / PLACES, 1) if data["asked"] else None)
    assert all(len(figure.rows.get(part.key, ())) == part.value for part in figure.parts)


@usual
@given(said=answered(trainees), on=days)
def test_responses_over_time(training: Campaign, said: Any, on: date) -> None:
    with undone():
        say(training, said)
        rate = response_rate(training.academy, on=on, campaign=training.pk)
        curve = response_curve(training.academy, on=on, campaign=training.pk)
    assert rate.part == len(current(said, on, None))
    for point, value in zip(curve.points, curve.values["answers"], strict=True):
        day = datetime.strptime(point, "%d/%m/%Y").date()
        assert value == len(current(said, day, None)) == len(curve.rows[f"answers/{point}"])
    assert not curve.points or curve.points[-1] == f"{on:%d/%m/%Y}"


@pytest.mark.parametrize("seconds, answered", [(-1, 1), (0, 0), (1, 0)])
def test_a_day_ends_at_midnight_in_paris(grenoble: Academy, seconds: int, answered: int) -> None:
    midnight = timezone.make_aware(datetime(2024, 10, 4)) + timedelta(seconds=seconds)
    campaign = a_campaign(grenoble, Purpose.TRAINING_NEEDS, (0, midnight, []))
    figure = training_needs(campaign.academy, on=date(2024, 10, 3), campaign=campaign.pk)
    assert figure.data()["answered"] == answered
    assert training_needs(campaign.academy, on=date(2024, 10, 4), campaign=campaign.pk).data()["answered"] == 1


@pytest.mark.parametrize("seconds, answered", [(-1, 0), (0, 1), (1, 1)])
def test_what_was_known_at_an_instant(grenoble: Academy, seconds: int, answered: int) -> None:
    instant = SENT + timedelta(hours=30)
    campaign = a_campaign(grenoble, Purpose.TRAINING_NEEDS, (0, instant, []))
    known_at = instant + timedelta(seconds=seconds)
    figure = training_needs(campaign.academy, on=date(2024, 10, 3), known_at=known_at, campaign=campaign.pk)
    assert figure.data()["answered"] == answered


@pytest.mark.parametrize("seconds, asked", [(-1, PLACES), (0, 0)])
def test_a_campaign_counts_from_the_day_of_its_sending(grenoble: Academy, seconds: int, asked: int) -> None:
    campaign = a_campaign(grenoble, Purpose.TRAINING_NEEDS)
    Campaign.objects.update(sent_at=timezone.make_aware(datetime(2024, 9, 25)) + timedelta(seconds=seconds))
    assert training_needs(campaign.academy, on=date(2024, 9, 24)).data()["asked"] == asked
