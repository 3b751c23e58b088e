"""What holds on every request, most of it for signed-in persons, in the order of settings.MIDDLEWARE."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from csp.constants import HEADER
from csp.utils import build_policy
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.module_loading import import_string

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
METHODS = (*SAFE_METHODS, "POST")
WHILE_VIEWING_AS = {"accounts:view_as_stop", "logout"}

DEBUG_PAGES = (404, 500)  # Django's own, which style themselves

Respond = Callable[[HttpRequest], HttpResponse]


def content_security_policy(respond: Respond) -> Respond:
    """The same policy on every page, its text made once; django-csp's own middleware makes it twice for each."""
    policy = build_policy()

    def middleware(request: HttpRequest) -> HttpResponse:
        response = respond(request)
        if not (settings.DEBUG and response.status_code in DEBUG_PAGES):
            response.setdefault(HEADER, policy)
        return response

    return middleware


def persons(respond: Respond) -> Respond:
    """Session, identity, roles, messages (settings.PERSONS_MIDDLEWARE), chained as Django chains its own.

    The bearer of a personal link has none of these: without a session cookie, there is nobody to look for.
    """
    chain: Any = respond
    hooks: list[Any] = []
    for name in reversed(settings.PERSONS_MIDDLEWARE):
        link = import_string(name)(chain)
        if hasattr(link, "process_view"):
            hooks.insert(0, link.process_view)
        chain = convert_exception_to_response(link)

    def is_nobody(request: HttpRequest) -> bool:
        is_link = request.path_info.startswith(settings.PERSONAL_LINKS)
        return is_link and settings.SESSION_COOKIE_NAME not in request.COOKIES

    def process_view(request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        if not is_nobody(request):
            return next((found for hook in hooks if (found := hook(request, view, args, kwargs)) is not None), None)
        if getattr(view, "login_required", True):
            raise PermissionDenied
        return None

    def middleware(request: HttpRequest) -> HttpResponse:
        response: HttpResponse = respond(request) if is_nobody(request) else chain(request)
        return response

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware


def methods(respond: Respond) -> Respond:
    """No page of ours answers to another method: a PUT or a DELETE would be taken for a look."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return respond(request) if request.method in METHODS else HttpResponseNotAllowed(METHODS)

    return middleware


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
