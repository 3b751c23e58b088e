"""ProConnect, the State's OpenID Connect: it says who comes; who may enter is our own affair (services/identities.py).

Particulars: the user information is a signed JWT, never JSON; state and nonce have at least 32 characters; the second
factor is asked by `acr`. Rules: github.com/proconnect-gouv/proconnect-espace-partenaires.
"""

from __future__ import annotations

import hmac
import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import jwt
import requests
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.urls import reverse

from accounts.links import public_url

logger = logging.getLogger(__name__)

SCOPES = "openid given_name usual_name email"
ALGORITHMS = ["RS256", "ES256"]
STRONG_ACR = ("eidas0-mfa", "eidas1-mfa", "eidas2", "eidas3")
PATIENCE = 5  # seconds
CLOCKS_APART = 30  # seconds
PENDING = "proconnect"
ID_TOKEN = "proconnect_id_token"

DOWN = "ProConnect ne répond pas. Recommencez dans quelques minutes, ou entrez avec votre mot de passe."
STALE = "Cette tentative n’est plus valable : elle a expiré ou a commencé dans une autre fenêtre. Recommencez."
GIVEN_UP = "Vous avez renoncé à vous identifier, ou votre fournisseur d’identité a refusé."
UNREADABLE = "La réponse de ProConnect n’est pas celle attendue. Recommencez ; si cela persiste, prévenez la DSI."


class ProConnectRefused(Exception):
    """The person is not known for sure; the message is French and is shown to the person."""


@dataclass(frozen=True)
class Witness:
    """Who ProConnect says has come, and how surely."""

    issuer: str
    subject: str
    email: str
    is_strong: bool
    id_token: str
    next_url: str
    asked_strong: bool


def is_configured() -> bool:
    return bool(settings.PROCONNECT_ISSUER and settings.PROCONNECT_CLIENT_ID)


def leave(session: SessionBase, *, next_url: str = "", strong: bool = False) -> str:
    """The address of ProConnect to send the person to. `strong`: with a second factor, or not at all."""
    pending = {"state": secrets.token_urlsafe(48), "nonce": secrets.token_urlsafe(48)}
    asked = {
        "response_type": "code",
        "client_id": settings.PROCONNECT_CLIENT_ID,
        "redirect_uri": public_url(reverse("proconnect_return")),
        "scope": SCOPES,
        **pending,
    }
    if strong:
        asked["claims"] = json.dumps({"id_token": {"acr": {"essential": True, "values": STRONG_ACR}}})
    session[PENDING] = {**pending, "next": next_url, "strong": strong}
    return f"{_discover()['authorization_endpoint']}?{urlencode(asked)}"


def come_back(session: SessionBase, answer: Mapping[str, str]) -> Witness:
    """Read the answer of ProConnect, once. Raises `ProConnectRefused`."""
    pending = session.pop(PENDING, None)
    if pending is None or not hmac.compare_digest(pending["state"].encode(), answer.get("state", "").encode()):
        raise ProConnectRefused(STALE)
    if "error" in answer or not answer.get("code"):
        logger.info("ProConnect answered %r", answer.get("error", "no code")[:80])
        raise ProConnectRefused(GIVEN_UP)
    found = _discover()
    tokens = _tokens(found, answer["code"])
    try:
        identity = _verified(found, tokens["id_token"])
        person = _verified(found, _user_information(found, tokens["access_token"]))
    except (jwt.PyJWTError, KeyError, TypeError) as error:
        logger.warning("ProConnect: %s", error)
        raise ProConnectRefused(UNREADABLE) from error
    if not hmac.compare_digest(str(identity.get("nonce", "")).encode(), pending["nonce"].encode()):
        raise ProConnectRefused(STALE)
    if person["sub"] != identity["sub"]:
        raise ProConnectRefused(UNREADABLE)
    return Witness(
        issuer=settings.PROCONNECT_ISSUER,
        subject=person["sub"],
        email=str(person.get("email", "")).lower(),
        is_strong=identity.get("acr") in STRONG_ACR,
        id_token=tokens["id_token"],
        next_url=pending["next"],
        asked_strong=pending["strong"],
    )


def sign_out_url(id_token: str) -> str:
    """The address that closes the session at ProConnect as well; empty when it does not answer."""
    try:
        end = _discover()["end_session_endpoint"]
    except (ProConnectRefused, KeyError):
        return ""
    back = {"id_token_hint": id_token, "state": secrets.token_urlsafe(48)}
    return f"{end}?{urlencode({**back, 'post_logout_redirect_uri': public_url(reverse('login'))})}"


def _discover() -> dict[str, Any]:
    found = _ask("GET", f"{settings.PROCONNECT_ISSUER}/.well-known/openid-configuration").json()
    if not isinstance(found, dict) or found.get("issuer") != settings.PROCONNECT_ISSUER:
        raise ProConnectRefused(UNREADABLE)
    return found


def _tokens(found: dict[str, Any], code: str) -> dict[str, Any]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": public_url(reverse("proconnect_return")),
        "client_id": settings.PROCONNECT_CLIENT_ID,
        "client_secret": settings.PROCONNECT_CLIENT_SECRET,
    }
    tokens = _ask("POST", found["token_endpoint"], data=form).json()
    if not isinstance(tokens, dict):
        raise ProConnectRefused(UNREADABLE)
    return tokens


def _user_information(found: dict[str, Any], access_token: str) -> str:
    answer = _ask("GET", found["userinfo_endpoint"], headers={"Authorization": f"Bearer {access_token}"})
    return answer.text


def _verified(found: dict[str, Any], token: str) -> dict[str, Any]:
    """The claims of a token signed by one of the provider's keys, for us, not out of date."""
    keys = jwt.PyJWKSet.from_dict(_ask("GET", found["jwks_uri"]).json()).keys
    name = jwt.get_unverified_header(token).get("kid")
    fitting = [key for key in keys if name is None or key.key_id == name]
    if not fitting:
        raise jwt.InvalidKeyError("no key of that name")
    claims: dict[str, Any] = jwt.decode(
        token,
        fitting[0],
        algorithms=ALGORITHMS,
        audience=settings.PROCONNECT_CLIENT_ID,
        issuer=settings.PROCONNECT_ISSUER,
        leeway=CLOCKS_APART,
        options={"require": ["exp", "iat", "sub", "iss", "aud"]},
    )
    return claims


def _ask(method: str, url: str, **options: Any) -> requests.Response:
    try:
        answer = requests.request(method, url, timeout=PATIENCE, allow_redirects=False, **options)
    except requests.RequestException as error:
        logger.warning("ProConnect: %s", error)
        raise ProConnectRefused(DOWN) from error
    if answer.status_code != 200:
        logger.warning("ProConnect: %s answered %s", url, answer.status_code)
        raise ProConnectRefused(DOWN if answer.status_code >= 500 else STALE)
    return answer
