"""The tutored establishment's side: the link, the visits to confirm, one visit, « ce n’est pas mon établissement »."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import limits
from accounts.bearers import BAD_TOKENS, LinkCookies, Refusals, opened_by_link
from surveys.views.replies import see_other
from tutoring.forms.work import DisownForm, FeedbackForm
from tutoring.models import VisitLink
from tutoring.rights import CONFIRM_BY_LINK
from tutoring.school_years import SchoolYear
from tutoring.services import visit_links
from tutoring.services.refusals import TutoringRefused
from tutoring.visit_emails import service_address

COOKIES = LinkCookies("visits-", "/visite/")
by_link = opened_by_link(
    CONFIRM_BY_LINK,
    Refusals(
        unknown="surveys/reply_unknown.html",
        too_many="surveys/reply_too_many.html",
        retry="surveys/reply_retry.html",
    ),
)


@by_link
@require_safe
def visit_enter(request: HttpRequest, token: str) -> HttpResponse:
    """Exchange the token for a cookie. A HEAD keeps nothing."""
    link = visit_links.find(token)
    if link is None:
        limits.spend(BAD_TOKENS, limits.client_network(request))
        raise Http404
    response = see_other("confirmation_list", link.pk)
    if request.method == "GET":
        COOKIES.hold(response, link.pk)
    return response


@by_link
@require_safe
def confirmation_list(request: HttpRequest, link: int) -> HttpResponse:
    """What the tutor noted this school year, and what was answered."""
    held = _held(request, link)
    visits = list(visit_links.reach(held).order_by("-on", "-pk"))
    context = {"visits": visits, "waiting": sum(visit.verdict is None for visit in visits)}
    return render(request, "tutoring/confirmation_list.html", _frame(held) | context)


@by_link
@require_http_methods(["GET", "HEAD", "POST"])
def confirmation_edit(request: HttpRequest, link: int, visit: int) -> HttpResponse:
    """Is it exact, and was it useful? Answering again keeps a new version."""
    held = _held(request, link)
    row = get_object_or_404(visit_links.reach(held), pk=visit)
    last = row.feedbacks.order_by("-number").first()
    told = {"verdict": last.verdict, "rating": last.rating, "comment": last.comment, "name": last.name} if last else {}
    form = FeedbackForm(request.POST if request.method == "POST" else None, initial=told or {"name": _holder(held)})
    if request.method == "POST" and form.is_valid():
        try:
            visit_links.answer(held, row, form.feedback)
        except TutoringRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Merci, votre réponse est enregistrée.")
            return see_other("confirmation_list", held.pk)
    context = {"visit": row, "last": last, "form": form}
    status = 400 if form.errors else 200
    return render(request, "tutoring/confirmation_edit.html", _frame(held) | context, status=status)


@by_link
@require_http_methods(["GET", "HEAD", "POST"])
def confirmation_disown(request: HttpRequest, link: int) -> HttpResponse:
    """The link stops, the service is told, and its address is shown."""
    held = _held(request, link)
    form = DisownForm(request.POST if request.method == "POST" else None)
    context = _frame(held) | {"form": form}
    if request.method == "POST" and form.is_valid():
        visit_links.disown(held, note=form.cleaned_data["note"])
        return render(request, "tutoring/confirmation_disowned.html", context)
    return render(request, "tutoring/confirmation_disown.html", context, status=400 if form.errors else 200)


def _held(request: HttpRequest, key: int) -> VisitLink:
    """That link, if this browser has shown its token and it is still valid. Raises `Http404`."""
    link = visit_links.held(key) if key in COOKIES.keys(request) else None
    if link is None:
        raise Http404
    return link


def _holder(link: VisitLink) -> str:
    """The person written to, unless the mail went to the establishment itself."""
    return "" if link.name == link.establishment.name else link.name


def _frame(link: VisitLink) -> dict[str, Any]:
    academy = link.tutor.academy
    return {
        "academy_row": academy,
        "link": link,
        "year": SchoolYear(link.school_year),
        "service_address": service_address(academy),
    }
