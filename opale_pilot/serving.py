"""What `manage.py serve` does: prepares the database, then keeps the site, a worker and the clock running."""

from __future__ import annotations

import os
import socket
import sys

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from deployment.models import Academy
from opale_pilot import supervisor
from opale_pilot.demo.cast import call_path, sign_ins, trial_path
from opale_pilot.supervisor import Child


def prepare() -> None:
    """Bring the tables up to date, and load the demonstration into a database that holds no académie."""
    call_command("migrate", interactive=False, verbosity=0)
    if not Academy.objects.exists():
        sys.stdout.write("Loading the demonstration (académie de Grenoble, 8 October 2024)…\n")
        with transaction.atomic():  # all of it or nothing: half a demonstration would be taken for data
            call_command("demo")


def serve(*, site: bool, worker: bool) -> int:
    """Run what is asked until Ctrl-C; the exit code."""
    host, port = os.environ.get("HOST", "127.0.0.1"), _port()
    children = []
    _refuse_old_tables()
    if site:
        _refuse_unready(host, port)
        processes = 2 if settings.IN_PRODUCTION else 1
        children.append(Child("The site", supervisor.web_command(f"{host}:{port}", processes=processes), vital=True))
    if worker:
        pool = "prefork" if settings.IN_PRODUCTION else "threads"
        children.append(Child("The worker", supervisor.worker_command(pool=pool)))
        children.append(Child("The clock", supervisor.clock_command()))
    patience = 30 if settings.IN_PRODUCTION else supervisor.PATIENCE
    return supervisor.supervise(children, lambda: not site or _announce(host, port), patience=patience)


def _port() -> int:
    text = os.environ.get("PORT", "8000")
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise CommandError(f"PORT is {text!r}; it must be a number from 1 to 65535.")
    return int(text)


def _refuse_old_tables() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError("The database is not up to date: run `manage.py migrate` first.")


def _refuse_unready(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} of {host} cannot be used ({error.strerror}). Stop the program that holds it, or choose "
                f"another port: make run PORT={port + 1}"
            ) from None
    if settings.IN_PRODUCTION and not (settings.STATIC_ROOT / "staticfiles.json").exists():
        raise CommandError("The static files are missing: run `manage.py collectstatic` first.")


def _announce(host: str, port: int) -> bool:
    """Print the address once it answers."""
    try:
        socket.create_connection((host, port), timeout=0.2).close()
    except OSError:
        return False
    address = settings.PUBLIC_BASE_URL if settings.IN_PRODUCTION else f"http://localhost:{port}"
    sys.stdout.write(f"\nOp@le Pilot: {address}   (Ctrl-C to stop)\n")
    if Academy.objects.filter(is_demonstration=True).exists():
        sys.stdout.write("Sign-ins of the demonstration:\n")
        for email, password, who in sign_ins():
            sys.stdout.write(f"  {email:<22} {password}   {who}\n")
        if path := trial_path():
            sys.stdout.write(f"Page of a head of establishment, without account:\n  {address}{path}\n")
        if path := call_path():
            sys.stdout.write(f"Form of a call for tutors, without account:\n  {address}{path}\n")
    sys.stdout.flush()
    return True
