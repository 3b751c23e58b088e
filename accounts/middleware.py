"""What holds on every request of a signed-in person, in the order of settings.MIDDLEWARE."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts import audit, second_factor, view_as
from accounts.limits import client_address
from accounts.models import User

ROLES_VERSION = "roles_version"
# Open to who has not passed the second factor yet; public pages are too.
BEFORE_SECOND_FACTOR = {
    "mfa_activate_totp",
    "mfa_reauthenticate",
    "account_reauthenticate",
    "account_reset_password_from_key",
}
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
WHILE_VIEWING_AS = {"accounts:view_as_stop", "logout"}

Respond = Callable[[HttpRequest], HttpResponse]


def origin(respond: Respond) -> Respond:
    """The trail tells from where."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with audit.coming_from(client_address(request)):
            return respond(request)

    return middleware


def private_pages(respond: Respond) -> Respond:
    """What a signed-in person sees stays in no cache, of the browser or on the way."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = respond(request)
        if request.user.is_authenticated:
            response["Cache-Control"] = "no-store, private"
        return response

    return middleware


def current_roles(respond: Respond) -> Respond:
    """When the roles of a person have changed, each of their sessions takes a new key."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if isinstance(user, User) and request.session.get(ROLES_VERSION, 0) != user.roles_version:
            request.session.cycle_key()
            request.session[ROLES_VERSION] = user.roles_version
        return respond(request)

    return middleware


def compulsory_second_factor(respond: Respond) -> Respond:
    """Who must have a second factor does nothing before enrolling, or before giving a code."""

    def process_view(request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        user = request.user
        if not isinstance(user, User) or not getattr(view, "login_required", True):
            return None
        if request.resolver_match is None or request.resolver_match.view_name in BEFORE_SECOND_FACTOR:
            return None
        if not second_factor.is_missing(request, user):
            return None
        is_enrolled = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
        page = "mfa_reauthenticate" if is_enrolled else "mfa_activate_totp"
        return redirect(f"{reverse(page)}?{urlencode({'next': request.get_full_path()})}")

    def middleware(request: HttpRequest) -> HttpResponse:
        return respond(request)

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware


def seeing_as(respond: Respond) -> Respond:
    """« Voir comme »: inside that académie the pages are drawn for the other person; nothing is written, anywhere."""

    def process_view(request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        user = request.user
        if not isinstance(user, User) or view_as.SESSION_KEY not in request.session:
            return
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in WHILE_VIEWING_AS:
            return
        if request.method not in SAFE_METHODS:
            raise PermissionDenied
        academy = request.session[view_as.SESSION_KEY]["academy"]
        person = view_as.person_seen(request.session, user)
        if person and kwargs.get("academy") == academy:
            request.user = person

    def middleware(request: HttpRequest) -> HttpResponse:
        return respond(request)

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware
