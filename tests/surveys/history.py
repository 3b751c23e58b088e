"""Clients that answer over HTTP, a nemesis that breaks things under them, and what must hold afterwards.

Each client writes down what it invoked and what it was told: `ok`, `fail`, or `unknown` when it was told nothing.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from opale_pilot import supervisor
from tests.services import PostgreSQL, Redis, die_with_parent, free_port, wait_until

HIDDEN = re.compile(r'name="(csrfmiddlewaretoken|submission|seen|revision|began|replaced)" value="([^"]*)"')
CLIENTS = 8
PATIENCE = 20  # seconds that a client waits for an answer before it holds it unknown
TRIES = 6  # presses on « Envoyer de nouveau » of a person told nothing
ACKNOWLEDGED, CONFLICT, UNAVAILABLE = 303, 409, 503
OK, FAIL, UNKNOWN = "ok", "fail", "unknown"


@dataclass(frozen=True)
class Event:
    """One submission and what its client was told. `seen`: the version that its form showed."""

    client: int
    answer: int
    submission: str
    seen: int
    content: dict[str, Any]
    outcome: str


@dataclass
class Journal:
    """What all clients wrote down, in any order; `statuses` by instant; `wrong`: reads that went back in time."""

    events: list[Event] = field(default_factory=list)
    statuses: list[tuple[float, int]] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def told(self, outcome: str) -> list[Event]:
        return [event for event in self.events if event.outcome == outcome]


class Site:
    """The product behind its own gunicorn, on a database and a broker of its own."""

    def __init__(self, folder: Path, database: str, redis: str, *, mutant: str = "") -> None:
        self.folder, self.port = folder, free_port()
        settings = {"DATABASE_URL": database, "REDIS_URL": redis, "OPALE_VAR": str(folder), "OPALE_ENV": "development"}
        settings |= {"DJANGO_SETTINGS_MODULE": "opale_pilot.settings", "MUTANT": mutant}
        self.environment = {**os.environ, **settings}
        self.application = "tests.surveys.mutants" if mutant else "opale_pilot.wsgi"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = supervisor.web_command(f"127.0.0.1:{self.port}", processes=2)
        command[command.index("opale_pilot.wsgi")] = self.application
        with (self.folder / "site.log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=partial(die_with_parent, signal.SIGKILL),
            )
        wait_until(self.answers, "the site")

    def stop(self) -> None:
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def answers(self) -> bool:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            link.request("GET", "/accessibilite/", headers={"Host": "localhost"})
            return link.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            link.close()

    def kill_a_worker(self, chance: random.Random) -> None:
        """kill -9 of one of the two processes; gunicorn starts another."""
        assert self.process
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        if listed:
            os.kill(int(chance.choice(listed)), signal.SIGKILL)

    def ask(self, *words: str) -> Any:
        """What tests/surveys/history_site.py finds, in a process of its own."""
        command = [sys.executable, "-m", "tests.surveys.history_site", *words]
        done = subprocess.run(command, env=self.environment, check=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout)


class Respondent:
    """One browser, that one person after the other uses: opens a door, answers, looks, hesitates."""

    def __init__(self, number: int, site: Site, doors: list[dict[str, Any]], journal: Journal, seed: int) -> None:
        self.number, self.site, self.doors, self.journal = number, site, doors, journal
        self.chance = random.Random(seed)
        self.jars: dict[str, SimpleCookie] = {}
        self.highest: dict[int, int] = {}

    def work(self, until: Callable[[], bool]) -> None:
        """Act until told to stop; a line that is cut is no reason to give up."""
        acts = [self.submit, self.submit, self.submit, self.save, self.look, self.cut]
        while not until():
            try:
                self.chance.choice(acts)(self.chance.choice(self.doors))
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)

    def look(self, door: dict[str, Any]) -> dict[str, str]:
        """Open the form. The version it shows never goes back."""
        status, text = self.http("GET", door)
        hidden = dict(HIDDEN.findall(text)) if status == 200 else {}
        if hidden:
            seen, highest = int(hidden["seen"]), self.highest.get(door["answer"], 0)
            if seen < highest:
                self.journal.wrong.append(f"client {self.number} read version {seen} after {highest}")
            self.highest[door["answer"]] = max(seen, highest)
        return hidden

    def submit(self, door: dict[str, Any]) -> None:
        """Fill in and send; told that another version came, replace it as often as not."""
        hidden = self.look(door)
        if not hidden:
            return
        text = self._sent(door, hidden, {"act": "submit"}, seen=int(hidden["seen"]))
        again = dict(HIDDEN.findall(text))
        if "replaced" in again and self.chance.random() < 0.5:
            self._sent(door, again, {"act": "replace"}, seen=int(again["replaced"]))

    def save(self, door: dict[str, Any]) -> None:
        if hidden := self.look(door):
            self.http("POST", door, {**hidden, **self._typed()[0]}, page="brouillon/")

    def cut(self, door: dict[str, Any], share: float | None = None, missing: int = 0) -> None:
        """Send a part of the form, or all but its last bytes, then nothing: it must count for nothing."""
        hidden = self.look(door)
        if not hidden:
            return
        typed, content = self._typed()
        body = urlencode({**hidden, **typed, "act": "submit", "submission": (sent := str(uuid4()))}).encode()
        drawn = int(len(body) * (self.chance.random() if share is None else share))
        kept = len(body) - missing if missing else drawn
        head = "".join(f"{name}: {value}\r\n" for name, value in self._headers(door, len(body)).items())
        with socket.create_connection(("127.0.0.1", self.site.port), timeout=PATIENCE) as line:
            line.sendall(f"POST {door['path']} HTTP/1.1\r\n{head}\r\n".encode() + body[:kept])
        self._note(door, sent, int(hidden["seen"]), content, FAIL)

    def http(
        self, method: str, door: dict[str, Any], fields: dict[str, str] | None = None, page: str = ""
    ) -> tuple[int, str]:
        """Status and text of one request; raises when the line is cut."""
        if door["path"] not in self.jars:
            self._enter(door)
        return self._request(method, door, door["path"] + page, urlencode(fields or {}))

    def _enter(self, door: dict[str, Any]) -> None:
        self.jars[door["path"]] = SimpleCookie()
        status, _ = self._request("GET", door, f"/r/{door['token']}/", "")
        if status != ACKNOWLEDGED:
            del self.jars[door["path"]]
            raise OSError

    def _request(self, method: str, door: dict[str, Any], path: str, body: str) -> tuple[int, str]:
        link = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=PATIENCE)
        try:
            link.request(method, path, body or None, self._headers(door, len(body)))
            answer = link.getresponse()
            text = answer.read().decode()
        finally:
            link.close()
        for value in answer.headers.get_all("Set-Cookie") or ():
            self.jars[door["path"]].load(value)
        self.journal.statuses.append((time.monotonic(), answer.status))
        return answer.status, text

    def _headers(self, door: dict[str, Any], length: int) -> dict[str, str]:
        jar = self.jars[door["path"]]
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())
        found = {"Host": "localhost", **({"Cookie": cookies} if cookies else {})}
        form = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(length)}
        return {**found, **form} if length else found

    def _typed(self) -> tuple[dict[str, str], dict[str, Any]]:
        """What is typed, and the content that it must become: long enough for a half of it to be seen."""
        comment = f"client {self.number} {self.chance.random()} " + "é" * self.chance.randrange(2000)
        who = {"respondent_name": f"Client {self.number}", "respondent_function": "Proviseur"}
        return {"has_people": "no", "comment": comment, **who}, {"none": True, "people": [], "comment": comment.strip()}

    def _sent(self, door: dict[str, Any], hidden: dict[str, str], act: dict[str, str], *, seen: int) -> str:
        """One submission, pressed again while nothing is known of it; the page of the last answer."""
        typed, content = self._typed()
        fields, status, text = {**hidden, **typed, **act}, 0, ""
        for turn in range(TRIES if self.chance.random() < 0.7 else 1):
            if turn:
                time.sleep(0.2)
            try:
                status, text = self.http("POST", door, fields)
            except (OSError, http.client.HTTPException):
                status, text = 0, ""
            if status == UNAVAILABLE:
                self.journal.pages.append(text)
            if status in (ACKNOWLEDGED, CONFLICT):
                break
        outcome = {ACKNOWLEDGED: OK, CONFLICT: FAIL}.get(status, UNKNOWN)
        self._note(door, hidden["submission"], seen, content, outcome)
        return text if status == CONFLICT else ""

    def _note(self, door: dict[str, Any], sent: str, seen: int, content: dict[str, Any], outcome: str) -> None:
        self.journal.events.append(Event(self.number, door["answer"], sent, seen, content, outcome))


Fault = Callable[[], None]


@contextmanager
def answering(site: Site, doors: list[dict[str, Any]], seed: int, clients: int = CLIENTS) -> Iterator[Journal]:
    """Clients answer in the background while the block breaks things; they have ended when it is left."""
    journal, ended = Journal(), threading.Event()
    people = [Respondent(number, site, doors, journal, seed * 1000 + number) for number in range(clients)]
    threads = [threading.Thread(target=one.work, args=(ended.is_set,), daemon=True) for one in people]
    for thread in threads:
        thread.start()
    try:
        yield journal
    finally:
        ended.set()
        for thread in threads:
            thread.join(4 * PATIENCE)
        assert not any(thread.is_alive() for thread in threads)


def faults(site: Site, redis: Redis, postgresql: PostgreSQL | None, chance: random.Random) -> dict[str, Fault]:
    """What the nemesis may do; each leaves everything up again."""

    def frozen() -> None:
        redis.freeze()
        time.sleep(chance.uniform(0.2, 1))
        redis.thaw()

    def restarted(end: Callable[[], None], start: Callable[[], None]) -> None:
        end()
        time.sleep(chance.uniform(0, 0.5))
        start()

    found: dict[str, Fault] = {
        "worker killed": lambda: site.kill_a_worker(chance),
        "Redis frozen": frozen,
        "Redis restarted": lambda: restarted(redis.stop, redis.start),
    }
    if postgresql:
        found["PostgreSQL restarted"] = lambda: restarted(postgresql.stop, postgresql.start)
        found["PostgreSQL crashed"] = lambda: restarted(postgresql.crash, postgresql.start)
    return found


def break_things(known: dict[str, Fault], journal: Journal, chance: random.Random, seconds: float) -> None:
    """Draw faults one after the other for so long, then leave time to heal."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(chance.uniform(0.3, 1.2))
        name = chance.choice(list(known))
        journal.faults.append(name)
        known[name]()


