"""The establishment's side: the link, the list of what is asked, the form, its draft and its receipt."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import limits
from accounts.bearers import BAD_TOKENS
from figures.french import clock
from surveys import desk
from surveys.forms.answers import AnswerForm
from surveys.forms.respondent import RespondentForm
from surveys.services import answers, links
from surveys.services.answers import AnswerChanged, AnswersClosed, DraftChanged
from surveys.views.bearer import COOKIES, by_link, held_links
from surveys.views.reply_form import (
    BAD_REQUEST,
    CONFLICT,
    GONE,
    Place,
    closed,
    frame,
    number,
    page,
    sent_straight,
    signer,
    stand,
    submission,
)
from surveys.views.reply_sheet import sheet

SEE_OTHER = 303


def see_other(name: str, *arguments: object) -> HttpResponseRedirect:
    """A redirection that the browser follows by a GET."""
    return HttpResponseRedirect(reverse(name, args=arguments), status=SEE_OTHER)


@by_link
@require_safe
def reply_enter(request: HttpRequest, token: str) -> HttpResponse:
    """Exchange the token for a cookie, and go where there is something to do. A HEAD keeps nothing."""
    link = links.find(token)
    if link is None:
        limits.spend(BAD_TOKENS, limits.client_network(request))
        raise Http404
    asked = list(links.reach([link]).values_list("pk", flat=True)[:2])
    response = see_other("reply_edit", asked[0]) if len(asked) == 1 else see_other("reply_list")
    if request.method == "GET":
        COOKIES.hold(response, link.pk)
    return response


@by_link
@require_safe
def reply_list(request: HttpRequest) -> HttpResponse:
    """Everything asked of the bearer, over all campaigns."""
    held = held_links(request)
    if not held:
        raise Http404
    lines = desk.lines(held, links.reach(held))
    context = {
        "lines": lines,
        "waiting": sum(line.is_waiting for line in lines),
        "link": held[-1],
        "academy_row": (lines[0] if lines else held[-1].recipient).campaign.academy,
    }
    return render(request, "surveys/reply_list.html", context)


@by_link
@require_http_methods(["GET", "HEAD", "POST"])
def reply_edit(request: HttpRequest, invitation: int) -> HttpResponse:
    """The form, and each of its buttons."""
    act = request.POST.get("act", "submit")
    if request.method == "POST" and act in ("submit", "replace") and sent_straight(request, invitation):
        return see_other("reply_receipt", invitation)
    place = stand(request, invitation)
    if request.method != "POST":
        if not place.is_open:
            return closed(request, place)
        return sheet(request, place) or page(request, place, place.form(), place.respondent())
    form, respondent = place.form(request), place.respondent(request)
    if act in ("submit", "replace") and place.bearer.link.may_submit:
        return _submit(request, place, form, respondent)
    if not place.is_open:
        return closed(request, place)
    if form.is_redrawn:
        return page(request, place, form, respondent)
    return _save(request, place, form, respondent, is_checked=act != "save")


def _submit(request: HttpRequest, place: Place, form: AnswerForm, respondent: RespondentForm) -> HttpResponse:
    """Send. What came in meanwhile is shown and asks for one confirmation; what was typed stays."""
    if not all([form.is_valid(), respondent.is_valid()]):
        if not (place.is_open or place.window.is_within_grace):
            return closed(request, place)
        return page(request, place, form, respondent, is_judged=True, status=BAD_REQUEST)
    invitation = place.bearer.invitation
    try:
        answers.submit(invitation, submission(request, invitation.pk, form.content, respondent.cleaned_data))
    except AnswerChanged as change:
        return page(request, place, form, respondent, changed=change.answer, status=CONFLICT)
    except AnswersClosed:
        return closed(request, place)
    return see_other("reply_receipt", invitation.pk)


def _save(
    request: HttpRequest, place: Place, form: AnswerForm, respondent: RespondentForm, *, is_checked: bool
) -> HttpResponse:
    """Keep the draft; for « Vérifier », judge it too."""
    is_complete = is_checked and form.is_valid()
    by = signer(place, respondent)
    try:
        revision = answers.save_draft(place.answer, form.as_draft(), by=by, seen=number(request, "revision"))
    except DraftChanged:
        place.answer.refresh_from_db()
        return page(request, place, form, respondent, draft_changed=place.answer, status=CONFLICT)
    place.answer.draft_revision, place.answer.draft_by, place.answer.draft_saved_at = revision, by, place.now
    if not is_checked:
        return page(request, place, form, respondent, saved=place.now)
    return page(request, place, form, respondent, complete=is_complete, is_judged=True)


@by_link
@require_POST
def reply_draft(request: HttpRequest, invitation: int) -> HttpResponse:
    """What the script of the page saves by itself, a few seconds after a change."""
    place = stand(request, invitation)
    if not place.is_open:
        return JsonResponse({"message": "Cette enquête est close : votre saisie n’est plus enregistrée."}, status=GONE)
    draft, by = place.form(request).as_draft(), signer(place, place.respondent(request))
    try:
        revision = answers.save_draft(place.answer, draft, by=by, seen=number(request, "revision"))
    except DraftChanged as conflict:
        return JsonResponse({"message": f"{conflict} Enregistrez pour choisir lequel garder."}, status=CONFLICT)
    hour = clock(timezone.localtime(place.now))
    return JsonResponse({"message": f"Brouillon enregistré à {hour}.", "revision": revision})


@by_link
@require_POST
def reply_opened(request: HttpRequest, invitation: int) -> HttpResponse:
    """A browser with a script has shown the page: mail scanners do not come this far."""
    links.mark_opened(stand(request, invitation).bearer.invitation)
    return HttpResponse(status=204)


@by_link
@require_safe
def reply_receipt(request: HttpRequest, invitation: int) -> HttpResponse:
    """What was sent, by whom and when."""
    place = stand(request, invitation)
    if place.version is None:
        return see_other("reply_edit", invitation)
    context = {**frame(place), "told": place.told, "version": place.version, "others": place.others}
    return render(request, "surveys/reply_receipt.html", context)
