"""A ProConnect on loopback: `oidc-provider-mock` from PyPI, an OpenID Connect server that signs for real, stricter.

What ProConnect does and the package does not: the user information is a signed JWT, and `claims` asks for an `acr`.
A person is added by PUT /users/<sub> with their claims; `acr` is what their identity provider can do without being
asked, `strong_acr` what it can do when asked. `python -m tests.oidc_provider 8443` serves one to look at by hand.

Faults to order by PUT /fault: `plain_userinfo`, `foreign_key`, `other_subject`, `wrong_audience`, `no_nonce`,
`other_issuer`, `down`.
"""

import ctypes
import json
import signal
import sys
import time
import warnings
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of authlib, which the package has not followed yet
    import flask
    import oidc_provider_mock
    from joserfc import jwt
    from joserfc.jwk import RSAKey
    from oidc_provider_mock._storage import storage
    from werkzeug.serving import make_server

STRANGER_KEY = RSAKey.generate_key(2048)


def build() -> flask.Flask:
    """The server, with the particulars of ProConnect."""
    app = oidc_provider_mock.app(require_nonce=True)
    app.debug = False
    state: dict[str, str] = {"fault": "", "acr": "", "client_id": ""}

    @app.put("/fault")
    def order_fault() -> str:
        state["fault"] = flask.request.get_data(as_text=True)
        return ""

    @app.before_request
    def before() -> Any:
        if state["fault"] == "down" and flask.request.path != "/fault":
            return "down", 503
        if flask.request.path == "/oauth2/authorize" and flask.request.method == "POST":
            _note_acr(state)
        return None

    @app.after_request
    def after(response: flask.Response) -> flask.Response:
        change = CHANGES.get(flask.request.path)
        if change and response.status_code == 200:
            change(response, state)
        return response

    return app


def _discovery(response: flask.Response, state: dict[str, str]) -> None:
    if state["fault"] == "other_issuer":
        response.set_data(json.dumps({**json.loads(response.get_data()), "issuer": "http://localhost:1"}))


def _tokens(response: flask.Response, state: dict[str, str]) -> None:
    body = json.loads(response.get_data())
    body["id_token"] = _sign(_id_claims(body["id_token"], state), _own_key())
    response.set_data(json.dumps(body))


def _user_information(response: flask.Response, state: dict[str, str]) -> None:
    if state["fault"] != "plain_userinfo":
        claims = _user_claims(json.loads(response.get_data()), state)
        response.set_data(_sign(claims, STRANGER_KEY if state["fault"] == "foreign_key" else _own_key()))
        response.content_type = "application/jwt"


CHANGES = {
    "/.well-known/openid-configuration": _discovery,
    "/oauth2/token": _tokens,
    "/userinfo": _user_information,
}


def _note_acr(state: dict[str, str]) -> None:
    """What the identity provider of the person answers to what was asked."""
    user = storage.get_user(flask.request.form.get("sub", ""))
    claims = user.claims if user else {}
    asked = json.loads(flask.request.args.get("claims", "{}"))
    is_asked = bool(asked.get("id_token", {}).get("acr", {}).get("essential"))
    weak = claims.get("acr", "eidas1")
    state["acr"] = str(claims.get("strong_acr", weak) if is_asked else weak)
    state["client_id"] = flask.request.args["client_id"]


def _id_claims(token: str, state: dict[str, str]) -> dict[str, Any]:
    claims = {**jwt.decode(token, _own_key()).claims, "acr": state["acr"]}
    if state["fault"] == "no_nonce":
        claims["nonce"] = "x" * 64
    return claims


def _user_claims(claims: dict[str, Any], state: dict[str, str]) -> dict[str, Any]:
    now = int(time.time())
    claims |= {"iss": flask.request.host_url.rstrip("/"), "aud": state["client_id"], "iat": now, "exp": now + 60}
    if state["fault"] == "other_subject":
        claims["sub"] = "someone-else"
    if state["fault"] == "wrong_audience":
        claims["aud"] = "another-service"
    return claims


def _own_key() -> RSAKey:
    return RSAKey.import_key(storage.jwk.as_dict(is_private=True))


def _sign(claims: dict[str, Any], key: RSAKey) -> str:
    named = storage.jwk.as_dict().get("kid")
    return jwt.encode({"alg": "RS256", **({"kid": named} if named else {})}, claims, key)


PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)  # it does not outlive a run of tests that is killed
    server = make_server("localhost", int(sys.argv[1]), build(), threaded=True)
    sys.stdout.write(f"http://localhost:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()
