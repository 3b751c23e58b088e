"""The form of a real campaign served as in production, beside the bare application, and browsers before each."""

from __future__ import annotations

import http.client
import json
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import dj_database_url
from django.conf import settings
from django.db import connection, connections

from deployment.choices import Function
from opale_pilot import supervisor
from surveys.choices import Purpose
from surveys.clock import current
from surveys.models import Campaign, Invitation
from tests.factories import make_academy, make_wave
from tests.services import free_port, wait_until
from tests.surveys.factories import make_campaign, make_staffed, tokens

CLIENTS = 50
HOST = "opale.test"
PROCESSES = 2  # as `manage.py serve` in production
HIDDEN = re.compile(r'name="(csrfmiddlewaretoken|submission|seen|revision|began)" value="([^"]*)"')
PEOPLE = (
    ("Zoé Durand", "secretary_general", "ordering"),
    ("Marc Petit", "accountant", "accounting"),
    ("Inès Martin", "head", "ordering"),
)


@dataclass
class Browser:
    """What one respondent's browser holds before its form."""

    path: str
    cookies: str
    hidden: dict[str, str]

    def get(self) -> bytes:
        return self._request("GET", "")

    def post(self, seen: int, submission: str = "") -> bytes:
        """The form filled in and sent, over the version `seen`."""
        sent = submission or str(uuid4())
        fields = [*({**self.hidden, "seen": str(seen), "submission": sent}).items(), *typed(), ("act", "submit")]
        return self._request("POST", urlencode(fields))

    def _request(self, method: str, body: str) -> bytes:
        return request(method, self.path, body, f"Cookie: {self.cookies}\r\nOrigin: https://{HOST}\r\n")


def typed() -> list[tuple[str, str]]:
    """Three persons to train."""
    rows = [("has_people", "yes"), ("comment", "Deux d’entre eux arrivent en septembre.")]
    rows += [("respondent_name", "Dominique Chef"), ("respondent_function", "Principal")]
    for place, (name, function, sphere) in enumerate(PEOPLE):
        told = {"name": name, "email": f"p{place}@exemple.invalid", "function": function, "sphere": sphere}
        told |= {"starts_on": "2026-09-01", "need": "Reprise des bases de la comptabilité budgétaire"}
        rows += [("people", str(place)), *((f"people-{place}-{field}", value) for field, value in told.items())]
    return rows


def request(method: str, path: str, body: str, headers: str = "") -> bytes:
    """One request as it goes over the line, behind the proxy that production asks for."""
    kind = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n" if body else ""
    head = f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-Proto: https\r\n{headers}{kind}\r\n"
    return (head + body).encode()


def campaign_of(number: int) -> Campaign:
    """Training needs asked of as many heads, open for two weeks."""
    academy = make_academy("grenoble", "Grenoble")
    make_wave(academy, "V8")
    places = [make_staffed(academy) for _ in range(number)]
    opens_at = current(academy) - timedelta(days=1)
    return make_campaign(academy, purpose=Purpose.TRAINING_NEEDS, establishments=places, opens_at=opens_at)


def browsers(campaign: Campaign, port: int) -> list[Browser]:
    """One for each head: the link opened, the form read."""
    heads = Invitation.objects.filter(entry__campaign=campaign, function=Function.HEAD).order_by("pk")
    paths = {row.entry.establishment.uai: row.pk for row in heads.select_related("entry__establishment")}
    return [_enter(port, token, f"/reponse/{paths[uai]}/") for (uai, _), token in tokens(campaign).items()]


def page_of(port: int, browser: Browser) -> str:
    """The page of the form as that browser receives it."""
    return _fetch(port, browser.path, SimpleCookie(browser.cookies))


def _enter(port: int, token: str, path: str) -> Browser:
    jar: SimpleCookie = SimpleCookie()
    _fetch(port, f"/r/{token}/", jar)
    assert jar, "the link gave no cookie"
    page = _fetch(port, path, jar)
    return Browser(path, _said(jar), dict(HIDDEN.findall(page)))


