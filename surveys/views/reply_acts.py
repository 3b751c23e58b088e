"""What a bearer does beside answering: hands the answer on to be prepared, says that it is not theirs, reads a file."""

from __future__ import annotations

from uuid import UUID

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import limits
from accounts.rights import requires
from surveys.forms.fields import mistakes
from surveys.forms.respondent import DelegateForm, DisownForm
from surveys.models import AnswerFile
from surveys.rights import VIEW_ANSWERS
from surveys.services import links
from surveys.services.refusals import SurveyRefused
from surveys.views.bearer import by_link
from surveys.views.replies import see_other
from surveys.views.reply_form import BAD_REQUEST, Place, frame, stand

DELEGATIONS = limits.Limit("answer-delegations", 10, 24 * 3600, limits.OnSuccess.KEEP)


@by_link
@require_http_methods(["GET", "HEAD", "POST"])
def reply_delegate(request: HttpRequest, invitation: int) -> HttpResponse:
    """Hand the preparation to a colleague, and see to whom it is handed."""
    place = _asked(request, invitation)
    form = DelegateForm(request.POST if request.method == "POST" else None)
    refusal = ""
    if request.method == "POST" and form.is_valid():
        limits.spend(DELEGATIONS, str(invitation))
        try:
            links.delegate(place.bearer.link, place.bearer.invitation, **form.cleaned_data)
            return see_other("reply_delegate", invitation)
        except SurveyRefused as refused:
            refusal = str(refused)
    context = {"form": form, "mistakes": mistakes(form), "refusal": refusal, "delegates": place.delegates}
    status = BAD_REQUEST if form.errors or refusal else 200
    return render(request, "surveys/reply_delegate.html", {**frame(place), **context}, status=status)


@by_link
@require_POST
def reply_revoke(request: HttpRequest, invitation: int, child: int) -> HttpResponse:
    """Take back what was handed."""
    place = _asked(request, invitation)
    links.revoke_delegate(place.bearer.invitation, child)
    return see_other("reply_delegate", invitation)


@by_link
@require_http_methods(["GET", "HEAD", "POST"])
def reply_disown(request: HttpRequest, invitation: int) -> HttpResponse:
    """« Ce n’est pas mon établissement »."""
    place = _asked(request, invitation)
    form = DisownForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        links.disown(place.bearer.invitation, note=form.cleaned_data["note"])
        return see_other("reply_list")
    context = {**frame(place), "form": form, "mistakes": mistakes(form)}
    return render(request, "surveys/reply_disown.html", context, status=BAD_REQUEST if form.errors else 200)


@by_link
@require_safe
def reply_file(request: HttpRequest, invitation: int, file: UUID) -> HttpResponse:
    """A file of this answer, to be kept, never shown by the browser."""
    place = stand(request, invitation)
    return given_back(get_object_or_404(place.bearer.entry.files, identifier=file, part=place.bearer.part))


@requires(VIEW_ANSWERS)
@require_safe
def answer_file(request: HttpRequest, academy: str, file: UUID) -> HttpResponse:
    """The same, for the staff."""
    return given_back(get_object_or_404(AnswerFile, identifier=file, entry__campaign__academy__slug=academy))


def given_back(row: AnswerFile) -> HttpResponse:
    """The file as an attachment that no browser opens nor runs by itself; ten megabytes at most, read at once."""
    try:
        with default_storage.open(row.stored_as) as stream:
            content = stream.read()
    except OSError:
        raise Http404 from None
    disposition = content_disposition_header(True, row.file_name) or "attachment"
    headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type="application/octet-stream", headers=headers)


def _asked(request: HttpRequest, invitation: int) -> Place:
    """For the person asked only: a delegate hands nothing on. Raises `Http404`."""
    place = stand(request, invitation)
    if not place.bearer.link.may_submit:
        raise Http404
    return place
