"""Eight clients answer over HTTP while a nemesis breaks what is under them: no acknowledged answer is lost, none counts
twice, numbers have no hole, screens tell the rows. A run is short here; `make chaos` repeats it (RUNS=20).
"""

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection

from tests.services import (
    PostgreSQL,
    Redis,
    ServiceMissing,
    private_postgresql,
    private_redis,
    temporary_folder,
    wait_until,
)
from tests.surveys.history import (
    FAIL,
    OK,
    UNAVAILABLE,
    UNKNOWN,
    Journal,
    Respondent,
    Site,
    answering,
    break_things,
    faults,
    site_of,
    violations,
)

pytestmark = [pytest.mark.service, pytest.mark.xdist_group("history")]

SECONDS = float(os.environ.get("HISTORY_SECONDS", "6"))
SEED = int(os.environ.get("SEED", "0")) or random.randrange(1, 1_000_000)
repeated = pytest.mark.parametrize("run", range(int(os.environ.get("RUNS", "1"))))
ENGINE = connection.vendor  # each pass of the suite breaks its own engine
LAST_BYTES = 12  # of a form: its last field and a bit of the one before
ENOUGH = 40  # answers to one establishment by eight clients, in which a mutant shows
Record = Callable[[str, object], None]


@dataclass(frozen=True)
class Ground:
    """One engine, its broker, and the site on them."""

    site: Site
    redis: Redis
    postgresql: PostgreSQL | None
    database: str


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    try:
        with ExitStack() as stack:
            folder = stack.enter_context(temporary_folder("opale-history-"))
            redis = stack.enter_context(private_redis())
            postgresql = None
            if ENGINE == "postgresql":
                postgresql = stack.enter_context(private_postgresql(durable=True))
            database = postgresql.url if postgresql else f"sqlite:///{folder / 'history.sqlite3'}"
            site = stack.enter_context(site_of(folder, database, redis.url))
            yield Ground(site, redis, postgresql, database)
    except ServiceMissing as absent:
        pytest.skip(str(absent))


def told(journal: Journal, record_property: Record) -> str:
    """The history in one line, kept as figures."""
    counts = Counter(event.outcome for event in journal.events)
    for outcome in (OK, FAIL, UNKNOWN):
        record_property(f"{outcome} (number)", float(counts[outcome]))
    errors = sum(status >= 500 for _, status in journal.statuses)
    return f"{dict(counts)}, {errors} pages in error of {len(journal.statuses)}, faults {Counter(journal.faults)}"


@repeated
def test_a_history_shows_nothing_wrong(ground: Ground, run: int, record_property: Record) -> None:
    seed = SEED + run
    chance = random.Random(seed)
    made = ground.site.ask("campaign")
    with answering(ground.site, made["doors"], seed) as journal:
        break_things(faults(ground.site, ground.redis, ground.postgresql, chance), journal, chance, SECONDS)
        before = len(journal.told(OK))
        wait_until(lambda: len(journal.told(OK)) > before, "an answer acknowledged once all is up again")
        time.sleep(1)
    words = f"SEED={seed}: {told(journal, record_property)}"
    sys.stderr.write(f"{words}\n")  # shown with -s, and when the test fails
    assert journal.told(OK) and journal.faults, words
    found = violations(journal, ground.site.ask("truth", str(made["campaign"])))
    assert not found, f"{words}\n" + "\n".join(found[:20])


def database_down(ground: Ground, fault: str) -> None:
    assert ground.postgresql
    getattr(ground.postgresql, fault)()
    time.sleep(1)
    ground.postgresql.start()


def test_a_form_cut_on_its_way_counts_for_nothing(ground: Ground) -> None:
    """At each tenth of the body, and at each of its last bytes; the same page sent whole afterwards counts once."""
    made = ground.site.ask("campaign")
    journal = Journal()
    person = Respondent(1, ground.site, made["doors"], journal, SEED)
    door = made["doors"][0]
    for tenth in range(10):
        person.cut(door, share=tenth / 10)
    for missing in range(1, LAST_BYTES + 1):
        person.cut(door, missing=missing)
    time.sleep(0.5)
    assert len(journal.told(FAIL)) == 10 + LAST_BYTES
    person.submit(door)
    assert len(journal.told(OK)) == 1
    truth = ground.site.ask("truth", str(made["campaign"]))
    assert len(truth["versions"]) == 1 and not violations(journal, truth)


if ENGINE == "postgresql":  # SQLite is a file, and lets one write at a time; the broker is the same for both

    @pytest.mark.parametrize("fault", ["stop", "freeze"])
    def test_a_silent_broker_is_not_noticed_by_who_answers(ground: Ground, fault: str, record_property: Record) -> None:
        """Redis down or frozen: every page answers, and the receipts leave later."""
        made = ground.site.ask("campaign")
        getattr(ground.redis, fault)()
        try:
            with answering(ground.site, made["doors"], SEED) as journal:
                time.sleep(3)
        finally:
            {"stop": ground.redis.start, "freeze": ground.redis.thaw}[fault]()
        words = told(journal, record_property)
        assert journal.told(OK) and not journal.told(UNKNOWN), words
        assert not [status for _, status in journal.statuses if status >= 500], words
        assert not violations(journal, ground.site.ask("truth", str(made["campaign"])))

    @pytest.mark.parametrize("fault", ["stop", "crash"])
    def test_a_database_that_restarts_loses_nothing(ground: Ground, fault: str, record_property: Record) -> None:
        """Errors while it is down only, on a page that says to press again and keeps what was typed."""
        made = ground.site.ask("campaign")
        with answering(ground.site, made["doors"], SEED) as journal:
            time.sleep(2)
            down = time.monotonic()
            database_down(ground, fault)
            up = time.monotonic()
            time.sleep(3)
        errors = [instant for instant, status in journal.statuses if status >= 500]
        record_property("down", up - down)
        record_property("last error after the return", max(0.0, max(errors, default=up) - up))
        words = told(journal, record_property)
        assert not [status for instant, status in journal.statuses if status >= 500 and status != UNAVAILABLE], words
        assert not [instant for instant in errors if instant < down], words
        assert [status for instant, status in journal.statuses if instant > up][-20:].count(UNAVAILABLE) == 0, words
        assert all("Votre saisie est gardée dans cette page" in page for page in journal.pages)
        assert not violations(journal, ground.site.ask("truth", str(made["campaign"])))


if ENGINE == "postgresql" and "RUNS" in os.environ:  # make chaos: each takes a minute

    @pytest.mark.parametrize(
        ("mutant", "sign"),
        [("seen", "had not shown"), ("lock", "numbers of the answer"), ("lost", "acknowledged and lost")],
    )
    def test_without_a_guard_the_history_tells(ground: Ground, mutant: str, sign: str, tmp_path: Path) -> None:
        """The mutant twins: the checker can fail."""
        if mutant == "lock":
            ground.site.ask("unlock")
        with site_of(tmp_path, ground.database, ground.redis.url, mutant=mutant) as broken:
            made = broken.ask("campaign")
            with answering(broken, made["doors"][:2], SEED) as journal:
                wait_until(lambda: len(journal.told(OK)) > ENOUGH, "answers of the mutant")
            found = violations(journal, broken.ask("truth", str(made["campaign"])))
        assert [words for words in found if sign in words], found[:10]
