"""Who holds a job, whether that process is still alive, and what keeps the lease while the work goes on."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import DatabaseError, connection

logger = logging.getLogger(__name__)

PROC = Path("/proc")


def this_process() -> str:
    """The identity of this process: machine and boot, process number, instant of start. Empty where unknown."""
    return _identity(os.getpid())


def is_gone(holder: str) -> bool:
    """Whether that process ran on this machine and no longer does. False when this machine cannot tell."""
    machine, _, rest = holder.partition(" ")
    if not rest or machine != _machine():
        return False
    return _identity(int(rest.split()[0])) != holder


@contextmanager
def kept(renew: Callable[[], bool], *, every: float, limit: float) -> Iterator[None]:
    """Call `renew` from a thread of its own until the block ends, it answers False, or `limit` seconds have passed.

    The limit is for a work that hangs: its lease then ends, and another worker takes the job over.
    """
    over = threading.Event()
    end = time.monotonic() + limit

    def beat() -> None:
        try:
            while not over.wait(every) and time.monotonic() < end:
                if not _attempt(renew):
                    return
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=5)


def _attempt(renew: Callable[[], bool]) -> bool:
    try:
        return renew()
    except DatabaseError as error:  # locked by the work's own transaction, or the server restarts: try at the next beat
        logger.info("lease not renewed this time: %s", error)
        return True


def _machine() -> str:
    """This boot of this machine, and this namespace of process numbers (two containers do not share theirs)."""
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot[:13]}/{os.readlink(PROC / 'self/ns/pid')}"
    except OSError:
        return ""


def _identity(pid: int) -> str:
    machine = _machine()
    try:
        state, *fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return f"{machine} {pid} {fields[18]}" if machine and state != "Z" else ""