def violations(journal: Journal, truth: dict[str, Any]) -> list[str]:
    """Everything that a history and a database together must not show."""
    versions, answers = truth["versions"], truth["answers"]
    kept = Counter(version["submission"] for version in versions)
    found = list(journal.wrong)
    found += [f"acknowledged and lost: {e.submission}" for e in journal.told(OK) if not kept[e.submission]]
    found += [f"refused and kept: {e.submission}" for e in journal.told(FAIL) if kept[e.submission]]
    found += [f"kept {number} times: {sent}" for sent, number in kept.items() if number > 1]
    invoked = {event.submission: event for event in journal.events}
    found += [f"never sent: {sent}" for sent in kept if sent not in invoked]
    for version in versions:
        event = invoked.get(version["submission"])
        if event and (event.answer, event.content) != (version["answer"], version["content"]):
            found.append(f"kept otherwise than sent: {event.submission}")
        if event and event.seen != version["number"] - 1:
            found.append(f"version {version['number']} overwrote what its form had not shown (it showed {event.seen})")
    return found + _broken_rows(versions, answers) + _wrong_counts(versions, answers, truth)


def _broken_rows(versions: list[dict[str, Any]], answers: list[dict[str, Any]]) -> list[str]:
    found = []
    if len({(answer["entry"], answer["part"]) for answer in answers}) < len(answers):
        found.append("two answers for one establishment and part")
    for answer in answers:
        own = [version for version in versions if version["answer"] == answer["pk"]]
        numbers = [version["number"] for version in own]
        if numbers != list(range(1, len(own) + 1)) or answer["number"] != len(own):
            found.append(f"numbers of the answer {answer['pk']}: {numbers}, it says {answer['number']}")
        if [v["submitted_at"] for v in own] != sorted(v["submitted_at"] for v in own):
            found.append(f"versions of the answer {answer['pk']} are not in the order of their dates")
        if own and (answer["submitted_by"], answer["submitted_at"]) != (own[-1]["name"], own[-1]["submitted_at"]):
            found.append(f"the answer {answer['pk']} does not tell its last version")
    return found


def _wrong_counts(versions: list[dict[str, Any]], answers: list[dict[str, Any]], truth: dict[str, Any]) -> list[str]:
    found, given = [], {version["answer"] for version in versions}
    if (truth["answered"], truth["followed"]) != (len(given), 2 * len(given)):  # two functions an establishment
        found.append(f"screens say {truth['answered']} and {truth['followed']}, the rows {len(given)}")
    if truth["sent"] != len(given) or any(answer["receipted"] != answer["number"] for answer in answers):
        found.append(f"{truth['sent']} receipts for {len(given)} last versions")
    if len(truth["receipts"]) != len(set(truth["receipts"])):
        found.append("a receipt twice")
    return found


@contextmanager
def site_of(folder: Path, database: str, redis: str, *, mutant: str = "") -> Iterator[Site]:
    """A migrated database and a site on it, until the end of the block."""
    with ExitStack() as stack:
        site = Site(folder, database, redis, mutant=mutant)
        site.ask("prepare")
        stack.callback(site.stop)
        site.start()
        yield site
