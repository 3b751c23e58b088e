"""Meetings of tutors: who came, what they report, and the actions followed until they are closed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from accounts import audit
from accounts.models import User
from deployment.models import Establishment
from deployment.services.waves import lock
from surveys.clock import current
from tutoring.choices.work import ActionState
from tutoring.models import ActionEvent, ImprovementAction, Remark, Tutor, TutorMeeting
from tutoring.rights import FOLLOW_MEETINGS, RECORD_WORK
from tutoring.services.refusals import TutoringRefused

FOLLOWS = {
    ActionState.OPENED: (ActionState.IN_PROGRESS, ActionState.CLOSED),
    ActionState.IN_PROGRESS: (ActionState.CLOSED,),
    ActionState.CLOSED: (),
}


@transaction.atomic
def hold(meeting: TutorMeeting, present: Iterable[Tutor], *, by: User | None) -> TutorMeeting:
    """Note a meeting that took place, or is to take place, and who was there."""
    lock(meeting.academy)
    same = TutorMeeting.objects.filter(academy=meeting.academy, held_on=meeting.held_on, title=meeting.title)
    if same.exists():
        raise TutoringRefused("Cette réunion est déjà notée.")
    meeting.save(force_insert=True)
    meeting.present.set(_of_the_academy(meeting, present))
    audit.record(by, RECORD_WORK, f"réunion de tuteurs · {meeting}", academy=meeting.academy.slug)
    return meeting


@transaction.atomic
def note_presence(meeting: TutorMeeting, present: Iterable[Tutor], *, by: User | None) -> None:
    """Who was there, said again in whole."""
    lock(meeting.academy)
    people = _of_the_academy(meeting, present)
    meeting.present.set(people)
    audit.record(by, RECORD_WORK, f"présents · {meeting}", academy=meeting.academy.slug, number=len(people))


@transaction.atomic
def remark(
    meeting: TutorMeeting, tutor: Tutor, text: str, *, by: User | None, establishment: Establishment | None = None
) -> Remark:
    """Keep what a tutor reports about the support plan."""
    if tutor.academy_id != meeting.academy_id or (establishment and establishment.academy_id != meeting.academy_id):
        raise TutoringRefused("Cette remarque concerne une autre académie.")
    if not text.strip():
        raise TutoringRefused("Écrivez la remarque.")
    row = Remark.objects.create(
        meeting=meeting,
        tutor=tutor,
        establishment=establishment,
        text=text.strip()[:2000],
        author=by,
        at=current(meeting.academy),
    )
    audit.record(by, FOLLOW_MEETINGS, f"remarque · {meeting}", academy=meeting.academy.slug, tutor=tutor.pk)
    return row


@transaction.atomic
def open_action(meeting: TutorMeeting, title: str, owner: str, due_on: date, *, by: User | None) -> ImprovementAction:
    """Something to do, by whom and until when."""
    if due_on < meeting.held_on:
        raise TutoringRefused("L’échéance ne peut pas précéder la réunion.")
    action = ImprovementAction.objects.create(
        meeting=meeting, title=title.strip()[:200], owner=owner.strip()[:120], due_on=due_on
    )
    _step(action, ActionState.OPENED, "", 1, by)
    return action


@transaction.atomic
def advance(action: ImprovementAction, state: ActionState, text: str, *, by: User | None) -> ActionEvent:
    """To « en cours », then to « close », which says what came out of it."""
    fresh = (
        ImprovementAction.objects.select_for_update(of=("self",)).select_related("meeting__academy").get(pk=action.pk)
    )
    last = fresh.events.order_by("-number").first()
    assert last
    if state not in FOLLOWS[ActionState(last.state)]:
        raise TutoringRefused(f"Cette action est déjà « {last.get_state_display().lower()} ».")
    if state == ActionState.CLOSED and not text.strip():
        raise TutoringRefused("Dites ce qu’il en est sorti.")
    return _step(fresh, state, text, last.number + 1, by)


def _step(action: ImprovementAction, state: ActionState, text: str, number: int, by: User | None) -> ActionEvent:
    academy = action.meeting.academy
    event = ActionEvent.objects.create(
        action=action, number=number, state=state, text=text.strip()[:500], author=by, at=current(academy)
    )
    audit.record(by, FOLLOW_MEETINGS, f"action · {action}", academy=academy.slug, state=state.value)
    return event


def _of_the_academy(meeting: TutorMeeting, present: Iterable[Tutor]) -> list[Tutor]:
    people = list(present)
    if any(tutor.academy_id != meeting.academy_id for tutor in people):
        raise TutoringRefused("Un de ces tuteurs est d’une autre académie.")
    return people
