"""In production a setting that is missing or weak stops the start and is named; good ones pass Django's own check."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GOOD = {
    "OPALE_ENV": "production",
    "SECRET_KEY": "vW3kQ9zR7tLm2XpB8sYc5HnJ4fGd6KeA1uTqZwEoPiCyMhNbVx",
    "DATABASE_URL": "postgresql://opale:x@127.0.0.1:5432/opale",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "PUBLIC_BASE_URL": "https://opale.ac-exemple.fr",
}


def start(folder: Path, *command: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """Start with the good settings but for `changes` (None takes one away)."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    asked = {**GOOD, "OPALE_VAR": str(folder), **changes}
    return subprocess.run(
        [sys.executable, "manage.py", *(command or ("check",))],
        cwd=ROOT,
        env=inherited | {name: value for name, value in asked.items() if value is not None},
        capture_output=True,
        text=True,
        check=False,
    )


def test_good_production_settings_pass_the_deployment_check(tmp_path: Path) -> None:
    done = start(tmp_path, "check", "--deploy", "--fail-level", "DEBUG")
    assert (done.returncode, done.stderr) == (0, "")


def test_development_needs_no_variable(tmp_path: Path) -> None:
    nothing = dict.fromkeys(GOOD)
    assert start(tmp_path, **nothing).returncode == 0


@pytest.mark.parametrize("name", [name for name in GOOD if name != "OPALE_ENV"])
@pytest.mark.parametrize("value", [None, ""], ids=["absent", "empty"])
def test_a_missing_setting_stops_production(name: str, value: str | None, tmp_path: Path) -> None:
    refused(start(tmp_path, **{name: value}), f"{name} is missing")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY is weak"),
        ("SECRET_KEY", "abc" * 30, "SECRET_KEY is weak"),
        ("SECRET_KEY", "development-only-key-refused-in-production-0123456789", "SECRET_KEY is weak"),
        ("PUBLIC_BASE_URL", "http://opale.ac-exemple.fr", "PUBLIC_BASE_URL must begin with https://"),
        ("PUBLIC_BASE_URL", "opale.ac-exemple.fr", "PUBLIC_BASE_URL is 'opale.ac-exemple.fr'; it must look like"),
        ("DATABASE_URL", "opale", "DATABASE_URL is not an address"),
        ("DATABASE_URL", "mysql://opale@127.0.0.1/opale", "DATABASE_URL is not an address"),
        ("REDIS_URL", "127.0.0.1:6379", "REDIS_URL is not an address"),
        ("EMAIL_URL", "relay.ac-exemple.fr", "EMAIL_URL is not an address"),
        ("EMAIL_URL", "file:///tmp/mails", "EMAIL_URL names a folder"),
        ("EMAIL_URL", "smtp://relay.ac-exemple.fr", "EMAIL_URL asks for mail without encryption"),
        ("MAIL_FROM", "opale", "MAIL_FROM is 'opale'; it must look like"),
        ("OPALE_ENV", "prod", "OPALE_ENV is 'prod'; it must be 'development' or 'production'"),
        ("OPALE_JOB_LEASE_SECONDS", "soon", "OPALE_JOB_LEASE_SECONDS is 'soon'; it must be a number"),
        ("OPALE_JOB_LEASE_SECONDS", "0", "OPALE_JOB_LEASE_SECONDS is '0'; it must be a number above zero"),
    ],
)
def test_a_weak_setting_stops_production(name: str, value: str, sentence: str, tmp_path: Path) -> None:
    refused(start(tmp_path, **{name: value}), sentence)


def test_a_password_in_a_wrong_address_is_not_printed(tmp_path: Path) -> None:
    done = start(tmp_path, DATABASE_URL="mysql://opale:s3cr3t@127.0.0.1/opale")
    assert "s3cr3t" not in done.stdout + done.stderr


def refused(done: subprocess.CompletedProcess[str], sentence: str) -> None:
    assert done.returncode == 1
    assert f"Op@le Pilot cannot start. {sentence}" in done.stderr
    assert "Traceback" not in done.stderr
