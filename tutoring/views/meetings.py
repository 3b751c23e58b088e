"""Meetings of tutors: the list with the late actions, one meeting, its remarks and its actions."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts import audit
from accounts.requests import SignedInRequest
from accounts.rights import requires
from deployment.models import Academy
from tutoring.choices.work import ActionState
from tutoring.forms.meetings import ActionForm, AdvanceForm, MeetingForm, PresenceForm, RemarkForm
from tutoring.models import ImprovementAction, TutorMeeting
from tutoring.rights import FOLLOW_MEETINGS, RECORD_WORK, VIEW_WORK
from tutoring.services import meetings
from tutoring.views.asking import Question, ask


@requires(VIEW_WORK)
def meeting_list(request: SignedInRequest, academy: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    rows = TutorMeeting.objects.for_user(request.user, VIEW_WORK, academy).select_related("academy")
    actions = ImprovementAction.objects.for_user(request.user, VIEW_WORK, academy).with_state()
    waiting = [action for action in actions.select_related("meeting__academy") if not action.is_closed]
    audit.seen(request.user, VIEW_WORK, "Réunions de tuteurs", academy=academy)
    context = {
        "academy_row": academy_row,
        "today": academy_row.today,
        "meetings": list(rows.prefetch_related("present")),
        "actions": waiting,
        "may_record": request.user.may(RECORD_WORK, academy),
        "may_follow": request.user.may(FOLLOW_MEETINGS, academy),
        "crumb": "Réunions",
    }
    return render(request, "tutoring/meeting_list.html", context)


@requires(RECORD_WORK)
def meeting_new(request: SignedInRequest, academy: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    form = MeetingForm(request.POST or None, academy=academy_row)

    def act() -> str:
        return f"« {meetings.hold(form.meeting, form.tutors, by=request.user)} » est notée."

    lead = "Les tuteurs y disent si le plan d’accompagnement répond aux besoins, et ce qu’il faudrait améliorer."
    back = reverse("tutoring:meeting_list", args=[academy])
    return ask(request, academy_row, form, Question("Noter une réunion", lead, "Noter la réunion", back), act)


@requires(VIEW_WORK)
def meeting_detail(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    meeting = _meeting(request, academy, pk)
    audit.seen(request.user, VIEW_WORK, meeting, academy=academy)
    context = {
        "academy_row": meeting.academy,
        "today": meeting.academy.today,
        "meeting": meeting,
        "present": list(meeting.present.select_related("academy").order_by("name", "pk")),
        "remarks": list(meeting.remarks.select_related("tutor", "establishment", "author")),
        "actions": list(meeting.actions.with_state().select_related("meeting__academy").prefetch_related("events")),
        "may_record": request.user.may(RECORD_WORK, academy),
        "may_follow": request.user.may(FOLLOW_MEETINGS, academy),
        "crumb": meeting.title,
    }
    return render(request, "tutoring/meeting_detail.html", context)


@requires(RECORD_WORK)
def meeting_presence(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    meeting = _meeting(request, academy, pk)
    there = [str(key) for key in meeting.present.values_list("pk", flat=True)]
    form = PresenceForm(request.POST or None, academy=meeting.academy, initial={"present": there})

    def act() -> str:
        meetings.note_presence(meeting, form.tutors, by=request.user)
        return "Les tuteurs présents sont notés."

    return ask(request, meeting.academy, form, _about(meeting, "Tuteurs présents", "Noter les présents"), act)


@requires(FOLLOW_MEETINGS)
def meeting_remark(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    meeting = _meeting(request, academy, pk)
    form = RemarkForm(request.POST or None, meeting=meeting)

    def act() -> str:
        text = form.cleaned_data["text"]
        meetings.remark(meeting, form.reporter, text, by=request.user, establishment=form.place)
        return "La remarque est notée."

    return ask(request, meeting.academy, form, _about(meeting, "Noter une remarque", "Noter la remarque"), act)


@requires(FOLLOW_MEETINGS)
def meeting_action(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    meeting = _meeting(request, academy, pk)
    form = ActionForm(request.POST or None)

    def act() -> str:
        return f"« {meetings.open_action(meeting, **form.cleaned_data, by=request.user)} » est ouverte."

    return ask(request, meeting.academy, form, _about(meeting, "Ouvrir une action", "Ouvrir l’action"), act)


@requires(FOLLOW_MEETINGS)
def action_advance(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    rows = ImprovementAction.objects.for_user(request.user, FOLLOW_MEETINGS, academy)
    action = get_object_or_404(rows.select_related("meeting__academy"), pk=pk)
    form = AdvanceForm(request.POST or None)

    def act() -> str:
        asked: dict[str, Any] = form.cleaned_data
        event = meetings.advance(action, ActionState(asked["state"]), asked["text"], by=request.user)
        return f"« {action} » est désormais {event.get_state_display().lower()}."

    lead = f"« {action} », par {action.owner}, pour le {action.due_on:%d/%m/%Y}."
    question = Question("Suivre une action", lead, "Enregistrer", action.meeting.get_absolute_url())
    return ask(request, action.meeting.academy, form, question, act)


def _meeting(request: SignedInRequest, academy: str, pk: int) -> TutorMeeting:
    rows = TutorMeeting.objects.for_user(request.user, VIEW_WORK, academy)
    return get_object_or_404(rows.select_related("academy"), pk=pk)


def _about(meeting: TutorMeeting, title: str, button: str) -> Question:
    return Question(title, str(meeting), button, meeting.get_absolute_url(), meeting.title)
