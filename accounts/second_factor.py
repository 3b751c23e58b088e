"""The second factor: for whom it is compulsory, and whether this session has passed it."""

from __future__ import annotations

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY, record_authentication
from django.conf import settings
from django.http import HttpRequest

from accounts.models import User

CODE = "mfa"  # allauth's word for a code of the application or a recovery code
PROCONNECT = "proconnect"


def is_missing(request: HttpRequest, person: User) -> bool:
    """Whether this person must pass a second factor that this session has not. Costs no query of its own."""
    if not person.needs_second_factor or _is_invented_in_development(person):
        return False
    return not any(
        record["method"] == CODE or (record["method"] == PROCONNECT and record.get("is_strong"))
        for record in get_authentication_records(request, person)
    )


def note_code(request: HttpRequest, person: User) -> None:
    """The person has just given a right code outside the sign-in: while enrolling."""
    record_authentication(request, person, method=CODE, type="totp")


def note_proconnect(request: HttpRequest, person: User, *, is_strong: bool) -> None:
    """ProConnect vouches for the person; `is_strong` if with a second factor of its own."""
    record_authentication(request, person, method=PROCONNECT, is_strong=is_strong)


def forget(request: HttpRequest) -> None:
    """The application was removed: its codes no longer count in this session."""
    records = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [r for r in records if r["method"] != CODE]


def _is_invented_in_development(person: User) -> bool:
    return settings.DEBUG and person.is_invented
