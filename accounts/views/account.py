"""The page of one's own account: password, second factor, recovery codes."""

from __future__ import annotations

from allauth.account import views as allauth
from allauth.mfa.base import views as allauth_codes
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as allauth_recovery
from allauth.mfa.totp import views as allauth_totp
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from accounts import second_factor
from accounts.limits import CODE_BY_ACCOUNT, View, limited
from accounts.requests import SignedInRequest
from accounts.rights import MANAGE_OWN_ACCOUNT


def _own(view: View) -> View:
    """Everyone may open it, for oneself: what it shows and changes is the account of who is signed in."""
    view.right = MANAGE_OWN_ACCOUNT  # type: ignore[attr-defined]
    return view


def _account(request: HttpRequest) -> str:
    return str(request.user.pk)


_limited = limited((CODE_BY_ACCOUNT, _account))


@_own
def account_detail(request: SignedInRequest) -> HttpResponse:
    kinds = set(Authenticator.objects.filter(user=request.user).values_list("type", flat=True))
    context = {
        "grants": request.user.held_grants,
        "has_password": request.user.has_usable_password(),
        "has_application": Authenticator.Type.TOTP in kinds,
        "has_recovery_codes": Authenticator.Type.RECOVERY_CODES in kinds,
        "is_compulsory": request.user.needs_second_factor,
        "crumb": "Mon compte",
    }
    return render(request, "accounts/account_detail.html", context)


password_again = _own(_limited(allauth.reauthenticate))
code_again = _own(_limited(allauth_codes.reauthenticate))
recovery_codes = _own(allauth_recovery.view_recovery_codes)
recovery_codes_new = _own(allauth_recovery.generate_recovery_codes)


@_own
@sensitive_post_parameters("oldpassword", "password1", "password2")
@_limited
def password_change(request: SignedInRequest) -> HttpResponseBase:
    """Who enters by ProConnect alone has none to change: a link received by mail lets choose a first one."""
    if not request.user.has_usable_password():
        return redirect("account_reset_password")
    response: HttpResponseBase = allauth.password_change(request)
    return response


@_own
@_limited
def application_add(request: SignedInRequest) -> HttpResponseBase:
    """Enrol the application that gives codes; its first right code counts as the second factor of this session."""
    response: HttpResponseBase = allauth_totp.activate_totp(request)
    if request.method == "POST" and _has_application(request):
        second_factor.note_code(request, request.user)
    return response


@_own
def application_remove(request: SignedInRequest) -> HttpResponseBase:
    """Change of telephone: whoever must have a second factor is sent to enrol again at once."""
    response: HttpResponseBase = allauth_totp.deactivate_totp(request)
    if request.method == "POST" and not _has_application(request):
        second_factor.forget(request)
    return response


def _has_application(request: SignedInRequest) -> bool:
    return bool(Authenticator.objects.filter(user=request.user, type=Authenticator.Type.TOTP).exists())
