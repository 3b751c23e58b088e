"""The form of a bearer: what it shows, and the page around it whatever happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from surveys import desk, reading, standing
from surveys.clock import READ_NOW, local_now
from surveys.emails import deadline, paragraphs
from surveys.forms.answers import AnswerForm, form_for
from surveys.forms.fields import mistakes
from surveys.forms.known import known_respondent
from surveys.forms.respondent import RespondentForm
from surveys.models import Answer, AnswerVersion, Campaign, Invitation, Link
from surveys.models.campaigns import Window
from surveys.services.answers import Submission, open_for
from surveys.views.bearer import Bearer, bearer_of, kept_keys

GONE, CONFLICT, BAD_REQUEST = 410, 409, 400
BEGAN = Signer(salt="surveys.began")


@dataclass
class Place:
    """The answer before which a bearer stands, and the time it is for it, by the database."""

    bearer: Bearer
    answer: Answer
    now: datetime
    is_delegated: bool

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
        return self.answer.versions.filter(number=self.answer.number).first() if self.answer.number else None

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
        entry = self.bearer.entry
        return desk.others(self.bearer.invitation, entry.invitations.select_related("recipient"), entry.answers.all())

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
        content = self.answer.draft
        if content is None and self.version:
            content = self.version.content
        return form_for(self.campaign, entry, part, content=content)

    def respondent(self, request: HttpRequest | None = None) -> RespondentForm:
        if request:
            return RespondentForm(request.POST)
        if self.bearer.link.may_submit:
            name, function = known_respondent(self.campaign, self.bearer.invitation)
        else:
            name, function = self.bearer.link.delegate_name, ""
        return RespondentForm(initial={"respondent_name": name, "respondent_function": function})


def stand(request: HttpRequest, invitation: int) -> Place:
    """Before that answer, with the links of this browser. Raises `Http404`."""
    if found := standing.stands(invitation, kept_keys(request)):
        return Place(Bearer(found.link, found.invitation), found.answer, found.now, found.is_delegated)
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
        "began": request.POST.get("began", "") if request.POST else began(place.bearer.invitation, place.now),
        **dict.fromkeys(("saved", "complete", "changed", "draft_changed"), None),
        **notice,
    }
    return render(request, "surveys/reply_edit.html", {**frame(place), **context}, status=status)


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


def submission(request: HttpRequest, form: AnswerForm, respondent: RespondentForm, *, invitation: int) -> Submission:
    """What is sent, once both are valid. To replace a version that came in meanwhile, its number is told."""
    is_replacing = request.POST.get("act") == "replace"
    return Submission(
        identifier=identifier(request),
        content=form.content,
        name=respondent.cleaned_data["respondent_name"],
        function=respondent.cleaned_data["respondent_function"],
        seen=number(request, "replaced" if is_replacing else "seen"),
        began_at=began_at(request, invitation),
    )


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
