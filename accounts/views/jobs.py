"""The background jobs of an académie."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from accounts import jobs
from accounts.models import Job
from accounts.pagination import paginate
from accounts.requests import SignedInRequest, wants_partial
from accounts.rights import RETRY_JOB, VIEW_JOBS, requires


@vary_on_headers("HX-Request")
@requires(VIEW_JOBS)
def job_list(request: SignedInRequest, academy: str) -> HttpResponse:
    rows = Job.objects.for_user(request.user, VIEW_JOBS, academy).select_related("requested_by")
    page = paginate(rows.order_by("-created_at", "-pk"), request, size=20)
    template = "accounts/_job_rows.html" if wants_partial(request) else "accounts/job_list.html"
    return render(request, template, {"page": page, "may_retry": request.user.may(RETRY_JOB, academy)})


@vary_on_headers("HX-Request")
@requires(VIEW_JOBS)
def job_detail(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    """One job; its progress asks for itself again every two seconds and, once over, refreshes the page around it."""
    job = get_object_or_404(Job.objects.for_user(request.user, VIEW_JOBS, academy), pk=pk)
    may_retry = request.user.may(RETRY_JOB, academy)
    template = "components/job_progress.html" if wants_partial(request) else "accounts/job_detail.html"
    response = render(request, template, {"job": job, "may_retry": may_retry, "crumb": job.label})
    if job.is_over and wants_partial(request):
        response["HX-Refresh"] = "true"
    return response


@require_POST
@requires(RETRY_JOB)
def job_retry(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    job = get_object_or_404(Job.objects.for_user(request.user, RETRY_JOB, academy), pk=pk)
    try:
        jobs.retry(job, by=request.user)
        messages.success(request, f"« {job.label} » est relancé.")
    except jobs.JobRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("accounts:job_detail", academy, pk)
