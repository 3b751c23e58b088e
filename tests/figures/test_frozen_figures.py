"""What is frozen is found again: every kind, whatever its content, through real JSON."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from figures.breakdowns import Breakdown, Part, Share
from figures.deck import Deck
from figures.frozen import KINDS, thaw
from figures.kinds import (
    Count,
    CrossTable,
    Exclusion,
    Figure,
    Paragraph,
    Place,
    PointMap,
    Population,
    Rate,
    Row,
    Series,
    Statement,
    Vocabulary,
)
from tests.figures import samples

words = st.text(max_size=12)
sizes = st.integers(0, 10_000)
counted = st.dictionaries(words, st.integers(-500, 500), max_size=4)
days = st.dates(date(2020, 1, 1), date(2040, 1, 1))
pairs = st.lists(st.tuples(words, words), max_size=4).map(tuple)
populations = st.builds(Population, words, sizes, st.lists(st.builds(Exclusion, words, sizes), max_size=3).map(tuple))
shared: dict[str, Any] = {
    "name": words,
    "title": words,
    "academy": words,
    "on": days,
    "population": populations,
    "source": words,
    "known_at": st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
    "parameters": st.dictionaries(words, words, max_size=3),
    "unit": words,
    "rows": st.dictionaries(words, st.lists(words, max_size=3).map(tuple), max_size=3),
}
vocabularies = st.builds(Vocabulary, words, words, words, words, words, st.booleans())
coordinates = st.floats(-1e7, 1e7)


@st.composite
def series(draw: Any) -> Series:
    points = tuple(draw(st.lists(words, max_size=4)))
    line = st.lists(sizes, min_size=len(points), max_size=len(points)).map(tuple)
    values = draw(st.dictionaries(words, line, max_size=3))
    labels = {key: draw(words) for key in values}
    fields = {name: draw(strategy) for name, strategy in shared.items()}
    return Series(**fields, points=points, values=values, labels=labels, point_heading=draw(words))


@st.composite
def breakdowns(draw: Any) -> Breakdown:
    keys = draw(st.lists(st.sampled_from(("a", "b/total", "b/c", "d/e/f")), unique=True))
    parts = tuple(
        Part(key, draw(words), draw(sizes), draw(words), draw(words), draw(st.booleans())) for key in keys
    )  # fmt: skip
    one = st.sampled_from(keys) if keys else st.nothing()
    shares = tuple(draw(st.lists(st.builds(Share, words, words, one, one), max_size=2)))
    fields = {name: draw(strategy) for name, strategy in shared.items()}
    return Breakdown(**fields, parts=parts, shares=shares, drawn=tuple(keys[1:]), drawn_title=draw(words))


figures = st.one_of(
    breakdowns(),
    st.builds(Count, **shared, value=sizes),
    st.builds(Rate, **shared, part=sizes, whole=sizes, part_label=words),
    st.builds(
        CrossTable,
        **shared,
        columns=pairs,
        lines=st.lists(st.builds(Row, words, words, counted, counted), max_size=3).map(tuple),
        words=vocabularies,
        signed=st.booleans(),
        lines_add_up=st.booleans(),
    ),
    series(),
    st.builds(
        Statement,
        **shared,
        paragraphs=st.lists(st.builds(Paragraph, words, st.integers(0, 2), st.booleans()), max_size=4).map(tuple),
    ),
    st.builds(
        PointMap,
        **shared,
        groups=pairs,
        places=st.lists(st.builds(Place, words, words, words, coordinates, coordinates), max_size=3).map(tuple),
        outlines=st.lists(words, max_size=3).map(tuple),
        unlocated=sizes,
    ),
)


@given(figures)
def test_any_figure_thaws_to_itself(figure: Figure) -> None:
    assert thaw(json.loads(json.dumps(figure.freeze()))) == figure


def test_every_kind_has_a_sample() -> None:
    assert {figure.kind for figure in samples.every_figure()} == set(KINDS)


@given(figures)
def test_envelope_always_has_the_same_keys(figure: Figure) -> None:
    assert list(figure.envelope()) == ["figure", "title", "academy", "on", "population", "source", "data"]


def test_deck_thaws_to_itself() -> None:
    deck = samples.deck()
    assert Deck.thaw(json.loads(json.dumps(deck.freeze()))) == deck


def test_truncated_content_is_refused() -> None:
    frozen = samples.volumetry().freeze()
    del frozen["own"]
    with pytest.raises(KeyError):
        thaw(frozen)
