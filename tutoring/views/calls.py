"""Calls for tutors: the list, one call, its text before it is published, its letter."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from accounts import audit
from accounts.columns import Column, headings
from accounts.pagination import paginate
from accounts.requests import SignedInRequest
from accounts.rights import requires
from deployment.models import Academy
from figures.letters import LetterTooLong
from tutoring import call_letters
from tutoring.forms.calls import BonusForm, CallForm, ExtensionForm
from tutoring.models import TutorCall
from tutoring.rights import EDIT_BONUS, EDIT_CALLS, VIEW_BONUS, VIEW_CALLS, VIEW_TUTORS
from tutoring.services import calls
from tutoring.services.refusals import TutoringRefused

COLUMNS = (Column("Référence"), Column("Titre"), Column("Publié le"), Column("Jusqu’au"), Column("État"))
CANDIDATES = Column("Candidatures", is_number=True)


@requires(VIEW_CALLS)
def call_list(request: SignedInRequest, academy: str) -> HttpResponse:
    rows = TutorCall.objects.for_user(request.user, VIEW_CALLS, academy).annotate(received=Count("applications"))
    may_see = request.user.may(VIEW_TUTORS, academy)
    context = {
        "academy_row": get_object_or_404(Academy, slug=academy),
        "page": paginate(rows.order_by("-published_on", "-pk"), request),
        "headings": headings((*COLUMNS, CANDIDATES) if may_see else COLUMNS),
        "may_see": may_see,
        "may_edit": request.user.may(EDIT_CALLS, academy),
        "crumb": "Appels à candidatures",
    }
    return render(request, "tutoring/call_list.html", context)


@requires(EDIT_CALLS)
def call_new(request: SignedInRequest, academy: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    call = TutorCall(academy=academy_row, published_on=academy_row.today, reply_to=request.user.email)
    return _edit(request, call, "Nouvel appel à candidatures", reverse("tutoring:call_list", args=[academy]))


@requires(EDIT_CALLS)
def call_edit(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    call = call_of(request, academy, pk)
    if not call.is_draft:
        messages.error(request, "Cet appel est publié : son texte et ses règles ne changent plus.")
        return redirect(call)
    return _edit(request, call, f"Modifier l’appel {call.reference}", call.get_absolute_url())


def _edit(request: SignedInRequest, call: TutorCall, title: str, back: str) -> HttpResponse:
    form = CallForm(request.POST or None, instance=call, academy=call.academy)
    if form.is_valid():
        try:
            saved = calls.save(form.save(commit=False), by=request.user)
        except TutoringRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "L’appel est enregistré ; il n’est pas encore publié.")
            return redirect(saved)
    context = {"academy_row": call.academy, "form": form, "title": title, "crumb": title, "back": back}
    return render(request, "tutoring/call_edit.html", context, status=400 if form.errors else 200)


@requires(VIEW_CALLS)
def call_detail(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    return show(request, call_of(request, academy, pk))


@require_safe
@requires(VIEW_CALLS)
def call_letter_download(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    """The letter as PDF, drawn at once: 0.3 to 1 second of one core."""
    call = call_of(request, academy, pk)
    try:
        content = call_letters.drawn(call)
    except LetterTooLong as refusal:
        messages.error(request, str(refusal))
        return redirect(call)
    audit.exported(request.user, VIEW_CALLS, f"lettre · {call}", academy=academy)
    disposition = content_disposition_header(False, f"appel-{call.pk}.pdf") or "inline"
    headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def call_of(request: SignedInRequest, academy: str, pk: int) -> TutorCall:
    rows = TutorCall.objects.for_user(request.user, VIEW_CALLS, academy)
    return get_object_or_404(rows.select_related("academy"), pk=pk)


def show(request: SignedInRequest, call: TutorCall, *, status: int = 200, **forms: Any) -> HttpResponse:
    """The page of a call; `forms`: those that were filled in wrongly."""
    academy = call.academy.slug
    may_edit = request.user.may(EDIT_CALLS, academy)
    may_see = request.user.may(VIEW_TUTORS, academy)
    may_extend = may_edit and not call.is_draft and call.possible_extensions
    bonus = {"coefficient": call.bonus_coefficient}
    context = {
        "academy_row": call.academy,
        "call": call,
        "may_edit": may_edit,
        "may_see": may_see,
        "may_see_bonus": request.user.may(VIEW_BONUS, academy),
        "received": call.applications.count() if may_see else 0,
        "mark": calls.link_mark(call),
        "extension": ExtensionForm(call=call) if may_extend else None,
        "bonus": BonusForm(initial=bonus) if request.user.may(EDIT_BONUS, academy) else None,
        "crumb": call.reference,
        **forms,
    }
    return render(request, "tutoring/call_detail.html", context, status=status)
