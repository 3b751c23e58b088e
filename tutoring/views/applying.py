"""The candidate's side, without account: the link of a call, its form, what is said once it is sent; nothing else."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts import bearers, limits
from accounts.bearers import BAD_TOKENS, Refusals, opened_by_link
from figures.french import enumeration, in_sentence
from surveys.clock import current
from surveys.forms.fields import mistakes
from tutoring import call_letters
from tutoring.choices.candidates import CallState
from tutoring.forms.applying import ApplyForm
from tutoring.models import TutorCall
from tutoring.rights import APPLY_BY_LINK
from tutoring.services import applying, calls
from tutoring.services.applying import ApplicationSent, CallClosed
from tutoring.services.refusals import TutoringRefused

PREFIX = "call-"  # one signed cookie a call: `call-3`; its value tells which link of that call
PATH = "/candidature/"
SEE_OTHER, BAD_REQUEST, CONFLICT, GONE = 303, 400, 409, 410
HOUR, DAY = 3600, 24 * 3600
FROM_ONE_PLACE = limits.Limit("application-address", 40, HOUR, limits.OnSuccess.KEEP)  # a school has one address
TO_ONE_CALL = limits.Limit("application-call", 1000, DAY, limits.OnSuccess.KEEP)

by_call_link = opened_by_link(
    APPLY_BY_LINK,
    Refusals(
        unknown="tutoring/apply_unknown.html",
        too_many="tutoring/apply_too_many.html",
        retry="surveys/reply_retry.html",
    ),
)


@by_call_link
@require_safe
def apply_enter(request: HttpRequest, token: str) -> HttpResponse:
    """Exchange the token for a cookie, and go to the form. A HEAD keeps nothing."""
    call = calls.find(token)
    if call is None:
        limits.spend(BAD_TOKENS, limits.client_network(request))
        raise Http404
    response = HttpResponseRedirect(reverse("apply_edit", args=[call.pk]), status=SEE_OTHER)
    if request.method == "GET":
        bearers.keep(response, f"{PREFIX}{call.pk}", call.token_hash, salt=PREFIX, path=PATH)
    return response


@by_call_link
@require_http_methods(["GET", "HEAD", "POST"])
def apply_edit(request: HttpRequest, call: int) -> HttpResponse:
    """The form, and its one button."""
    row = _held(request, call)
    if not row.is_open:
        return _closed(request, row)
    if request.method != "POST":
        return _page(request, row, ApplyForm(row))
    limits.spend(FROM_ONE_PLACE, limits.client_network(request))
    limits.spend(TO_ONE_CALL, str(row.pk))
    form = ApplyForm(row, request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, row, form, status=BAD_REQUEST)
    try:
        applying.apply(form.application, identifier=_identifier(request), upload=form.upload)
    except CallClosed:
        return _closed(request, row)
    except ApplicationSent as refusal:
        form.add_error("motivation", str(refusal))
        return _page(request, row, form, status=CONFLICT)
    except TutoringRefused as refusal:
        form.add_error("file", str(refusal))
        return _page(request, row, form, status=BAD_REQUEST)
    return HttpResponseRedirect(reverse("apply_receipt", args=[row.pk]), status=SEE_OTHER)


@by_call_link
@require_safe
def apply_receipt(request: HttpRequest, call: int) -> HttpResponse:
    """What happens next. It tells nothing of who applied: the link is everybody's."""
    return render(request, "tutoring/apply_receipt.html", _frame(_held(request, call)))


def _held(request: HttpRequest, call: int) -> TutorCall:
    """The call whose link in force this browser has opened. Raises `Http404`."""
    shown = bearers.kept(request, f"{PREFIX}{call}", salt=PREFIX)
    if not shown:
        raise Http404
    rows = TutorCall.objects.exclude(state=CallState.DRAFT).filter(pk=call, token_hash=shown)
    row = rows.select_related("academy").first()
    if row is None:
        raise Http404
    return row


def _page(request: HttpRequest, call: TutorCall, form: ApplyForm, *, status: int = 200) -> HttpResponse:
    context = {
        **_frame(call),
        "form": form,
        "mistakes": mistakes(form) if form.is_bound else [],
        "submission": _identifier(request) if request.POST else uuid4(),
        "had_file": bool(request.FILES),
    }
    return render(request, "tutoring/apply_edit.html", context, status=status)


def _closed(request: HttpRequest, call: TutorCall) -> HttpResponse:
    return render(request, "tutoring/apply_closed.html", _frame(call), status=GONE)


def _frame(call: TutorCall) -> dict[str, object]:
    """What every page of a candidate shows of the call."""
    return {
        "academy_row": call.academy,
        "call": call,
        "asked": enumeration(in_sentence(label) for label in call.function_labels),
        "waves": enumeration(call.waves),
        "is_late": timezone.localdate(current(call.academy)) > call.deadline_on,
        "paragraphs": call_letters.paragraphs(call.body),
    }


def _identifier(request: HttpRequest) -> UUID:
    """What the form drew; another one when it is unreadable."""
    try:
        return UUID(request.POST.get("submission", ""))
    except ValueError:
        return uuid4()
