"""The page filled into a skeleton is the page that its templates draw, whatever is written in it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from deployment.choices import Function, Sphere
from deployment.models import Academy, Establishment
from surveys import standing
from surveys.choices import Purpose, QuestionKind, WishReason
from surveys.models import Campaign, Invitation, Link, Question
from surveys.skeletons import Holes, Skeleton
from surveys.views import reply_sheet
from surveys.views.bearer import Bearer
from surveys.views.reply_form import Place, page
from surveys.views.reply_sheet import sheet
from tests.factories import make_wave
from tests.surveys.factories import make_campaign, make_staffed

pytestmark = pytest.mark.django_db

HOSTILE = [
    '"><script>alert(1)</script>',
    "{{ 7|add:7 }}{% url 'home' %}",
    "O’Neil & 'fils'",
    "\n<\n",
    "&amp;",
    "é🌊\u202e",
    "",
]
TEXTS = st.sampled_from(HOSTILE) | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
LINE = st.fixed_dictionaries(
    {},
    optional={
        "name": TEXTS,
        "email": TEXTS,
        "function": TEXTS | st.sampled_from(Function.values),
        "sphere": TEXTS | st.sampled_from(Sphere.values) | st.none(),
        "spheres": st.lists(TEXTS | st.sampled_from(Sphere.values), max_size=2),
        "capacity": st.none() | TEXTS | st.integers(0, 9999),
        "is_remote": st.booleans() | st.none(),
        "starts_on": TEXTS | st.just("2026-09-01"),
        "need": TEXTS,
    },
)
VALUE = TEXTS | st.lists(TEXTS | st.sampled_from(["<b>", "&"]), max_size=2) | st.integers() | st.floats(-9e9, 9e9)
CONTENT = st.fixed_dictionaries(
    {},
    optional={
        "people": st.lists(LINE, max_size=4),
        "none": st.none() | st.booleans(),
        "comment": TEXTS,
        "wave": TEXTS | st.just("V9"),
        "reason": TEXTS | st.sampled_from(WishReason.values),
        "values": st.lists(VALUE, min_size=6, max_size=6),
    },
)
FULL: dict[str, Any] = {
    "people": [{"name": "<", "spheres": ["ordering"], "is_remote": True, "function": "head", "sphere": "ordering"}] * 2,
    "none": False,
    "wave": "V9",
    "reason": "works",
}
WORDS = st.lists(TEXTS, min_size=9, max_size=9)
KINDS = [kind for kind in QuestionKind if kind != QuestionKind.FILE]


def ask(academy: Academy, staffed: Establishment, purpose: Purpose) -> Campaign:
    choices = "<b>\n&\nx"
    questions = [
        Question(kind=kind, label=f"<i>{kind}", help_text="&", choices=choices, is_required=False) for kind in KINDS
    ]
    many = Question(kind=QuestionKind.SINGLE, label="9", choices="\n".join("abcdefgh<"), is_required=True)
    options = {"questions": [*questions, many]} if purpose == Purpose.QUESTIONNAIRE else {}
    return make_campaign(academy, establishments=[staffed], purpose=purpose, **options)


def stand_before(campaign: Campaign) -> Place:
    """As `reply_form.stand`, for the head of the first establishment."""
    invitation = Invitation.objects.filter(entry__campaign=campaign, function=Function.HEAD).earliest("pk")
    link = Link.objects.get(recipient=invitation.recipient)
    found = standing.stands(invitation.pk, [link.pk])
    assert found
    bearer = Bearer(found.link, found.invitation)
    return Place(bearer, found.answer, found.now, is_delegated=found.is_delegated, is_usual=True)


def dress(place: Place, words: list[str], content: dict[str, Any] | None, number: int, *, is_draft: bool) -> None:
    """Write these words wherever somebody's words are shown, and this content as what was typed or sent."""
    establishment, recipient = place.bearer.entry.establishment, place.bearer.link.recipient
    establishment.name, establishment.town, recipient.name, place.answer.submitted_by = words[:4]
    place.campaign.title, place.campaign.introduction, place.answer.draft_by = words[4:7]
    place.campaign.academy.service_name, place.campaign.academy.ministry_block = words[7:9]
    place.answer.number = place.answer.draft_revision = number
    place.answer.submitted_at = place.now - timedelta(days=1) if number else None
    if content is not None and "values" in content:
        keys = [str(row.pk) for row in place.campaign.questions.all()]
        content = {**content, "values": dict(zip(keys, content["values"], strict=False))}
    place.answer.draft, place.answer.draft_saved_at = content, place.now if is_draft else None
    place.__dict__["version"] = None  # read already: there is none


