"""One person, two campaigns: the link of the one opens the other, and what is taken back in the other stays closed."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client

from accounts.choices import MailState
from accounts.models import OutgoingEmail, User
from deployment.choices import Function
from deployment.models import Academy, Establishment
from surveys.clock import current
from surveys.emails import deadline
from surveys.models import AnswerVersion, Campaign, Invitation, Link
from surveys.services import links
from surveys.views.reply_form import began
from tests.surveys.factories import make_campaign, tokens
from tests.surveys.following import asked, rows_of
from tests.surveys.test_reply_pages import NONE, WHO, child_token, close, delegate, enter, hidden


@dataclass
class Meeting:
    """The head holds the link of `first` only; `path` is the page of `second`, which asks the same person."""

    second: Campaign
    row: Invitation
    browser: Client
    path: str


@pytest.fixture
def two(grenoble: Academy, staffed: Establishment) -> Meeting:
    first = make_campaign(grenoble, establishments=[staffed], asked=["head"], title="Première enquête")
    later = current(grenoble) + timedelta(days=40)
    second = make_campaign(grenoble, establishments=[staffed], asked=["head"], title="Seconde enquête", closes_at=later)
    row = asked(second, staffed)
    return Meeting(second, row, enter(tokens(first)[staffed.uai, Function.HEAD]), f"/reponse/{row.pk}/")


def test_what_is_taken_back_in_one_campaign_is_not_opened_by_the_link_of_another(two: Meeting, samir: User) -> None:
    typed = {**hidden(two.browser.get(two.path)), **NONE, **WHO, "act": "submit"}
    links.withdraw(two.second, rows_of(two.second), by=samir)
    assert two.browser.get(two.path).status_code == 404
    assert two.browser.post(two.path, typed).status_code == 404
    assert "Seconde enquête" not in two.browser.get("/reponse/").content.decode()
    assert "Première enquête" in two.browser.get("/reponse/").content.decode()
    assert not AnswerVersion.objects.exists()


def test_a_colleague_is_told_of_the_campaign_that_is_handed_on(two: Meeting) -> None:
    assert delegate(two.browser, two.path).status_code == 303
    mail = OutgoingEmail.objects.get(key__startswith="survey-delegation-")
    assert "Seconde enquête" in mail.text and "Première enquête" not in mail.text
    assert deadline(two.second.closes_at) in mail.text


def test_a_colleague_loses_what_is_taken_back_in_that_campaign(two: Meeting, samir: User) -> None:
    delegate(two.browser, two.path)
    colleague = enter(child_token())
    assert colleague.get(two.path).status_code == 200
    links.withdraw(two.second, rows_of(two.second), by=samir)
    assert colleague.get(two.path).status_code == 404
    assert OutgoingEmail.objects.get(key__startswith="survey-delegation-").state == MailState.CANCELLED


def test_nothing_is_handed_on_once_it_is_over(two: Meeting) -> None:
    close(two.second)
    refused = delegate(two.browser, two.path)
    assert refused.status_code == 400 and "est close" in refused.content.decode()
    assert not Link.objects.filter(parent__isnull=False).exists()


def test_a_form_badly_filled_in_after_the_closing_is_told_that_it_is_over(two: Meeting) -> None:
    form = hidden(two.browser.get(two.path))
    close(two.second)
    late = two.browser.post(two.path, {**form, "act": "submit"})
    assert late.status_code == 410


def test_a_form_badly_filled_in_within_the_grace_can_still_be_corrected(two: Meeting, grenoble: Academy) -> None:
    form = hidden(two.browser.get(two.path)) | {"began": began(two.row, current(grenoble) - timedelta(minutes=9))}
    close(two.second, timedelta(minutes=3))
    assert two.browser.post(two.path, {**form, "act": "submit"}).status_code == 400
    assert two.browser.post(two.path, {**form, **NONE, **WHO, "act": "submit"}).status_code == 303
    assert AnswerVersion.objects.get().is_late
