"""Sign-in, sign-out, and the background jobs of an académie."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from accounts import jobs
from accounts.forms import DemonstrationSignInForm, SignInForm
from accounts.models import Job, User
from accounts.pagination import paginate
from accounts.requests import SignedInRequest, wants_partial
from accounts.rights import RETRY_JOB, VIEW_JOBS, requires


class SignIn(LoginView):
    """E-mail address and password; in development, the invented persons of the demonstration, one click each."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **context: object) -> dict[str, object]:
        persons = list(User.objects.invented().prefetch_related("grants")) if settings.DEBUG else []
        return super().get_context_data(**context, invented_persons=persons)


sign_in = SignIn.as_view()
sign_out = login_not_required(LogoutView.as_view())


@login_not_required
@require_POST
def demonstration_sign_in(request: HttpRequest) -> HttpResponse:
    """Enter as an invented person without a password. Exists in development only."""
    if not settings.DEBUG:
        raise Http404
    form = DemonstrationSignInForm(request.POST)
    person = get_object_or_404(User.objects.invented(), email=form.data.get("email", "") if form.is_valid() else "")
    login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    return redirect(settings.LOGIN_REDIRECT_URL)


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
