"""What the tests of the follow-up do to a campaign: answers come in, workers write, the postman calls."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

from django.db import connection
from django.utils import timezone

from accounts.choices import JobState, MailState
from accounts.models import Job, OutgoingEmail
from deployment.choices import Function
from deployment.models import Academy, Establishment
from surveys import tasks
from surveys.choices import Purpose
from surveys.models import Answer, AnswerVersion, Campaign, Invitation
from surveys.models.invitations import InvitationQuerySet
from surveys.services import answers, rounds
from surveys.services.answers import Submission
from tests.factories import appoint, gather, make_establishment

NOBODY = {Purpose.TRAINING_NEEDS: {"none": True, "people": []}, Purpose.TUTOR_VOLUNTEERS: {"none": True, "people": []}}


def rows_of(campaign: Campaign, *places: Establishment) -> InvitationQuerySet:
    """The rows of the follow-up, of these establishments or of all."""
    rows = Invitation.objects.with_progress(campaign)
    return rows.filter(entry__establishment__in=places) if places else rows


def asked(campaign: Campaign, place: Establishment, function: Function = Function.HEAD) -> Invitation:
    return Invitation.objects.get(entry__campaign=campaign, entry__establishment=place, function=function)


def answer_of(campaign: Campaign, place: Establishment, function: Function = Function.HEAD) -> Answer:
    return Answer.objects.get(
        entry__campaign=campaign, entry__establishment=place, part=campaign.part_of(function.value)
    )


def submit(
    campaign: Campaign,
    place: Establishment,
    function: Function = Function.HEAD,
    content: Any = None,
    *,
    name: str = "Dominique Chef",
) -> AnswerVersion:
    """That function of that establishment answers by its link."""
    content = content or NOBODY[Purpose(campaign.purpose)]
    seen = answer_of(campaign, place, function).number
    return answers.submit(asked(campaign, place, function), Submission(uuid4(), content, name, "", seen))


def wish(campaign: Campaign, place: Establishment, function: Function, wave: str, comment: str = "") -> AnswerVersion:
    return submit(campaign, place, function, {"wave": wave, "reason": "workload", "comment": comment})


def write_rounds() -> None:
    """Do, in this process, what workers do once an act has asked for mails."""
    for key in Job.objects.filter(task=rounds.WRITE_TASK, state=JobState.WAITING).values_list("pk", flat=True):
        tasks.write_round(key)


def empty_the_post() -> None:
    """Everything that waits has left, however slow the relay is."""
    waiting = OutgoingEmail.objects.filter(state=MailState.QUEUED)
    waiting.update(state=MailState.SENT, sent_at=timezone.now(), secret="")


def waiting_mails() -> list[OutgoingEmail]:
    """Mails ready to leave, in the order in which they were written."""
    return list(OutgoingEmail.objects.filter(state=MailState.QUEUED).order_by("pk"))


def make_agency(academy: Academy, size: int) -> list[Establishment]:
    """Establishments of one agency, whose accountant is one person; each has a head."""
    places = [make_establishment(academy, name=f"Collège {rank:02d}") for rank in range(size)]
    gather(*places)
    appoint(places[0], Function.ACCOUNTANT, "Camille Compte", "ac@exemple.invalid")
    for rank, place in enumerate(places):
        appoint(place, Function.HEAD, f"Chef {rank:02d}", f"chef.{rank:02d}@exemple.invalid")
    return places


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Do them in as many threads, each with a connection of its own; their results."""

    def run(act: Callable[[], Any]) -> Any:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
