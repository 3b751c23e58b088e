"""Reads the settings that come from the environment; in production a missing or weak one stops the start."""

import os
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

PRODUCTION = "production"
OWN_RELAY = "smtp://localhost:25"
DEVELOPMENT = "development"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
WEAK_WORDS = ("secret", "changeme", "change-me", "insecure", "password", "development")


def environment_name() -> str:
    """`OPALE_ENV`: `development` (default) or `production`; any other word stops the start."""
    name = os.environ.get("OPALE_ENV", DEVELOPMENT)
    if name not in (DEVELOPMENT, PRODUCTION):
        raise ImproperlyConfigured(f"OPALE_ENV is {name!r}; it must be {DEVELOPMENT!r} or {PRODUCTION!r}.")
    return name


def env(name: str, development_default: str) -> str:
    """The variable, or its default in development. Missing in production: the start stops and says which."""
    value = os.environ.get(name, "")
    if value:
        return value
    if environment_name() == PRODUCTION:
        raise ImproperlyConfigured(f"{name} is missing: with OPALE_ENV=production it must be set in the environment.")
    return development_default


def address(name: str, development_default: str, *schemes: str) -> str:
    """A compulsory variable that must begin with one of these schemes."""
    return of_scheme(name, env(name, development_default), *schemes)


def of_scheme(name: str, value: str, *schemes: str) -> str:
    """Refuse another scheme. The value is not repeated: it may hold a password."""
    if value and not value.startswith(tuple(f"{scheme}://" for scheme in schemes)):
        raise ImproperlyConfigured(f"{name} is not an address of the form {' or '.join(schemes)}://…")
    return value


def env_number(name: str, default: float) -> float:
    """A positive number of the environment, the same default everywhere; anything else stops the start."""
    text = os.environ.get(name, "") or str(default)
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value < float("inf"):
        raise ImproperlyConfigured(f"{name} is {text!r}; it must be a number above zero.")
    return value


def email_url(development_default: str) -> str:
    """`EMAIL_URL`, the mail relay. In clear on this machine only; a folder in development only.

    Optional: production then hands its mails to the relay of the machine itself, and keeps them while none answers.
    """
    default = OWN_RELAY if environment_name() == PRODUCTION else development_default
    url = of_scheme("EMAIL_URL", os.environ.get("EMAIL_URL") or default, "smtp+tls", "smtps", "smtp", "file")
    parts = urlsplit(url)
    if parts.scheme == "file":
        if environment_name() == PRODUCTION:
            raise ImproperlyConfigured("EMAIL_URL names a folder: with OPALE_ENV=production it must name a mail relay.")
        return url
    try:
        is_complete = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_complete = False
    if not is_complete:
        raise ImproperlyConfigured("EMAIL_URL must look like smtp+tls://account:password@relay.ac-exemple.fr:587.")
    if parts.scheme == "smtp" and parts.hostname not in LOOPBACK:
        raise ImproperlyConfigured(
            "EMAIL_URL asks for mail without encryption, which is refused outside this machine: "
            "write smtp+tls:// (STARTTLS) or smtps:// (TLS from the start)."
        )
    return url


def mail_from(base_url: str) -> str:
    """`MAIL_FROM`, the sender of every mail: an address, or « Name <address> »; by default one of the site's host."""
    host = urlsplit(base_url).hostname
    sender = os.environ.get("MAIL_FROM") or f'"Op@le Pilot" <ne-pas-repondre@{host}>'
    name, _, domain = parseaddr(sender)[1].rpartition("@")
    if not (name and domain) or any(character.isspace() for character in name + domain) or "\n" in sender:
        raise ImproperlyConfigured(
            f'MAIL_FROM is {sender!r}; it must look like "Op@le Pilot" <opale@ac-exemple.fr> (quotes around the name).'
        )
    return sender


def secret_key(development_default: str) -> str:
    """`SECRET_KEY`, refused in production when short, monotonous or a known placeholder."""
    key = env("SECRET_KEY", development_default)
    if environment_name() == PRODUCTION and (
        len(key) < 50 or len(set(key)) < 12 or any(word in key.lower() for word in WEAK_WORDS)
    ):
        raise ImproperlyConfigured(
            "SECRET_KEY is weak: give at least 50 random characters, for instance from "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'."
        )
    return key


def public_base_url(development_default: str) -> str:
    """`PUBLIC_BASE_URL`, the address people type, without a final slash; https compulsory in production."""
    url = env("PUBLIC_BASE_URL", development_default).rstrip("/")
    parts = urlsplit(url)
    if not parts.hostname or parts.scheme not in ("http", "https"):
        raise ImproperlyConfigured(f"PUBLIC_BASE_URL is {url!r}; it must look like https://opale.ac-exemple.fr.")
    if environment_name() == PRODUCTION and parts.scheme != "https":
        raise ImproperlyConfigured("PUBLIC_BASE_URL must begin with https:// when OPALE_ENV=production.")
    return url
