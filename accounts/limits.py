"""Tries are counted in the database, by account and by real client address: true with Redis down, and in parallel.

One statement counts and answers, so that two hundred simultaneous tries spend two hundred of the allowance.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from functools import wraps
from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from accounts.models import AttemptCount

COUNT_ONE_MORE = """
INSERT INTO accounts_attemptcount (key, count, ends_at) VALUES (%s, 1, %s)
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN accounts_attemptcount.ends_at <= %s THEN 1 ELSE accounts_attemptcount.count + 1 END,
    ends_at = CASE WHEN accounts_attemptcount.ends_at <= %s THEN excluded.ends_at ELSE accounts_attemptcount.ends_at END
RETURNING count, ends_at
"""
TOO_MANY_REQUESTS = 429
UNKNOWN_ADDRESS = "0.0.0.0"  # a Unix socket, or a proxy that says nothing readable

View = Callable[..., HttpResponseBase]


class OnSuccess(Enum):
    """What a right try does to the count. Of an address it gives back itself only, or one account would clear all."""

    CLEAR = "clear"
    REFUND = "refund"
    KEEP = "keep"


@dataclass(frozen=True)
class Limit:
    """So many tries in so many seconds, counted from the first."""

    name: str
    tries: int
    seconds: int
    on_success: OnSuccess


SIGN_IN_BY_ACCOUNT = Limit("sign-in-account", 10, 15 * 60, OnSuccess.CLEAR)
# A rectorat comes out by few addresses.
SIGN_IN_BY_ADDRESS = Limit("sign-in-address", 100, 15 * 60, OnSuccess.REFUND)
CODE_BY_ACCOUNT = Limit("code-account", 10, 15 * 60, OnSuccess.CLEAR)
CODE_ONCE = Limit("code-once", 1, 2 * 60, OnSuccess.KEEP)  # a code of the second factor serves once
RESET_BY_ACCOUNT = Limit("reset-account", 3, 60 * 60, OnSuccess.KEEP)
RESET_BY_ADDRESS = Limit("reset-address", 30, 60 * 60, OnSuccess.KEEP)
TOKEN_BY_ADDRESS = Limit("token-address", 50, 15 * 60, OnSuccess.REFUND)


class TooManyTries(Exception):
    """The allowance is spent; `wait` is the number of seconds until it is renewed."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"too many tries, wait {wait} s")
        self.wait = wait


def client_address(request: HttpRequest) -> str:
    """The address of the client's side of our own proxies; a header counts only as far as these wrote it.

    Each of the `OPALE_TRUSTED_PROXIES` proxies appends the address it was called from to `X-Forwarded-For`: the
    client's is the last but so many. With none, the header is only what the client says of itself.
    """
    said = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    written = [*said, request.META.get("REMOTE_ADDR", "")]
    proxies = min(settings.OPALE_TRUSTED_PROXIES, len(said))
    try:
        return str(ip_address(written[-1 - proxies]))
    except ValueError:
        return UNKNOWN_ADDRESS


def client_network(request: HttpRequest) -> str:
    """What tries are counted by: an IPv4 address, or the /64 that one subscriber holds in IPv6."""
    address = ip_address(client_address(request))
    return str(ip_network((address, 64), strict=False)) if address.version == 6 else str(address)


def spend(limit: Limit, subject: str) -> None:
    """Count one more try of that subject. Raises `TooManyTries` beyond the limit."""
    now = int(time.time())
    with connection.cursor() as cursor:
        cursor.execute(COUNT_ONE_MORE, [_key(limit, subject), now + limit.seconds, now, now])
        count, ends_at = cursor.fetchone()
    if count == 1:
        AttemptCount.objects.filter(ends_at__lt=now).delete()
    if count > limit.tries:
        raise TooManyTries(max(1, ends_at - now))


def succeed(limit: Limit, subject: str) -> None:
    """The try that was spent is the right one."""
    counted = AttemptCount.objects.filter(key=_key(limit, subject))
    if limit.on_success is OnSuccess.CLEAR:
        counted.delete()
    elif limit.on_success is OnSuccess.REFUND:
        counted.filter(count__gt=0).update(count=F("count") - 1)


def limited(*by: tuple[Limit, Callable[[HttpRequest], str]]) -> Callable[[View], View]:
    """Guard the POST of a view: each limit with what it counts by. A redirection is a success."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method != "POST":
                return view(request, *args, **kwargs)
            try:
                spent = _spend_all(request, by)
            except TooManyTries as refusal:
                return too_many(request, refusal)
            response = view(request, *args, **kwargs)
            if response.status_code == 302:
                for limit, subject in spent:
                    succeed(limit, subject)
            return response

        return guarded

    return decorate


def too_many(request: HttpRequest, refusal: TooManyTries) -> HttpResponseBase:
    """The page that says how long to wait."""
    minutes = -(-refusal.wait // 60)
    response = render(request, "accounts/too_many_tries.html", {"minutes": minutes}, status=TOO_MANY_REQUESTS)
    response["Retry-After"] = str(refusal.wait)
    return response


def _spend_all(
    request: HttpRequest, by: Iterable[tuple[Limit, Callable[[HttpRequest], str]]]
) -> list[tuple[Limit, str]]:
    counted = [(limit, subject(request)) for limit, subject in by]
    for limit, subject in counted:
        spend(limit, subject)
    return counted


def _key(limit: Limit, subject: str) -> str:
    """No address is kept in clear."""
    return f"{limit.name}:{hashlib.sha256(subject.strip().lower().encode()).hexdigest()[:40]}"