def _fetch(port: int, path: str, jar: SimpleCookie) -> str:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Host": HOST, "X-Forwarded-Proto": "https", "Cookie": _said(jar)}
    link.request("GET", path, headers={name: value for name, value in headers.items() if value})
    answer = link.getresponse()
    for name, value in answer.getheaders():
        if name.lower() == "set-cookie":
            jar.load(value)
    text = answer.read().decode()
    link.close()
    return text


def _said(jar: SimpleCookie) -> str:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())


def drive(port: int, connections: list[list[bytes]]) -> dict[str, Any]:
    """What the light client found; see bench/load.py."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=pickle.dumps((port, connections)),
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@contextmanager
def served() -> Iterator[int]:
    """The product on a free port, on the database of this measure."""
    environment = {
        "OPALE_ENV": "production",
        "OPALE_BEHIND_PROXY": "1",
        "SECRET_KEY": "Mesure0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL",
        "PUBLIC_BASE_URL": f"https://{HOST}",
        "DATABASE_URL": _address(),
        "REDIS_URL": f"filesystem://{os.environ['OPALE_VAR']}/broker",
        "DJANGO_SETTINGS_MODULE": "bench.served_settings",
    }
    with _gunicorn("opale_pilot.wsgi", environment) as port:
        yield port


@contextmanager
def bare(template: str = "") -> Iterator[int]:
    """The bare application on a free port, on an empty database of the same engine."""
    folder = Path(os.environ["OPALE_VAR"])
    file = folder / "bare.html"
    file.write_text(f"{{% verbatim %}}{template}{{% endverbatim %}}")
    environment = {"BARE_TEMPLATE": str(file), "DATABASE_URL": _bare_database(folder), "OPALE_ENV": "development"}
    with _gunicorn("bench.bare_app:application", environment) as port:
        yield port


@contextmanager
def _gunicorn(application: str, environment: dict[str, str]) -> Iterator[int]:
    port = free_port()
    command = supervisor.web_command(f"127.0.0.1:{port}", processes=PROCESSES)
    command[command.index("opale_pilot.wsgi")] = application
    with ExitStack() as stack:
        server = subprocess.Popen(command, env={**os.environ, **environment})
        stack.callback(server.wait, 30)
        stack.callback(server.terminate)
        wait_until(lambda: _answers(port), f"{application} on port {port}")
        yield port


def _answers(port: int) -> bool:
    try:
        _fetch(port, "/nowhere", SimpleCookie())
    except OSError:
        return False
    return True


def _address() -> str:
    return str(os.environ["DATABASE_URL"])


def _bare_database(folder: Path) -> str:
    """Its address, its one table made."""
    table = "CREATE TABLE bare_row (id {key}, content {json} NOT NULL, at {instant} NOT NULL)"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DROP DATABASE IF EXISTS bare")
            cursor.execute("CREATE DATABASE bare")
        address = _address().rpartition("/")[0] + "/bare"
        words = {
            "key": "bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
            "json": "jsonb",
            "instant": "timestamptz",
        }
    else:
        address = f"sqlite:///{folder / 'bare.sqlite3'}"
        (folder / "bare.sqlite3").unlink(missing_ok=True)
        words = {"key": "integer NOT NULL PRIMARY KEY AUTOINCREMENT", "json": "text", "instant": "datetime"}
    connections.databases["bare"] = {**settings.DATABASES["default"], **dj_database_url.parse(address)}
    with connections["bare"].cursor() as cursor:
        cursor.execute(table.format(**words))
    connections["bare"].close()
    return address


def share(found: dict[str, Any]) -> float:
    """Part of the machine that the client itself took."""
    return float(found["cpu"] / (found["seconds"] * (os.cpu_count() or 1)))


def load() -> str:
    """The machine before the measure, to be told beside it."""
    return f"{os.getloadavg()[0]:.1f}"
