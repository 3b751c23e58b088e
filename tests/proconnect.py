"""Orders given to the provider of tests/oidc_provider.py, which runs in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.services import START_LIMIT

ROOT = Path(__file__).parent.parent


@contextmanager
def provider() -> Iterator[str]:
    """The address of a provider that lives as long as the block."""
    command = [sys.executable, "-m", "tests.oidc_provider", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def order(provider: str, fault: str) -> None:
    """Make it answer wrongly from now on; with an empty word, rightly again."""
    requests.put(f"{provider}/fault", data=fault, timeout=START_LIMIT)


def declare(provider: str, subject: str, email: str, **claims: str) -> None:
    """Let a person identify there."""
    requests.put(f"{provider}/users/{subject}", json={"email": email, **claims}, timeout=START_LIMIT)
