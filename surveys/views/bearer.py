"""Pages of the bearer of a personal link: who holds what, in a cookie; headers that every such page carries."""

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
from surveys.models import Campaign, Invitation, Link, PopulationEntry
from surveys.rights import ANSWER_BY_LINK
from surveys.services import links
from surveys.standing import MOST_LINKS

logger = logging.getLogger(__name__)

PREFIX = "link-"  # one signed cookie a link: `link-12`; its name is part of what is signed
PATH = "/reponse/"
BAD_TOKENS = limits.Limit("answer-token-address", 20, 60, limits.OnSuccess.KEEP)
UNAVAILABLE = 503
WAIT = 0.3  # seconds left to a database that restarts before the one second try

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Bearer:
    """Whoever holds this link, before what it lets answer."""

    link: Link
    invitation: Invitation

    @property
    def campaign(self) -> Campaign:
        return self.entry.campaign

    @property
    def entry(self) -> PopulationEntry:
        return self.invitation.entry

    @property
    def part(self) -> str:
        """The part of the establishment's answer that this function gives."""
        return self.campaign.part_of(self.invitation.function)


def by_link(view: View) -> View:
    """Guard a page that a personal link opens: no account, no cache, no address told to anybody; 404 without link.

    A database that goes away costs one more try, then a page that gives back what was typed.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = _tried_twice(view, request, *args, **kwargs)
        except Http404:
            response = render(request, "surveys/reply_unknown.html", status=404)
        except limits.TooManyTries as refusal:
            response = render(request, "surveys/reply_too_many.html", status=limits.TOO_MANY_REQUESTS)
            response["Retry-After"] = str(refusal.wait)
        except (OperationalError, InterfaceError):
            logger.exception("database unavailable for the bearer of a link")
            context = {"typed": typed(request), "has_files": bool(request.FILES)}
            response = render(request, "surveys/reply_retry.html", context, status=UNAVAILABLE)
        except Exception:
            if "token" not in kwargs:
                raise
            logger.exception("a personal link could not be opened")
            response = render(request, "500.html", status=500)
        response["Cache-Control"] = "no-store, private"
        if "token" in kwargs:  # elsewhere no address tells anything, and a form needs its `Origin`, which this removes
            response["Referrer-Policy"] = "no-referrer"
        return response

    guarded.right = ANSWER_BY_LINK  # type: ignore[attr-defined]
    return login_not_required(guarded)


def bearer_of(request: HttpRequest, invitation: int) -> Bearer:
    """Who may open that invitation, with the links this browser has shown. Raises `Http404`."""
    held = held_links(request)
    if not held:
        raise Http404
    wanted = Invitation.objects.select_related("recipient", "entry__campaign__academy", "entry__establishment").filter(
        pk=invitation
    )
    row = wanted.first()
    link = links.bearer_of(held, row) if row else None
    if row is None or link is None:
        raise Http404
    return Bearer(link, row)


def held_links(request: HttpRequest) -> list[Link]:
    """The valid links that this browser has shown, the last one last."""
    return links.held(kept_keys(request))


def kept_keys(request: HttpRequest) -> list[int]:
    """Keys of the links of this browser, at most `MOST_LINKS`; a cookie that we did not sign counts for nothing."""
    keys = []
    for name in request.COOKIES:
        number = name.removeprefix(PREFIX)
        if name.startswith(PREFIX) and number.isdecimal():
            shown = request.get_signed_cookie(name, default="", salt=PREFIX, max_age=settings.SESSION_COOKIE_AGE)
            if shown == number:
                keys.append(int(number))
    return sorted(keys)[-MOST_LINKS:]


def hold(response: HttpResponse, link: Link) -> None:
    """Have the browser keep the link, so that its token leaves the address bar."""
    response.set_signed_cookie(
        f"{PREFIX}{link.pk}",
        str(link.pk),
        salt=PREFIX,
        max_age=settings.SESSION_COOKIE_AGE,
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    """Every field of a POST, to be sent again as it is."""
    if request.method != "POST":
        return []
    return [(name, value) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for value in values]


def _tried_twice(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """What was sent twice counts once, so that a connection lost in the middle may be replaced."""
    try:
        return view(request, *args, **kwargs)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block or connection.connection is None or connection.is_usable():
            raise
        connection.close()
        sleep(WAIT)
        return view(request, *args, **kwargs)
