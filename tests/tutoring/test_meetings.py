"""Meetings of tutors: who notes what, and actions followed until they are closed, late ones told on the home page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from deployment.models import Wave
from tests.factories import make_establishment
from tests.tutoring.conftest import make_tutor
from tests.tutoring.test_pages import queries
from tutoring.choices.work import ActionState
from tutoring.models import ActionEvent, ImprovementAction, Remark, Tutor, TutorMeeting
from tutoring.services import meetings
from tutoring.services.refusals import TutoringRefused

Signed = Callable[[User], Client]
HOME = "/grenoble/tutorat/"
MEETINGS = f"{HOME}reunions/"
ACTION = {"title": "Refaire la fiche des régies", "owner": "EAFC", "due_on": "2024-10-01"}


@pytest.fixture
def lea(v7: Wave) -> Tutor:
    return make_tutor(v7.academy, "Léa Tutrice")


@pytest.fixture
def meeting(v7: Wave, lea: Tutor) -> TutorMeeting:
    row = TutorMeeting(academy=v7.academy, held_on=date(2024, 9, 24), title="Bilan", organisers="SA EPLE et EAFC")
    return meetings.hold(row, [lea], by=None)


def text(response: Any) -> str:
    return str(response.content.decode())


def test_the_service_holds_a_meeting(v7: Wave, lea: Tutor, samir: User, emma: User, signed: Signed) -> None:
    asked = {"title": "Rentrée", "held_on": "2024-09-24", "organisers": "SA EPLE", "present": [str(lea.pk)]}
    url = f"{MEETINGS}ajouter/"
    assert signed(emma).post(url, asked).status_code == 403
    assert signed(samir).post(url, asked | {"present": ["999"]}).status_code == 400
    assert signed(samir).post(url, asked).status_code == 302
    assert "déjà notée" in text(signed(samir).post(url, asked))
    row = TutorMeeting.objects.get()
    assert list(row.present.all()) == [lea]
    assert signed(samir).post(f"{MEETINGS}{row.pk}/presents/", {"csrfmiddlewaretoken": "x"}).status_code == 302
    assert not row.present.exists()


def test_remarks_and_actions_are_followed_by_the_training_too(
    meeting: TutorMeeting, lea: Tutor, emma: User, signed: Signed
) -> None:
    url = f"{MEETINGS}{meeting.pk}/"
    browser = signed(emma)
    assert browser.post(f"{url}remarque/", {"tutor": "0", "text": "x"}).status_code == 400
    assert browser.post(f"{url}remarque/", {"tutor": lea.pk, "text": "Les régies"}).status_code == 302
    assert "ne peut pas précéder" in text(browser.post(f"{url}action/", ACTION | {"due_on": "2024-09-01"}))
    assert browser.post(f"{url}action/", ACTION).status_code == 302
    action = ImprovementAction.objects.get()
    home = text(browser.get(HOME))
    assert home.count("1 action d’amélioration en retard") == 1 and "Refaire la fiche des régies" in home
    step = f"{HOME}actions/{action.pk}/"
    assert browser.post(step, {"state": "opened", "text": ""}).status_code == 400
    assert browser.post(step, {"state": "in_progress", "text": "Commencée"}).status_code == 302
    assert "Dites ce qu’il en est sorti" in text(browser.post(step, {"state": "closed", "text": " "}))
    assert browser.post(step, {"state": "closed", "text": "Fiche publiée"}).status_code == 302
    assert "déjà « close »" in text(browser.post(step, {"state": "closed", "text": "Encore"}))
    assert "Refaire la fiche" not in text(browser.get(HOME))
    assert "Résultat : Fiche publiée" in text(browser.get(url))
    states = ActionEvent.objects.order_by("number").values_list("number", "state", "text")
    assert list(states) == [(1, "opened", ""), (2, "in_progress", "Commencée"), (3, "closed", "Fiche publiée")]


def test_other_academies_stay_out(meeting: TutorMeeting, lea: Tutor, lyon: Any, victor: User, signed: Signed) -> None:
    stranger = make_tutor(lyon, "Lyonnais", establishment=make_establishment(lyon))
    with pytest.raises(TutoringRefused, match="autre académie"):
        meetings.note_presence(meeting, [stranger], by=None)
    with pytest.raises(TutoringRefused, match="autre académie"):
        meetings.remark(meeting, stranger, "x", by=None)
    with pytest.raises(TutoringRefused, match="autre académie"):
        meetings.remark(meeting, lea, "x", by=None, establishment=stranger.establishment)
    assert not Remark.objects.exists()
    action = meetings.open_action(meeting, "A", "B", date(2024, 10, 1), by=None)
    for url in (f"{MEETINGS}{meeting.pk}/", f"{HOME}actions/{action.pk}/"):
        assert signed(victor).get(url).status_code == 404
        assert signed(victor).get(url.replace("grenoble", "lyon")).status_code == 404


@pytest.mark.parametrize("name", ["claire", "lise", "denis", "hugo", "tom", "alice"])
def test_wrong_roles_see_no_meeting(
    request: pytest.FixtureRequest, meeting: TutorMeeting, name: str, signed: Signed
) -> None:
    browser = signed(request.getfixturevalue(name))
    for url in (MEETINGS, f"{MEETINGS}{meeting.pk}/", f"{HOME}visites/", f"{HOME}difficultes/0380001V/"):
        assert browser.get(url).status_code == 403


def test_queries_do_not_grow(meeting: TutorMeeting, lea: Tutor, nadia: User, signed: Signed) -> None:
    browser = signed(nadia)
    found = []
    for count in (1, 2):
        for index in range(count):
            other = TutorMeeting(academy=lea.academy, held_on=date(2024, 9, 1), title=f"{count}-{index}")
            meetings.hold(other, [lea], by=None)
            meetings.remark(meeting, lea, "x", by=None)
            action = meetings.open_action(meeting, "A", "B", date(2024, 10, 1), by=None)
            meetings.advance(action, ActionState.IN_PROGRESS, "", by=None)
        found.append((queries(browser, MEETINGS), queries(browser, f"{MEETINGS}{meeting.pk}/")))
    assert found == [(8, 9), (8, 9)]
