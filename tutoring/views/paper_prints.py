"""Many letters and orders in one archive: asked for, followed, downloaded."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.requests import SignedInRequest
from accounts.rights import requires
from deployment.models import Academy
from tutoring.forms.papers import asked_papers
from tutoring.models import Paper, PaperPrint
from tutoring.rights import ISSUE_PAPERS
from tutoring.services import paper_files
from tutoring.services.refusals import TutoringRefused


@require_POST
@requires(ISSUE_PAPERS)
def print_request(request: SignedInRequest, academy: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    chosen = asked_papers(Paper.objects.for_user(request.user, ISSUE_PAPERS, academy), request.POST)
    try:
        return redirect(paper_files.request_print(academy_row, chosen, by=request.user))
    except TutoringRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("tutoring:paper_list", academy)


@requires(ISSUE_PAPERS)
def print_detail(request: SignedInRequest, academy: str, archive: UUID) -> HttpResponse:
    asked = _print(academy, archive)
    context = {"academy_row": asked.academy, "asked": asked, "number": len(asked.papers), "crumb": "Impression"}
    return render(request, "tutoring/print_detail.html", context)


@requires(ISSUE_PAPERS)
def print_download(request: SignedInRequest, academy: str, archive: UUID) -> HttpResponseBase:
    asked = _print(academy, archive)
    if not asked.file:
        raise Http404
    paper_files.note_print_download(asked, by=request.user)
    name = f"lettres-et-ordres-{academy}-{asked.asked_at:%Y-%m-%d}.zip"
    return FileResponse(default_storage.open(asked.file), as_attachment=True, filename=name)


def _print(academy: str, archive: UUID) -> PaperPrint:
    rows = PaperPrint.objects.select_related("academy", "job", "asked_by")
    return get_object_or_404(rows, academy__slug=academy, identifier=archive)
