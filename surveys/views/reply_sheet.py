"""The form as nearly everybody opens it, filled into a page drawn once for all who are asked the same.

Nearly everybody: the person asked, without account in this browser, before an answer that nobody was handed, with
nothing to be told. Any other page is `reply_form.page`; both come from the same templates.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, NamedTuple
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string

from deployment.choices import Function
from deployment.models import Academy
from surveys.emails import deadline, paragraphs
from surveys.forms.answers import proposed
from surveys.forms.hollow import Kind, form_of, kind_of, respondent_of, values
from surveys.models import Campaign
from surveys.skeletons import Holes, Skeleton
from surveys.views.reply_form import Place, began, told_at

MOST_SKELETONS = 128  # of some thirty kilobytes, in each process
ACADEMY = ("label", "service_name", "ministry_block", "observed_on", "is_demonstration")
COOKIES_OF_PERSONS = (settings.SESSION_COOKIE_NAME, "messages")


class Look(NamedTuple):
    """All that a skeleton shows: it is kept under this, so nothing else can be in it."""

    academy: tuple[str, str, str, date | None, bool]
    title: str
    introduction: str
    function: str
    deadline: str
    ends: str
    others: tuple[str, ...]
    has_town: bool
    is_submitted: bool
    has_draft: bool
    form: Kind


def sheet(request: HttpRequest, place: Place) -> HttpResponse | None:
    """The page of the form; None when it is to be drawn for itself."""
    if not place.is_usual or place.is_delegated or not request.COOKIES.keys().isdisjoint(COOKIES_OF_PERSONS):
        return None
    content = proposed(place.campaign, place.bearer.entry) if place.content is None else place.content
    kind = kind_of(place.campaign, place.bearer.entry, content)
    if kind is None:
        return None
    told = values(kind, content) | place.who | _told(place) | {"csrf_token": get_token(request)}
    return HttpResponse(skeleton(_look(place, kind)).filled(told))


def _look(place: Place, kind: Kind) -> Look:
    campaign, answer = place.campaign, place.answer
    academy = tuple(getattr(campaign.academy, name) for name in ACADEMY)
    return Look(
        academy=academy,
        title=campaign.title,
        introduction=campaign.introduction,
        function=place.bearer.link.recipient.function,
        deadline=deadline(campaign.closes_at),
        ends=deadline(place.ends_at),
        others=tuple(place.others),
        has_town=bool(place.bearer.entry.establishment.town),
        is_submitted=answer.is_submitted,
        has_draft=answer.draft_saved_at is not None,
        form=kind,
    )


def _told(place: Place) -> dict[str, Any]:
    """What is of this person and this answer, beside what was answered."""
    invitation, answer, establishment = place.bearer.invitation, place.answer, place.bearer.entry.establishment
    return {
        "establishment": establishment.name,
        "town": establishment.town,
        "uai": establishment.uai,
        "bearer": place.bearer.link.bearer,
        "invitation": str(invitation.pk),
        "sent_at": told_at(answer.submitted_at),
        "submitted_by": answer.submitted_by,
        "draft_at": told_at(answer.draft_saved_at),
        "draft_by": answer.draft_by,
        "submission": str(uuid4()),
        "seen": answer.number,
        "revision": answer.draft_revision,
        "began": began(invitation, place.now),
    }


@lru_cache(MOST_SKELETONS)
def skeleton(look: Look) -> Skeleton:
    """The page of all who are asked that, with a hole for each value of one of them."""
    holes = Holes()
    text = render_to_string("surveys/reply_edit.html", _frame(look, holes) | _page(look, holes), HttpRequest())
    return Skeleton(text, holes)


def _frame(look: Look, holes: Holes) -> dict[str, Any]:
    """As `reply_form.frame`."""
    recipient = SimpleNamespace(get_function_display=Function(look.function).label)
    return {
        "academy_row": Academy(**dict(zip(ACADEMY, look.academy, strict=True))),
        "campaign": Campaign(title=look.title),
        "establishment": SimpleNamespace(
            name=holes("establishment"), town=holes("town") if look.has_town else "", uai=holes("uai")
        ),
        "invitation": SimpleNamespace(pk=int(holes("invitation"))),
        "answer": SimpleNamespace(
            is_submitted=look.is_submitted, submitted_by=holes("submitted_by"), draft_by=holes("draft_by")
        ),
        "link": SimpleNamespace(bearer=holes("bearer"), recipient=recipient),
        "may_submit": True,
        "deadline": look.deadline,
        "ends": look.ends,
        "is_open": True,
    }


def _page(look: Look, holes: Holes) -> dict[str, Any]:
    """As `reply_form.page`."""
    return {
        "form": form_of(look.form, holes),
        "respondent": respondent_of(holes),
        "mistakes": [],
        "place": SimpleNamespace(paragraphs=paragraphs(look.introduction)),
        "delegates": [],
        "others": look.others,
        **{name: holes(name) for name in ("submission", "seen", "revision", "began", "csrf_token", "sent_at")},
        "draft_at": holes("draft_at") if look.has_draft else "",
        **dict.fromkeys(("saved", "complete", "changed", "draft_changed"), None),
    }
