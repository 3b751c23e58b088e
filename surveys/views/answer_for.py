"""One answer as the service sees it: what it says, each of its versions, and typing it for the establishment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts import audit
from accounts.requests import SignedInRequest
from accounts.rights import requires
from deployment.choices import Function
from surveys import reading
from surveys.forms.answer_for import CallForm
from surveys.forms.answers import AnswerForm, form_for
from surveys.models import Answer, AnswerVersion, Campaign
from surveys.rights import ANSWER_FOR, VIEW_ANSWERS
from surveys.services import answers
from surveys.services.answers import AnswerChanged
from surveys.services.refusals import SurveyRefused
from surveys.views.follow_up import launched_campaign


@dataclass(frozen=True)
class Told:
    """One version in words, and what it changed: (label, before, after)."""

    version: AnswerVersion
    lines: reading.Lines
    changes: list[tuple[str, str, str]]


@requires(VIEW_ANSWERS)
def answer_detail(request: SignedInRequest, academy: str, pk: int, answer: int) -> HttpResponse:
    """The current content and the history of an answer; reading it is traced."""
    campaign, found = _found(request, academy, pk, answer)
    told = versions_told(campaign, found)
    audit.seen(request.user, VIEW_ANSWERS, f"réponse pour {found.entry.establishment} · {campaign}", academy=academy)
    may_answer_for = request.user.may(ANSWER_FOR, academy) and not campaign.frozen_at
    current = told[0] if told else None
    context = _frame(campaign, found) | {"versions": told, "current": current, "may_answer_for": may_answer_for}
    return render(request, "surveys/answer_detail.html", context)


@requires(ANSWER_FOR)
def answer_for(request: SignedInRequest, academy: str, pk: int, answer: int) -> HttpResponse:
    """Type the answer given by telephone or mail."""
    campaign, found = _found(request, academy, pk, answer)
    if request.method != "POST":
        audit.seen(request.user, ANSWER_FOR, f"réponse pour {found.entry.establishment} · {campaign}", academy=academy)
        current = found.versions.filter(number=found.number).first()
        content = current.content if current else found.draft
        call = CallForm(found, known=(current.name, current.function) if current else ("", ""))
        return _page(request, campaign, found, form_for(campaign, found.entry, found.part, content=content), call)
    form = form_for(campaign, found.entry, found.part, data=request.POST, files=request.FILES)
    call = CallForm(found, request.POST)
    if form.is_redrawn or not all([form.is_valid(), call.is_valid()]):
        return _page(request, campaign, found, form, call, is_judged=not form.is_redrawn)
    try:
        answers.answer_for(found, call.given(form.content), by=request.user, reason=call.cleaned_data["reason"])
    except AnswerChanged as changed:
        call.show(changed.answer)
        version = changed.answer.versions.get(number=changed.answer.number)
        told = reading.told(campaign, version.content)
        return _page(request, campaign, changed.answer, form, call, replaced=version, told=told)
    except SurveyRefused as refused:
        return _page(request, campaign, found, form, call, refusal=str(refused))
    messages.success(request, "La réponse est enregistrée. L’établissement en reçoit l’accusé de réception.")
    return redirect("surveys:answer_detail", academy, pk, answer)


def versions_told(campaign: Campaign, answer: Answer) -> list[Told]:
    """Each version in words, newest first, beside what it changed."""
    prefetch_related_objects([campaign], "questions")
    rows = answer.versions.select_related("author", "invitation").order_by("number")
    told: list[Told] = []
    before: reading.Lines | None = None
    for version in rows:
        lines = reading.told(campaign, version.content)
        told.append(Told(version, lines, _changes(before, lines) if before is not None else []))
        before = lines
    return told[::-1]


def _changes(before: reading.Lines, after: reading.Lines) -> list[tuple[str, str, str]]:
    was, now = dict(before), dict(after)
    labels = [*now, *(label for label in was if label not in now)]
    pairs = [(label, was.get(label, ""), now.get(label, "")) for label in labels]
    return [(label, old, new) for label, old, new in pairs if old != new]


def _found(request: SignedInRequest, academy: str, pk: int, answer: int) -> tuple[Campaign, Answer]:
    campaign = launched_campaign(request, academy, pk)
    rows = Answer.objects.filter(entry__campaign=campaign, entry__is_excluded=False)
    found = get_object_or_404(rows.select_related("entry__establishment__host"), pk=answer)
    found.entry.campaign = campaign
    return campaign, found


def _frame(campaign: Campaign, answer: Answer) -> dict[str, Any]:
    return {
        "academy_row": campaign.academy,
        "campaign": campaign,
        "answer": answer,
        "establishment": answer.entry.establishment,
        "function": Function(answer.part).label if answer.part else "",
        "crumb": f"{answer.entry.establishment.name} · {campaign}",
    }


def _page(
    request: SignedInRequest, campaign: Campaign, answer: Answer, form: AnswerForm, call: CallForm, **notice: Any
) -> HttpResponse:
    """`notice`: `is_judged`, with what is wrong; `replaced` and `told`, the answer that came meanwhile; `refusal`."""
    wrong = form.mistakes if notice.pop("is_judged", False) else []
    is_open = campaign.is_launched and not campaign.frozen_at
    context = {"form": form, "call": call, "mistakes": wrong, "is_open": is_open, **notice}
    return render(request, "surveys/answer_for.html", _frame(campaign, answer) | context)
