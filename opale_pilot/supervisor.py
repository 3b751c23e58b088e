"""Runs the site, a worker and the clock side by side: they stop together, and die with it."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from types import FrameType

PR_SET_PDEATHSIG = 1
PATIENCE = 10.0  # seconds left to a child that was asked to stop
CELERY = (sys.executable, "-m", "celery", "--quiet", "-A", "opale_pilot")


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


def supervise(commands: Mapping[str, Sequence[str]]) -> int:
    """Run the commands until one ends (its name is told, exit code 1) or until Ctrl-C or SIGTERM (exit code 0)."""
    children: dict[str, subprocess.Popen[bytes]] = {}
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        for name, command in commands.items():
            children[name] = subprocess.Popen(command, start_new_session=True, preexec_fn=_die_with_parent)
        while True:
            for name, child in children.items():
                if child.poll() is not None:
                    sys.stderr.write(f"{name} stopped by itself (exit code {child.returncode}); stopping the rest.\n")
                    return 1
            time.sleep(0.2)
    except KeyboardInterrupt:
        return 0
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _stop(list(children.values()))


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _stop(children: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask, wait, then end whole process groups: a worker's own children do not outlive it."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    end = time.monotonic() + PATIENCE
    for child in children:
        try:
            child.wait(max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
