"""Real Celery workers for tests: subprocesses in a session of their own, on the test database and a private broker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from django.db import connection

from opale_pilot import supervisor
from opale_pilot.celery import app
from opale_pilot.supervisor import Child
from tests.services import die_with_parent, wait_until

QUICK = {
    "OPALE_JOB_LEASE_SECONDS": "3",
    "OPALE_JOB_SWEEP_SECONDS": "1",
    "OPALE_JOB_REPUBLISH_SECONDS": "3",
    "OPALE_JOB_BACK_OFF_SECONDS": "0.2",
}


def environment(folder: Path) -> dict[str, str]:
    """What a process needs to work on the test database and on the broker this process publishes to."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        database = f"sqlite:///{settings['NAME']}"
    else:
        database = f"postgresql://{settings['USER']}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
    broker = app.conf.broker_url
    return {
        **os.environ,
        **QUICK,
        "DATABASE_URL": database,
        "REDIS_URL": "" if broker == "filesystem://" else broker,
        "OPALE_VAR": str(folder),
    }


class Worker:
    """One process and its children."""

    def __init__(self, command: list[str], folder: Path, name: str) -> None:
        self.log = folder / f"{name}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                env=environment(folder),
                start_new_session=True,
                preexec_fn=partial(die_with_parent, signal.SIGKILL),
            )

    def wait_ready(self, sign: str) -> None:
        wait_until(lambda: sign in self.log.read_text() or self._ended(), f"{sign!r} in {self.log}")

    def kill(self) -> None:
        """kill -9 of the worker and its children, as a power cut."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def children(self) -> list[int]:
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in listed.split()]

    def stop(self) -> None:
        """Every job of the test is done: nothing to wait for. What it started in other sessions dies with it."""
        if self.process.poll() is None:
            self.kill()

    def _ended(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"the worker stopped: {self.log.read_text()[-2000:]}")
        return False


def worker_command(name: str, *, pool: str, concurrency: int) -> list[str]:
    """The product's command, on the tests' application, with a log that tells what was received."""
    command = for_tests(supervisor.worker_command(pool=pool, concurrency=concurrency))
    return [*command, "-n", f"{name}@%h"]


def clock_command() -> list[str]:
    return for_tests(supervisor.clock_command())


def for_tests(command: list[str]) -> list[str]:
    changes = {supervisor.APP: "tests.worker_app", "--loglevel=WARNING": "--loglevel=INFO"}
    return [changes.get(word, word) for word in command]


@contextmanager
def worker(folder: Path, name: str = "worker", *, pool: str = "threads", concurrency: int = 2) -> Iterator[Worker]:
    """A worker that knows the tests' tasks, ready to work."""
    yield from _ready(Worker(worker_command(name, pool=pool, concurrency=concurrency), folder, name))


@contextmanager
def supervised_worker(folder: Path) -> Iterator[Worker]:
    """A worker and the clock under the product's supervisor, as `make worker` runs them."""
    yield from _ready(Worker([sys.executable, "-m", "tests.workers"], folder, "supervisor"))


@contextmanager
def clock(folder: Path) -> Iterator[Worker]:
    """The clock that rings for the sweeper."""
    running = Worker(clock_command(), folder, "clock")
    try:
        yield running
    finally:
        running.stop()


def _ready(running: Worker) -> Iterator[Worker]:
    try:
        running.wait_ready(" ready.")
        yield running
    finally:
        running.stop()


if __name__ == "__main__":
    kept = [
        Child("worker", worker_command("worker", pool="threads", concurrency=2)),
        Child("clock", clock_command()),
    ]
    sys.exit(supervisor.supervise(kept))
