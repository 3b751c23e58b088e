"""Headers of every page of the resolver; what `check --deploy` says of the production settings."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.access import addresses, build, kinds, path_of
from tests.conftest import SignedClient

ENTRANCES = ("reply_enter", "visit_enter", "apply_enter")  # their address is a secret
ROOT = Path(__file__).parent.parent
CSP = {
    "default-src 'self'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
}
PRODUCTION = {
    "OPALE_ENV": "production",
    "SECRET_KEY": "q8Zt-3vRk_1LmXw7Yb5Nc9Hd2Fg6Js4Kp0Ta8Ue3Vi1Wo7Qx5Rz",
    "PUBLIC_BASE_URL": "https://opale.ac-exemple.fr",
    "DATABASE_URL": "sqlite:////tmp/never-opened.sqlite3",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtps://relais.ac-exemple.fr:465",
    "MAIL_FROM": "Op@le Pilot <opale@ac-exemple.fr>",
}


@pytest.mark.parametrize("actor", ["lead", "anonymous"])
def test_every_page_carries_the_headers(db: None, actor: str) -> None:
    world = build(SignedClient)
    client = SignedClient()
    wrong = []
    for address in addresses():
        client.cookies.clear()
        if world.sessions[actor]:
            client.cookies["sessionid"] = world.sessions[actor]
        answer = client.get(path_of(address, kinds(address)[0], world))
        if answer.streaming:
            list(answer.streaming_content)  # the client closes the file at its end
        headers = answer.headers
        expected = {
            "X-Frame-Options": "DENY",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
        }
        is_by_link = address.name.startswith(("reply_", "visit_enter", "confirmation_", "apply_"))
        expected |= {"Cache-Control": "no-store, private"} if actor == "lead" or is_by_link else {}
        expected |= {"Referrer-Policy": "no-referrer"} if address.name in ENTRANCES else {}
        wrong += [(address.name, name) for name, value in expected.items() if headers.get(name) != value]
        if set(headers["Content-Security-Policy"].split("; ")) != CSP:
            wrong.append((address.name, headers["Content-Security-Policy"]))
    assert wrong == []


def in_production(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run with nothing of this process's environment but what a program needs: the browser tests loosen theirs."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env={**inherited, **PRODUCTION, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_deployment_check_is_clean(tmp_path: Path) -> None:
    found = in_production("check", "--deploy", "--fail-level", "WARNING", OPALE_VAR=str(tmp_path))
    assert found.returncode == 0, found.stderr
    assert "0 silenced" in found.stdout


ASK = """
from django.test import Client
answer = Client().get("/", headers={"host": "%s"}, secure=%s)
print(answer.status_code, answer.headers.get("Strict-Transport-Security"), answer.headers.get("Location"))
"""


@pytest.mark.parametrize(
    ("host", "secure", "expected"),
    [
        ("opale.ac-exemple.fr", True, "302 max-age=31536000; includeSubDomains; preload /connexion/"),
        ("opale.ac-exemple.fr", False, "301 None https://opale.ac-exemple.fr/"),
        ("pirate.example", True, "400 "),
        ("localhost", True, "400 "),
    ],
)
def test_production_speaks_https_under_its_own_name(tmp_path: Path, host: str, secure: bool, expected: str) -> None:
    found = in_production("shell", "-v0", "-c", ASK % (host, secure), OPALE_VAR=str(tmp_path))
    assert found.stdout.strip().splitlines()[-1].startswith(expected), found.stderr


def test_cookies_are_for_https_and_out_of_reach_of_scripts(tmp_path: Path) -> None:
    ask = (
        "from django.conf import settings as s;"
        "print(s.SESSION_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE, s.CSRF_COOKIE_SECURE)"
    )
    found = in_production("shell", "-v0", "-c", ask, OPALE_VAR=str(tmp_path))
    assert found.stdout.strip().splitlines()[-1] == "True True Lax True", found.stderr
