"""What the accounts room writes to people."""

from __future__ import annotations

import uuid

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import mail
from accounts.academies import academy_named
from accounts.links import public_url
from accounts.models import OutgoingEmail, User

INACTIVITY = "accounts/emails/inactivity.html"
INACTIVITY_KEY = "inactivity-"


@transaction.atomic
def password_link(person: User, *, uid: str, key: str) -> None:
    """To who asked for it on the sign-in page: the link that lets choose a password."""
    mail.queue(
        "accounts/emails/password_link.html",
        to=person.email,
        academy="",
        key=f"password-link-{uuid.uuid4()}",
        secret_link=_password_page(uid, key),
        person=person,
    )


def invitation(person: User, *, by: User | None, academy: str, roles: list[str]) -> None:
    """To who has just been given a first role: what for, by whom, and the link that opens the account."""
    mail.queue(
        "accounts/emails/invitation.html",
        to=person.email,
        academy=academy,
        key=f"invitation-{uuid.uuid4()}",
        reply_to=by.email if by else "",
        secret_link=_password_page(user_pk_to_url_str(person), default_token_generator.make_token(person)),
        person=person,
        by=by,
        academy_name=academy_named(academy).full_name,
        roles=roles,
        sign_in_url=public_url(reverse("login")),
    )


def role_given(person: User, *, by: User | None, academy: str, roles: list[str]) -> None:
    """To who already signs in, and may do more from now on."""
    mail.queue(
        "accounts/emails/role_given.html",
        to=person.email,
        academy=academy,
        key=f"role-given-{uuid.uuid4()}",
        reply_to=by.email if by else "",
        person=person,
        by=by,
        academy_name=academy_named(academy).full_name,
        roles=roles,
        sign_in_url=public_url(reverse("login")),
    )


@transaction.atomic
def inactivity(person: User) -> OutgoingEmail | None:
    """To who has not signed in for two years less a month: the account ends, unless they come back."""
    return mail.queue(
        INACTIVITY,
        to=person.email,
        academy="",
        key=f"{INACTIVITY_KEY}{person.pk}",
        person=person,
        sign_in_url=public_url(reverse("login")),
    )


@transaction.atomic
def trial(person: User, *, academy: str) -> None:
    """To the agent who wants to know whether mails arrive."""
    mail.queue(
        "accounts/emails/trial.html",
        to=person.email,
        academy=academy,
        key=f"trial-{uuid.uuid4()}",
        person=person,
        mails_url=public_url(reverse("accounts:mail_list", args=[academy])),
    )


@transaction.atomic
def account_changed(person: User, event: str) -> None:
    """To the person, whenever what protects the account changes: who did not do it must hear of it."""
    mail.queue(
        "accounts/emails/account_changed.html",
        to=person.email,
        academy="",
        key=f"account-changed-{uuid.uuid4()}",
        person=person,
        event=event,
        at=timezone.now(),
        reset_url=public_url(reverse("account_reset_password")),
    )


def _password_page(uid: str, key: str) -> str:
    return public_url(reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": key}))
