"""Private PostgreSQL and Redis for tests: on free ports, in a temporary folder, stopped whatever happens.

As a command: `python -m tests.services run -- pytest …` starts both, exports DATABASE_URL and REDIS_URL, and runs.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

PR_SET_PDEATHSIG = 1
START_LIMIT = 120  # seconds: a shared machine may be slow, and a wait ends as soon as the thing is ready


class ServiceMissing(Exception):
    """The server is not installed on this machine."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(ready: Callable[[], bool], what: str, limit: float = START_LIMIT) -> None:
    """Return as soon as `ready()`; raise after `limit` seconds."""
    end = time.monotonic() + limit
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} within {limit:g} s")
        time.sleep(0.02)


def die_with_parent(stop_signal: int) -> None:
    """In the child: receive this signal if the test process dies (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, stop_signal)


class PostgreSQL:
    """One private cluster. `durable` keeps fsync on, for tests that crash it."""

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self.folder = folder
        self.port = free_port()
        self.durable = durable
        self.url = f"postgresql://opale@127.0.0.1:{self.port}/postgres"
        self.process: subprocess.Popen[bytes] | None = None
        self.owner = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
        if self.owner:
            shutil.chown(folder, self.owner)
        self._run(binary("initdb"), "-D", folder / "data", "-U", "opale", "-A", "trust", "-E", "UTF8", "--no-sync")

    def start(self) -> None:
        """Start and wait until it answers; the same port after a stop or a crash."""
        hurried = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        place = ["-D", str(self.folder / "data"), "-k", str(self.folder), "-h", "127.0.0.1", "-p", str(self.port)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [binary("postgres"), *place, "-c", "max_connections=60", *([] if self.durable else hurried)],
                stdout=log,
                stderr=log,
                user=self.owner,
                start_new_session=True,
                preexec_fn=partial(die_with_parent, signal.SIGQUIT),
            )
        wait_until(self._answers, "PostgreSQL started")

    def stop(self) -> None:
        """Stop it fast: sessions are cut, committed work is kept."""
        self._end(signal.SIGINT)

    def crash(self) -> None:
        """As a power cut of the server process: recovery at the next start."""
        self._end(signal.SIGQUIT)

    def _end(self, stop_signal: int) -> None:
        if self.process is not None:
            self.process.send_signal(stop_signal)
            self.process.wait(START_LIMIT)
            self.process = None

    def _answers(self) -> bool:
        done = subprocess.run(
            [binary("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False, user=self.owner
        )
        return done.returncode == 0

    def _run(self, *command: str | Path) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, user=self.owner)


class Redis:
    """One private Redis that keeps nothing on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None
        self.program = shutil.which("redis-server") or missing("redis-server", "redis-server")

    def start(self) -> None:
        """Start and wait until it answers; the same port after a stop."""
        options = {"port": str(self.port), "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": str(self.folder)}
        self.process = subprocess.Popen(
            [self.program, *(word for name, value in options.items() for word in (f"--{name}", value))],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=partial(die_with_parent, signal.SIGKILL),
        )
        wait_until(self._answers, "Redis started")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def freeze(self) -> None:
        """Keep its port open and answer nothing."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def forget_everything(self) -> None:
        self.ask(b"FLUSHALL")

    def ask(self, command: bytes) -> bytes:
        """Send one inline command; the first bytes of the answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=1) as link:
            link.sendall(command + b"\r\n")
            return link.recv(64)

    def _answers(self) -> bool:
        try:
            return self.ask(b"PING") == b"+PONG\r\n"
        except OSError:
            return False


def binary(name: str) -> str:
    """A PostgreSQL program, the newest version installed."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    return str(found[-1]) if found else shutil.which(name) or missing(name, "postgresql")


def missing(program: str, package: str) -> str:
    raise ServiceMissing(f"{program} is not installed (Debian package {package})")


@contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def private_postgresql(*, durable: bool = False) -> Iterator[PostgreSQL]:
    with temporary_folder("opale-postgresql-") as folder:
        server = PostgreSQL(folder, durable=durable)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@contextmanager
def private_redis() -> Iterator[Redis]:
    with temporary_folder("opale-redis-") as folder:
        server = Redis(folder)
        try:
            server.start()
            yield server
        finally:
            server.stop()


def run(command: list[str]) -> int:
    """Run the command beside both servers; its exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as stack:
        postgresql = stack.enter_context(private_postgresql())
        redis = stack.enter_context(private_redis())
        sys.stderr.write(f"PostgreSQL on port {postgresql.port}, Redis on port {redis.port}\n")
        environment = {**os.environ, "DATABASE_URL": postgresql.url, "REDIS_URL": redis.url}
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    if sys.argv[1:3] != ["run", "--"] or len(sys.argv) < 4:
        sys.exit("usage: python -m tests.services run -- COMMAND …")
    sys.exit(run(sys.argv[3:]))
