"""`make bench [ONLY=name]`: runs the measures on a database of their own, prints them, writes bench/results.json."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

from bench.harness import Measure
from tests.services import private_postgresql, temporary_folder

NAMES = (
    "import_establishments", "dashboard", "briefing_pdf", "survey_campaign", "survey_submit", "survey_form", "matching",
)  # fmt: skip
RESULTS = Path(__file__).parent / "results.json"
ENGINES = ("sqlite", "postgresql")


def main() -> None:
    wanted = sys.argv[1:] or list(NAMES)
    unknown = sorted(set(wanted) - set(NAMES))
    engine = os.environ.get("ENGINE", "sqlite")
    if unknown or engine not in ENGINES:
        sys.exit(f"ONLY is one of {', '.join(NAMES)}; ENGINE is one of {', '.join(ENGINES)}.")
    print("name ratio ours floor", flush=True)
    if len(wanted) > 1:
        sys.exit(max(run_alone(name) for name in wanted))
    with private_database(engine):
        taken = measure(wanted[0])
    print(taken.line(), flush=True)
    write(engine, taken)


def run_alone(name: str) -> int:
    """One measure in a process and a database of its own; its exit code. Its heading is the one already printed."""
    done = subprocess.run([sys.executable, "-m", "bench", name], check=False, stdout=subprocess.PIPE, text=True)
    print(*done.stdout.splitlines()[1:], sep="\n", flush=True)
    return done.returncode


@contextmanager
def private_database(engine: str) -> Iterator[None]:
    """An empty database, migrated, that nothing else uses; the same settings as the site's, not in debug."""
    with ExitStack() as stack:
        folder = stack.enter_context(temporary_folder("opale-bench-"))
        url = f"sqlite:///{folder / 'bench.sqlite3'}"
        if engine == "postgresql":
            url = stack.enter_context(private_postgresql(durable=True)).url
        os.environ |= {"OPALE_VAR": str(folder), "DATABASE_URL": url, "REDIS_URL": "", "OPALE_ENV": "development"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "opale_pilot.settings"
        django.setup()
        settings.DEBUG = False
        call_command("migrate", verbosity=0, interactive=False)
        yield


def measure(name: str) -> Measure:
    taken: Measure = import_module(f"bench.{name}").measure()
    return taken


def write(engine: str, taken: Measure) -> None:
    """Keep the other names' results of the same engine."""
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results = kept.get("results", {}) if kept.get("engine") == engine else {}
    results[taken.name] = taken.as_json()
    machine = {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count()}
    content = {"engine": engine, **machine, "results": results}
    RESULTS.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    main()
