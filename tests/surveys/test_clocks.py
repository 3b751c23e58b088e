"""The application's clock may be wrong: the database's decides whether an answer still comes in (fault 15)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from deployment.choices import Function
from deployment.models import Establishment
from surveys.clock import current
from surveys.models import AnswerVersion, Campaign
from tests.surveys.factories import tokens
from tests.surveys.test_reply_pages import NONE, WHO, enter, hidden, invitation_of

pytestmark = pytest.mark.django_db
SOON = timedelta(minutes=2)
SKEW = timedelta(minutes=5)


@pytest.mark.parametrize("skew", [SKEW, -SKEW])
@pytest.mark.parametrize(("closes_in", "status"), [(SOON, 303), (-SOON, 410)])
def test_a_clock_five_minutes_off_refuses_and_accepts_nobody_wrongly(
    campaign: Campaign, staffed: Establishment, skew: timedelta, closes_in: timedelta, status: int
) -> None:
    before = current(campaign.academy)
    assert sent_with(campaign, staffed, skew, closes_in) == status
    kept = AnswerVersion.objects.first()
    assert (kept is not None) == (status == 303)
    assert kept is None or abs(kept.submitted_at - before) < SOON


@pytest.mark.parametrize(("skew", "closes_in"), [(SKEW, SOON), (-SKEW, -SOON)])
def test_decided_by_the_application_it_would_be_wrong(
    campaign: Campaign, staffed: Establishment, skew: timedelta, closes_in: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant twin: the clock asked is the other one."""
    monkeypatch.setattr("surveys.services.answers.local_now", lambda academy, db_now: timezone.now())
    monkeypatch.setattr("surveys.standing._now", lambda row: timezone.now())
    assert sent_with(campaign, staffed, skew, closes_in) == (410 if closes_in > timedelta() else 303)


def sent_with(campaign: Campaign, staffed: Establishment, skew: timedelta, closes_in: timedelta) -> int:
    """What is answered to who sends while the application's clock is off, that long before the closing."""
    browser, path = enter(tokens(campaign)[staffed.uai, Function.HEAD]), f"/reponse/{invitation_of(campaign).pk}/"
    typed = {**hidden(browser.get(path)), **NONE, **WHO, "act": "submit"}
    Campaign.objects.filter(pk=campaign.pk).update(closes_at=current(campaign.academy) + closes_in, grace_seconds=0)
    before = current(campaign.academy)
    with time_machine.travel(timezone.now() + skew, tick=True):
        assert skewed(timezone.now, before)
        return int(browser.post(path, typed).status_code)


def skewed(clock: Callable[[], datetime], truth: datetime) -> bool:
    """Whether the application's clock is off, and the database's is not."""
    return abs(clock() - truth) > SOON
