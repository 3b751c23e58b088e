"""The door: django-allauth's views, each with its limit of tries; and one click for the invented persons."""

from __future__ import annotations

from allauth.account import views as allauth
from allauth.account.internal.stagekit import unstash_login
from allauth.mfa.base import views as allauth_codes
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import proconnect
from accounts.forms.sign_in import DemonstrationSignInForm
from accounts.limits import (
    CODE_BY_ACCOUNT,
    RESET_BY_ACCOUNT,
    RESET_BY_ADDRESS,
    SIGN_IN_BY_ACCOUNT,
    SIGN_IN_BY_ADDRESS,
    TOKEN_BY_ADDRESS,
    client_network,
    limited,
)
from accounts.models import User


def _typed_login(request: HttpRequest) -> str:
    return request.POST.get("login", "")


def _typed_email(request: HttpRequest) -> str:
    return request.POST.get("email", "")


def _half_signed_in(request: HttpRequest) -> str:
    """The person whose password was right, and who owes a code."""
    pending = unstash_login(request, peek=True)
    return str(pending.user.pk) if pending and pending.user else "nobody"


class SignIn(allauth.LoginView):  # type: ignore[misc]  # allauth has no types
    """E-mail address and password; ProConnect; in development, the invented persons of the demonstration."""

    template_name = "accounts/sign_in.html"

    def get_context_data(self, **context: object) -> dict[str, object]:
        persons = list(User.objects.invented().prefetch_related("grants")) if settings.DEBUG else []
        offered = super().get_context_data(**context)
        return {**offered, "invented_persons": persons, "has_proconnect": proconnect.is_configured()}


sign_in = limited((SIGN_IN_BY_ADDRESS, client_network), (SIGN_IN_BY_ACCOUNT, _typed_login))(SignIn.as_view())
code = login_not_required(limited((CODE_BY_ACCOUNT, _half_signed_in))(allauth_codes.authenticate))
suspended = allauth.account_inactive

password_link = login_not_required(
    limited((RESET_BY_ADDRESS, client_network), (RESET_BY_ACCOUNT, _typed_email))(allauth.password_reset)
)
password_link_sent = allauth.password_reset_done
password_new_done = allauth.password_reset_from_key_done


@login_not_required
@sensitive_post_parameters("password1", "password2")
@limited((TOKEN_BY_ADDRESS, client_network))
def password_new(request: HttpRequest, uidb36: str, key: str) -> HttpResponseBase:
    """Choose a password, by the link of an invitation or of a reset."""
    response: HttpResponseBase = allauth.password_reset_from_key(request, uidb36=uidb36, key=key)
    return response


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """Leave; who came by ProConnect is shown the way out of it too (the CSP forbids a redirection)."""
    id_token = request.session.get(proconnect.ID_TOKEN, "")
    response: HttpResponseBase = allauth.logout(request)
    leaving = proconnect.sign_out_url(id_token) if id_token else ""
    return render(request, "accounts/proconnect_sign_out.html", {"sign_out_url": leaving}) if leaving else response


@login_not_required
@require_POST
def demonstration_sign_in(request: HttpRequest) -> HttpResponse:
    """Enter as an invented person without a password. Exists in development only."""
    if not settings.DEBUG:
        raise Http404
    form = DemonstrationSignInForm(request.POST)
    person = get_object_or_404(User.objects.invented(), email=form.data.get("email", "") if form.is_valid() else "")
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect(settings.LOGIN_REDIRECT_URL)
