"""Slides drawn from the surveys: their headlines, what they show when nobody was asked, frozen and drawn again."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from cosui import services
from cosui.choices import SectionKind
from cosui.models import AgendaItem, Meeting, TypedSlide
from deployment.choices import Function, Sphere
from deployment.models import Academy
from surveys.choices import Purpose
from surveys.clock import happening_at
from surveys.models import Campaign, Invitation
from surveys.services import answers
from surveys.services.answers import Submission
from tests.factories import place
from tests.surveys.factories import make_campaign, make_staffed

SENT = timezone.make_aware(datetime(2024, 9, 20, 9))
DAY, ON = date(2024, 10, 8), date(2024, 9, 30)


@pytest.fixture
def meeting(grenoble: Academy) -> Meeting:
    grenoble.observed_on, grenoble.initial_volumetry_on = DAY, date(2024, 6, 28)
    grenoble.save()
    return services.plan_meeting(grenoble, DAY, by=None)


def point(meeting: Meeting, section: SectionKind) -> AgendaItem:
    return services.save_item(AgendaItem(meeting=meeting, title="Point", section=section, on=ON), by=None)


def asked(academy: Academy, purpose: Purpose, places: int = 2) -> Campaign:
    found = [make_staffed(academy) for _ in range(places)]
    for establishment in found:
        place(establishment, "V8")
    place(make_staffed(academy), "V9")
    with happening_at(SENT):
        return make_campaign(academy, purpose=purpose, establishments=found, closes_at=SENT + timedelta(days=9))


def say(campaign: Campaign, content: dict[str, object], function: Function = Function.HEAD) -> None:
    """The first establishment answers."""
    invitation = Invitation.objects.filter(entry__campaign=campaign, function=function).order_by("entry")[0]
    with happening_at(SENT + timedelta(hours=5)):
        answers.submit(invitation, Submission(uuid4(), content, "N", "", 0))


def headlines(meeting: Meeting) -> list[str]:
    content = services.freeze(meeting)
    assert services.draw(content).startswith(b"%PDF")
    return [slide["headline"] for slide in content["slides"]]


def person(**fields: object) -> dict[str, object]:
    return {"name": "N", "email": "", "function": "head", "sphere": "ordering", "spheres": ["ordering"]} | fields


def test_training_needs(meeting: Meeting) -> None:
    campaign = asked(meeting.academy, Purpose.TRAINING_NEEDS)
    point(meeting, SectionKind.TRAINING)
    assert headlines(meeting) == ["0 établissement sur 2 a répondu : 0 personnel à former en sphère ordonnateur"]
    say(campaign, {"none": False, "people": [person(), person(sphere="accounting")], "comment": ""})
    assert headlines(meeting) == ["1 établissement sur 2 a répondu : 1 personnel à former en sphère ordonnateur"]


def test_volunteers_come_after_the_typed_slides(meeting: Meeting) -> None:
    campaign = asked(meeting.academy, Purpose.TUTOR_VOLUNTEERS)
    item = point(meeting, SectionKind.VOLUNTEERS)
    services.save_slide(TypedSlide(item=item, headline="Un besoin", text="- Un"), by=None)
    assert headlines(meeting) == ["Un besoin", "Aucun volontaire pour assurer un accompagnement"]
    people = [person(), person(spheres=[Sphere.ACCOUNTING.value]), person()]
    say(campaign, {"none": False, "people": people})
    assert headlines(meeting) == ["Un besoin", "3 volontaires, dont 1 en sphère comptable"]


@pytest.mark.parametrize("section", [SectionKind.TRAINING, SectionKind.VOLUNTEERS])
def test_nobody_asked_yet(meeting: Meeting, section: SectionKind) -> None:
    point(meeting, section)
    assert headlines(meeting) == ["Aucune enquête n’était envoyée à cette date"]


def test_wishes_stand_with_the_volumetry_once_asked(meeting: Meeting) -> None:
    asked(meeting.academy, Purpose.TRAINING_NEEDS)
    point(meeting, SectionKind.VOLUMETRY)
    assert len(headlines(meeting)) == 3
    campaign = asked(meeting.academy, Purpose.WAVE_WISH)
    for function in (Function.HEAD, Function.ACCOUNTANT):
        say(campaign, {"wave": "V9", "reason": "workload", "comment": ""}, function)
    assert "1 établissement souhaite changer pour V9" in headlines(meeting)
