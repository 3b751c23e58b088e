"""Instants typed in Paris time, over the whole year 2026."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from surveys.forms.times import HourRefused, parse, render

FIRST = datetime(2025, 12, 31, 23, tzinfo=UTC)
DOUBLED = (datetime(2026, 10, 25, 0, tzinfo=UTC), datetime(2026, 10, 25, 2, tzinfo=UTC))
HALF_HOUR = timedelta(minutes=30)


def test_every_instant_of_2026_is_read_back_as_shown_or_refused_in_the_doubled_hour() -> None:
    refused = []
    for number in range(365 * 48):
        instant = FIRST + number * HALF_HOUR
        try:
            assert parse(render(instant)) == instant
        except HourRefused:
            refused.append(instant)
    assert refused == [DOUBLED[0] + number * HALF_HOUR for number in range(4)]


def test_every_half_hour_typed_in_2026_is_shown_as_typed_or_refused() -> None:
    refused = []
    for number in range(365 * 48):
        typed = f"{datetime(2026, 1, 1) + number * HALF_HOUR:%Y-%m-%dT%H:%M}"
        try:
            assert render(parse(typed)) == typed
        except HourRefused:
            refused.append(typed)
    assert refused == ["2026-03-29T02:00", "2026-03-29T02:30", "2026-10-25T02:00", "2026-10-25T02:30"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2026-03-29T02:30", "Le 29/03/2026 à 02 h 30 n’existe pas : on passe à l’heure d’été."),
        ("2026-10-25T02:30", "Le 25/10/2026 à 02 h 30 arrive deux fois : on passe à l’heure d’hiver."),
        ("demain", "Date ou heure illisible"),
        ("2026-13-01T10:00", "Date ou heure illisible"),
        ("", "Date ou heure illisible"),
    ],
)
def test_an_hour_that_names_no_instant_is_refused_with_a_sentence(typed: str, said: str) -> None:
    with pytest.raises(HourRefused) as refusal:
        parse(typed)
    assert str(refusal.value).startswith(said)


def test_a_french_date_is_read_in_paris_time_winter_and_summer() -> None:
    assert parse("08/10/2024 18:00") == datetime(2024, 10, 8, 16, tzinfo=UTC)
    assert parse("15/01/2026 18:00") == datetime(2026, 1, 15, 17, tzinfo=UTC)
    assert timezone.get_default_timezone_name() == "Europe/Paris"
