"""Runs the site, a worker and the clock side by side: they stop together, and die with it.

A worker is started again: kombu 5.7 ends it when Redis goes away at the instant of an acknowledgement (measured).
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType

PR_SET_PDEATHSIG = 1
PATIENCE = 4.0  # seconds left to a child that was asked to stop; a job cut short is done again at the next start
EARLY = 5.0  # seconds: a child that lives less has a reason to die that will not go away
MOST_EARLY_DEATHS = 3
APP = "opale_pilot"
CELERY = (sys.executable, "-m", "celery", "--quiet", "--skip-checks", "-A", APP)  # `serve` has run the checks


def web_command(address: str, *, processes: int) -> list[str]:
    """gunicorn, four threads a process: what suits synchronous views best (measured, docs/engines.md)."""
    command = [sys.executable, "-m", "gunicorn", "opale_pilot.wsgi", "--bind", address, "--worker-class", "gthread"]
    return [
        *command,
        f"--workers={processes}",
        "--threads=4",
        "--timeout=60",
        "--log-level=warning",
        "--no-control-socket",
    ]


def worker_command(*, pool: str, concurrency: int = 2) -> list[str]:
    """A Celery worker. `threads` is light, for one machine; `prefork` isolates each job and can cut it short."""
    alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [*CELERY, "worker", "--loglevel=WARNING", f"--pool={pool}", f"--concurrency={concurrency}", *alone]


def clock_command() -> list[str]:
    """Celery's beat: rings for the sweeper."""
    return [*CELERY, "beat", "--loglevel=WARNING", "--pidfile="]


@dataclass
class Child:
    """One process to keep. A `vital` one takes the others with it; another is started again, unless it keeps dying."""

    name: str
    command: Sequence[str]
    vital: bool = False
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0
    early_deaths: int = 0

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(self.command, start_new_session=True, preexec_fn=_die_with_parent)

    def is_kept(self) -> bool:
        """Start it again if it ended; False if everything must stop because of it."""
        if self.process is None or self.process.poll() is None:
            return True
        sys.stderr.write(f"{self.name} stopped by itself (exit code {self.process.returncode}).\n")
        self.early_deaths = self.early_deaths + 1 if time.monotonic() - self.started_at < EARLY else 1
        if self.vital or self.early_deaths >= MOST_EARLY_DEATHS:
            return False
        self.start()
        return True


def supervise(
    children: Sequence[Child], announce: Callable[[], bool] = lambda: True, *, patience: float = PATIENCE
) -> int:
    """Keep them running until a vital one ends (exit code 1) or until Ctrl-C or SIGTERM (exit code 0).

    `announce` is called until it answers True: it tells the person that all is ready, once it is.
    """
    announced = False
    for asked in (signal.SIGINT, signal.SIGTERM):  # SIGINT too: a shell starts background commands deaf to it
        signal.signal(asked, _interrupt)
    try:
        for child in children:
            child.start()
        while all(child.is_kept() for child in children):
            announced = announced or announce()
            time.sleep(0.1)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _stop([child.process for child in children if child.process], patience)


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _stop(children: Sequence[subprocess.Popen[bytes]], patience: float) -> None:
    """Ask, wait, then end whole process groups: a worker's own children do not outlive it."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    end = time.monotonic() + patience
    for child in children:
        try:
            child.wait(max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
