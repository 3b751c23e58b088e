"""What django-allauth asks of a site: its words, its mails, its secrets, and what the trail keeps of it."""

from __future__ import annotations

import base64
import hashlib
import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.utils.encoding import force_bytes

from accounts import audit, emails
from accounts.models import User
from accounts.rights import ENTER, MANAGE_OWN_ACCOUNT

WRONG_PASSWORD = "Adresse électronique ou mot de passe incorrect. Vérifiez les deux, puis recommencez."
WRONG_CODE = (
    "Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant sur votre application, puis recommencez."
)
# allauth's name of what happened on an account → what the trail, the person and the notice say.
EVENTS = {
    "account/email/password_changed": "Mot de passe modifié",
    "account/email/password_reset": "Mot de passe choisi par un lien reçu par courriel",
    "mfa/email/totp_activated": "Second facteur activé",
    "mfa/email/totp_deactivated": "Second facteur retiré",
    "mfa/email/recovery_codes_generated": "Nouveaux codes de secours",
}
# Shown once after the act; allauth's other messages say nothing of use.
SENTENCES = {
    "account/messages/password_changed.txt": "Votre mot de passe est enregistré.",
    "mfa/messages/totp_activated.txt": "Votre application est enregistrée : un code vous sera demandé à la connexion.",
    "mfa/messages/totp_deactivated.txt": "Votre application n’est plus reliée à votre compte.",
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Closed to sign-up; traces who enters and what changes on an account; writes French."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": WRONG_PASSWORD,
        "invalid_login": WRONG_PASSWORD,
        "incorrect_password": "Ce mot de passe n’est pas le vôtre. Vérifiez-le, puis recommencez.",
        "enter_current_password": "Ce mot de passe n’est pas votre mot de passe actuel. Vérifiez-le, puis recommencez.",
        "incorrect_code": WRONG_CODE,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        methods = [record["method"] for record in get_authentication_records(request, user)]
        audit.record(user, ENTER, "Connexion", academy="", methods=methods)

    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, User):
            audit.record(request.user, ENTER, "Déconnexion", academy="")
        super().logout(request)

    def reauthenticate(self, user: User, password: str) -> bool:
        return user.check_password(password)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whoever has just signed in is not asked again."""
        request = context.request
        records = get_authentication_records(request, request.user)
        return not records or time.time() - records[-1]["at"] > app_settings.REAUTHENTICATION_TIMEOUT

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return "/compte/"

    def add_message(
        self, request: HttpRequest, level: int, message_template: str = "", *args: Any, **kwargs: Any
    ) -> None:
        sentence = kwargs.get("message") or SENTENCES.get(message_template)
        if sentence:
            messages.add_message(request, level, sentence)

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        emails.password_link(user, uid=context["uid"], key=context["key"])

    def send_notification_mail(self, template_prefix: str, user: User, *args: Any, **kwargs: Any) -> None:
        event = EVENTS[template_prefix]
        audit.record(user, MANAGE_OWN_ACCOUNT, event, academy="")
        emails.account_changed(user, event)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Keeps the secrets of the second factor encrypted; a stolen database does not give the codes."""

    error_messages = DefaultMFAAdapter.error_messages | {"incorrect_code": WRONG_CODE}

    def get_totp_issuer(self) -> str:
        return "Op@le Pilot"

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> MultiFernet:
    """Under the secret key of the installation; the former ones still read."""
    return MultiFernet([Fernet(_fernet_key(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _fernet_key(secret: str | bytes) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(b"accounts.second_factor" + force_bytes(secret)).digest())