def masked(html: bytes) -> str:
    """The page without what is drawn anew each time."""
    text = re.sub(r'(name="(?:submission|csrfmiddlewaretoken)" value=)"[^"]*"', r'\1""', html.decode())
    return re.sub(r'"x-csrftoken": "\w{64}"', "", text)


def browse() -> HttpRequest:
    return RequestFactory().get("/reponse/1/")


@pytest.mark.parametrize("purpose", Purpose)
def test_a_filled_skeleton_is_the_page_that_templates_draw(
    grenoble: Academy, staffed: Establishment, purpose: Purpose
) -> None:
    make_wave(grenoble, "V9")
    campaign = ask(grenoble, staffed, purpose)

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(words=WORDS, content=st.none() | CONTENT, number=st.integers(0, 12_000), is_draft=st.booleans())
    @example(
        words=HOSTILE[:1] * 9, content=FULL | {"values": ["<b>", ["<b>"], 1.5, None, "x", "a"]}, number=0, is_draft=True
    )
    def compare(words: list[str], content: dict[str, Any] | None, number: int, *, is_draft: bool) -> None:
        place = stand_before(campaign)
        dress(place, words, content, number, is_draft=is_draft)
        filled = sheet(browse(), place)
        assert filled
        assert masked(filled.content) == masked(page(browse(), place, place.form(), place.respondent()).content)

    compare()


def test_two_persons_share_a_skeleton_and_nothing_else(grenoble: Academy) -> None:
    places = [make_staffed(grenoble, name=name, town="Voiron") for name in ("Collège <A>", "Collège B")]
    campaign = make_campaign(grenoble, establishments=places)
    reply_sheet.skeleton.cache_clear()
    pages = []
    for invitation in Invitation.objects.filter(entry__campaign=campaign).order_by("pk"):
        found = standing.stands(invitation.pk, [Link.objects.get(recipient=invitation.recipient).pk])
        assert found
        place = Place(Bearer(found.link, found.invitation), found.answer, found.now, is_delegated=False, is_usual=True)
        filled = sheet(browse(), place)
        assert filled
        pages.append(filled.content.decode())
    assert reply_sheet.skeleton.cache_info().currsize == 1
    assert "Collège &lt;A&gt;" in pages[0] and "Collège B" not in pages[0]
    assert "Collège B" in pages[1] and "Collège &lt;A&gt;" not in pages[1]


@pytest.mark.parametrize("cookie", ["sessionid", "messages"])
def test_a_browser_that_may_be_of_somebody_signed_in_gets_a_page_of_its_own(
    grenoble: Academy, staffed: Establishment, cookie: str
) -> None:
    place, request = stand_before(ask(grenoble, staffed, Purpose.TRAINING_NEEDS)), browse()
    assert sheet(request, place)
    request.COOKIES[cookie] = "x"
    assert sheet(request, place) is None


def test_a_file_or_a_crowd_is_drawn_for_itself(grenoble: Academy, staffed: Establishment) -> None:
    question = Question(kind=QuestionKind.FILE, label="Budget")
    campaign = make_campaign(grenoble, establishments=[staffed], purpose=Purpose.QUESTIONNAIRE, questions=[question])
    assert sheet(browse(), stand_before(campaign)) is None
    place = stand_before(ask(grenoble, staffed, Purpose.TRAINING_NEEDS))
    place.answer.draft = {"people": [{"name": "x"}] * 13}
    assert sheet(browse(), place) is None


def test_a_text_is_never_taken_for_a_hole() -> None:
    holes = Holes()
    hole = holes("name")
    page = Skeleton(f"<p>{hole}</p><i {hole.told(lambda value: 'checked' if value else '')}>", holes)
    assert page.filled({"name": f"<{hole}>"}) == f"<p>&lt;{hole}&gt;</p><i checked>".encode()
    other = Holes()
    assert Skeleton(f"{hole}{other('name')}", other).filled({"name": "x"}) == f"{hole}x".encode()
