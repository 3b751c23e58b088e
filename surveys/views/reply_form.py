"""The form of a bearer: what it shows, and the page around it whatever happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from django.core.signing import BadSignature, Signer
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.templatetags.french import instant
from surveys import desk, reading, standing
from surveys.clock import READ_NOW, local_now
from surveys.emails import deadline, paragraphs
from surveys.forms.answers import AnswerForm, form_for, read_straight
from surveys.forms.fields import mistakes, read
from surveys.forms.known import known_respondent
from surveys.forms.respondent import RespondentForm
from surveys.models import Answer, AnswerVersion, Campaign, Invitation, Link
from surveys.models.campaigns import Window
from surveys.services import answers
from surveys.services.answers import Submission, open_for
from surveys.services.refusals import SurveyRefused
from surveys.views.bearer import COOKIES, Bearer, bearer_of

Content = Mapping[str, Any]

GONE, CONFLICT, BAD_REQUEST = 410, 409, 400
BEGAN = Signer(salt="surveys.began")


@dataclass
class Place:
    """The answer before which a bearer stands, and the time it is for it, by the database."""

    bearer: Bearer
    answer: Answer
    now: datetime
    is_delegated: bool
    is_usual: bool = False  # the very person asked

    @property
    def campaign(self) -> Campaign:
        return self.bearer.campaign

    @property
    def window(self) -> Window:
        return self.campaign.window(self.now)

    @property
    def is_open(self) -> bool:
        return open_for(self.answer, self.campaign, self.now)

    @property
    def ends_at(self) -> datetime:
        """Until when an answer that was sent may be corrected."""
        return self.campaign.corrected_until or self.campaign.closes_at

    @cached_property
    def version(self) -> AnswerVersion | None:
        """The version that holds."""
        number = self.answer.number
        return standing.VERSION.first(answer=self.answer.pk, number=number) if number else None

    @property
    def paragraphs(self) -> list[str]:
        """What the campaign says of itself."""
        return paragraphs(self.campaign.introduction)

    @property
    def told(self) -> reading.Lines:
        return reading.told(self.campaign, self.version.content) if self.version else []

    @property
    def others(self) -> list[str]:
        if len(self.campaign.asked) < 2:
            return []
        entry = self.bearer.entry.pk
        return desk.others(self.bearer.invitation, standing.AROUND(entry=entry), standing.ANSWERS(entry=entry))

    @property
    def delegates(self) -> list[Link]:
        """Colleagues to whom the preparation is handed."""
        if not self.is_delegated:
            return []
        return list(self.bearer.invitation.delegations.filter(revoked_at__isnull=True).order_by("pk"))

    def form(self, request: HttpRequest | None = None) -> AnswerForm:
        """What was typed; else the draft, the version that holds, or what is known."""
        entry, part = self.bearer.entry, self.bearer.part
        if request:
            return form_for(self.campaign, entry, part, data=request.POST, files=request.FILES)
        return form_for(self.campaign, entry, part, content=self.content)

    @property
    def content(self) -> Content | None:
        """The draft, or what the version that holds says; None when nothing was written yet."""
        found: Content | None = self.answer.draft
        return self.version.content if found is None and self.version else found

    def respondent(self, request: HttpRequest | None = None) -> RespondentForm:
        return RespondentForm(request.POST) if request else RespondentForm(initial=self.who)

    @property
    def who(self) -> dict[str, str]:
        """What is known of who answers."""
        name, function = self.bearer.link.delegate_name, ""
        if self.bearer.link.may_submit:
            name, function = known_respondent(self.campaign, self.bearer.invitation)
        return {"respondent_name": name, "respondent_function": function}


def stand(request: HttpRequest, invitation: int) -> Place:
    """Before that answer, with the links of this browser. Raises `Http404`."""
    if found := standing.stands(invitation, COOKIES.keys(request)):
        bearer = Bearer(found.link, found.invitation)
        return Place(bearer, found.answer, found.now, is_delegated=found.is_delegated, is_usual=True)
    bearer = bearer_of(request, invitation)
    answer = Answer.objects.annotate(db_now=READ_NOW).get(entry=bearer.entry, part=bearer.part)
    return Place(bearer, answer, local_now(bearer.campaign.academy, answer.db_now), is_delegated=True)


def page(
    request: HttpRequest,
    place: Place,
    form: AnswerForm,
    respondent: RespondentForm,
    *,
    status: int = 200,
    is_judged: bool = False,
    **notice: Any,
) -> HttpResponse:
    """The form; `is_judged`: with what is wrong. `notice`: `saved`, `complete`, `changed` or `draft_changed`."""
    wrong = [*form.mistakes, *mistakes(respondent)] if is_judged else []
    replaced = notice.get("changed")
    context: dict[str, Any] = {
        "form": form,
        "respondent": respondent,
        "mistakes": wrong,
        "place": place,
        "delegates": place.delegates,
        "others": place.others,
        "submission": uuid4() if replaced or not request.POST else identifier(request),
        "seen": request.POST.get("seen", "0") if request.POST else place.answer.number,
        "revision": place.answer.draft_revision,
        "sent_at": told_at(place.answer.submitted_at),
        "draft_at": told_at(place.answer.draft_saved_at),
        "began": request.POST.get("began", "") if request.POST else began(place.bearer.invitation, place.now),
        **dict.fromkeys(("saved", "complete", "changed", "draft_changed"), None),
        **notice,
    }
    return render(request, "surveys/reply_edit.html", {**frame(place), **context}, status=status)


def told_at(moment: datetime | None) -> str:
    """« 1er octobre 2024 à 14:05 », in Paris."""
    return instant(timezone.localtime(moment)) if moment else ""


def closed(request: HttpRequest, place: Place) -> HttpResponse:
    """Too late, or too early: what holds, to be read."""
    if place.window.is_before:
        return render(request, "surveys/reply_before.html", frame(place))
    return render(request, "surveys/reply_closed.html", {**frame(place), "told": place.told}, status=GONE)


def frame(place: Place) -> dict[str, Any]:
    """What every page before an answer shows: which campaign, which establishment, for whom, until when."""
    bearer = place.bearer
    return {
        "academy_row": bearer.campaign.academy,
        "campaign": bearer.campaign,
        "establishment": bearer.entry.establishment,
        "invitation": bearer.invitation,
        "answer": place.answer,
        "link": bearer.link,
        "may_submit": bearer.link.may_submit,
        "deadline": deadline(bearer.campaign.closes_at),
        "ends": deadline(place.ends_at),
        "is_open": place.is_open,
    }


def submission(request: HttpRequest, invitation: int, content: Mapping[str, Any], who: Mapping[str, Any]) -> Submission:
    """What is sent, once all of it is valid. To replace a version that came in meanwhile, its number is told."""
    is_replacing = request.POST.get("act") == "replace"
    return Submission(
        identifier=identifier(request),
        content=content,
        name=who["respondent_name"],
        function=who["respondent_function"],
        seen=number(request, "replaced" if is_replacing else "seen"),
        began_at=began_at(request, invitation),
    )


def sent_straight(request: HttpRequest, invitation: int) -> bool:
    """Keep what the very person asked sends, when nothing in it is wrong: nearly every answer comes in that way.

    False when there is something to say first: then nothing was kept, and the form says it.
    """
    asked = standing.asks(invitation, COOKIES.keys(request))
    content = read_straight(asked.invitation.entry.campaign.purpose, request.POST) if asked else None
    who = read(RespondentForm, request.POST) if content is not None else None
    if asked is None or content is None or who is None:
        return False
    try:
        return answers.submit_over(asked, submission(request, invitation, content, who)) is not None
    except (SurveyRefused, IntegrityError):  # sent already, out of dates…: the longer way tells
        return False


def identifier(request: HttpRequest) -> UUID:
    """What the form drew; another one when it is unreadable."""
    try:
        return UUID(request.POST.get("submission", ""))
    except ValueError:
        return uuid4()


def number(request: HttpRequest, name: str) -> int:
    """A number that the page wrote for itself; 0 when somebody else did."""
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def began(invitation: Invitation, now: datetime) -> str:
    """When the form was opened, signed: nobody opens it earlier than they did."""
    return BEGAN.sign(f"{invitation.pk} {now.isoformat()}")


def began_at(request: HttpRequest, invitation: int) -> datetime | None:
    try:
        place, _, instant = BEGAN.unsign(request.POST.get("began", "")).partition(" ")
    except BadSignature:
        return None
    return datetime.fromisoformat(instant) if place == str(invitation) else None


def signer(place: Place, respondent: RespondentForm) -> str:
    """Under which name a draft is kept."""
    typed = str(respondent["respondent_name"].value() or "")
    return " ".join(typed.replace("\0", "").split())[:120] or place.bearer.link.bearer
