"""What is done to a call: published, closed, its link renewed, its mission extended, its bonus set."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.links import public_url
from accounts.requests import SignedInRequest
from accounts.rights import requires
from figures.french import long_day
from tutoring.forms.calls import BonusForm, ExtensionForm
from tutoring.models import TutorCall
from tutoring.rights import EDIT_BONUS, EDIT_CALLS
from tutoring.services import calls
from tutoring.services.refusals import TutoringRefused
from tutoring.views.calls import call_of, show

BAD_REQUEST = 400


@require_POST
@requires(EDIT_CALLS)
def call_publish(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    call = call_of(request, academy, pk)
    return _with_link(request, call, lambda: calls.publish(call, by=request.user))


@require_POST
@requires(EDIT_CALLS)
def call_renew(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    """Another link; the page sent again renews nothing, since it tells which link it saw."""
    call = call_of(request, academy, pk)
    seen = request.POST.get("seen", "")
    return _with_link(request, call, lambda: calls.renew_link(call, seen=seen, by=request.user))


def _with_link(request: SignedInRequest, call: TutorCall, act: Callable[[], str]) -> HttpResponse:
    """The page that shows the link, this once: what is kept does not give it back."""
    try:
        token = act()
    except TutoringRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(call)
    call.refresh_from_db(fields=["state", "token_hash"])
    link = public_url(reverse("apply_enter", args=[token]))
    context = {"academy_row": call.academy, "call": call, "link": link, "crumb": "Lien de l’appel"}
    return render(request, "tutoring/call_link.html", context)


@require_POST
@requires(EDIT_CALLS)
def call_close(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    call = call_of(request, academy, pk)
    try:
        calls.close(call, by=request.user)
    except TutoringRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "L’appel est clos : son lien ne prend plus de candidature.")
    return redirect(call)


@require_POST
@requires(EDIT_CALLS)
def call_extend(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    call = call_of(request, academy, pk)
    form = ExtensionForm(request.POST, call=call)
    if form.is_valid():
        try:
            calls.extend_mission(call, form.day, reason=form.cleaned_data["reason"], by=request.user)
        except TutoringRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"La mission va désormais jusqu’au {long_day(form.day)}.")
            return redirect(call)
    return show(request, call, status=BAD_REQUEST, extension=form)


@require_POST
@requires(EDIT_BONUS)
def call_bonus(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    call = call_of(request, academy, pk)
    form = BonusForm(request.POST)
    if form.is_valid():
        calls.set_bonus(call, form.cleaned_data["coefficient"], by=request.user)
        messages.success(request, "Le coefficient est enregistré.")
        return redirect(call)
    return show(request, call, status=BAD_REQUEST, bonus=form)
