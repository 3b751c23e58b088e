"""Pages of who holds a link and no account: their guard, and what the browser keeps of the link in a cookie."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from time import sleep
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from accounts import limits
from accounts.rights import Right

logger = logging.getLogger(__name__)

BAD_TOKENS = limits.Limit("answer-token-address", 20, 60, limits.OnSuccess.KEEP)
MOST_LINKS = 12
UNAVAILABLE = 503
WAIT = 0.3  # seconds left to a database that restarts before the one second try

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Refusals:
    """The pages shown instead: no such link, too many tries, a database that went away."""

    unknown: str
    too_many: str
    retry: str


def opened_by_link(right: Right, refusals: Refusals) -> Callable[[View], View]:
    """Guard pages that a link opens: no account, no cache, no address told to anybody; 404 without link.

    A database that goes away costs one more try; its page, and that of too many tries, give back what was typed.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            response = _answered(view, refusals, request, *args, **kwargs)
            response["Cache-Control"] = "no-store, private"
            if "token" in kwargs:  # elsewhere no address tells anything; a form needs its `Origin`, which this removes
                response["Referrer-Policy"] = "no-referrer"
            return response

        guarded.right = right  # type: ignore[attr-defined]
        return login_not_required(guarded)

    return decorate


def _answered(view: View, refusals: Refusals, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    try:
        return _tried_twice(view, request, *args, **kwargs)
    except Http404:
        return render(request, refusals.unknown, status=404)
    except limits.TooManyTries as refusal:
        response = render(request, refusals.too_many, _given_back(request), status=limits.TOO_MANY_REQUESTS)
        response["Retry-After"] = str(refusal.wait)
        return response
    except (OperationalError, InterfaceError):
        logger.exception("database unavailable for the bearer of a link")
        return render(request, refusals.retry, _given_back(request), status=UNAVAILABLE)
    except Exception:
        if "token" not in kwargs:
            raise
        logger.exception("a personal link could not be opened")
        return render(request, "500.html", status=500)


def kept(request: HttpRequest, name: str, *, salt: str) -> str:
    """What this browser keeps under that name; empty when there is nothing, or when we did not sign it."""
    return request.get_signed_cookie(name, default="", salt=salt, max_age=settings.SESSION_COOKIE_AGE) or ""


def keep(response: HttpResponse, name: str, value: str, *, salt: str, path: str) -> None:
    """Have the browser keep it for the pages under `path`, so that a token leaves the address bar."""
    response.set_signed_cookie(
        name,
        value,
        salt=salt,
        max_age=settings.SESSION_COOKIE_AGE,
        path=path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


@dataclass(frozen=True)
class LinkCookies:
    """One signed cookie a link (`link-12`), for the pages under one path; its name is part of what is signed."""

    prefix: str
    path: str

    def keys(self, request: HttpRequest) -> list[int]:
        """Keys of the links of this browser, at most `MOST_LINKS`; a cookie that we did not sign counts for nothing."""
        keys = []
        for name in request.COOKIES:
            number = name.removeprefix(self.prefix)
            is_ours = name.startswith(self.prefix) and number.isdecimal()
            if is_ours and kept(request, name, salt=self.prefix) == number:
                keys.append(int(number))
        return sorted(keys)[-MOST_LINKS:]

    def hold(self, response: HttpResponse, key: int) -> None:
        """Have the browser keep the link, so that its token leaves the address bar."""
        keep(response, f"{self.prefix}{key}", str(key), salt=self.prefix, path=self.path)


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    """Every field of a POST, to be sent again as it is."""
    if request.method != "POST":
        return []
    return [(name, value) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for value in values]


def _given_back(request: HttpRequest) -> dict[str, Any]:
    return {"typed": typed(request), "has_files": bool(request.FILES)}


def _tried_twice(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """What was sent twice counts once, so that a connection lost in the middle may be replaced.

    For the same reason a connection kept from an earlier request is not asked first whether it still works.
    """
    connection.health_check_done = True  # type: ignore[attr-defined]  # as Django does for a new one
    try:
        return view(request, *args, **kwargs)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block or connection.connection is None or connection.is_usable():
            raise
        connection.close()
        sleep(WAIT)
        return view(request, *args, **kwargs)
