"""What every test may use: the engine's peculiarities, folders of its own, and the persons."""

import os
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from statistics import median
from time import time
from typing import Any

import hypothesis
import pytest
from allauth.account.internal.userkit import user_id_to_str
from django.db import connection
from django.test import Client

from accounts.choices import Role
from accounts.models import User
from deployment.choices import Kind, OpeningStatus
from deployment.models import Academy, Establishment
from opale_pilot.celery import app as celery_app
from tests.factories import gather, make_academy, make_establishment, make_person, place
from tests.proconnect import provider as proconnect_provider

# --- pytest itself

# A busy machine is slow, and that is no fault of the code: a test asserts what is done, never in how long.
hypothesis.settings.register_profile("house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--figures", action="store_true", help="print what tests recorded (make chaos)")
    parser.addoption(
        "--no-skips", action="store_true", help="a skipped test makes the run fail (continuous integration)"
    )
    parser.addoption("--write-access-matrix", action="store_true", help="write tests/access_matrix.txt again")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser first: the walk lasts minutes in one process, and the others go on beside it."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if config.getoption("--no-skips") and terminalreporter.stats.get("skipped"):
        terminalreporter.write_line("--no-skips: a skipped test counts as a failure here", red=True)
    figures: dict[str, list[float]] = {}
    for report in terminalreporter.stats.get("passed", []):
        for name, seconds in report.user_properties:
            test = re.sub(r"-?\d+\]$", "]", report.nodeid.rpartition("::")[2])  # all runs of one case together
            figures.setdefault(f"{test} {name}", []).append(seconds)
    for name, taken in figures.items() if config.getoption("--figures") else ():
        unit = "" if name.endswith("(number)") else " s"
        line = f"{name}: median {median(taken):.2f}{unit}, most {max(taken):.2f}{unit}, {len(taken)} runs"
        terminalreporter.write_line(line)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and session.config.getoption("--no-skips") and reporter.stats.get("skipped") and not session.exitstatus:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


# --- engine and folders


@pytest.fixture(scope="session", autouse=True)
def private_broker(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Jobs published by the test process land in a folder of its own, never in the broker of a running site."""
    if celery_app.conf.broker_url == "filesystem://":
        folder = tmp_path_factory.mktemp("broker")
        options = {**celery_app.conf.broker_transport_options}
        for name in ("data_folder_in", "data_folder_out", "control_folder", "processed_folder"):
            options[name] = str(folder)
        celery_app.conf.broker_transport_options = options


@pytest.fixture(autouse=True)
def private_media(settings: Any, tmp_path: Path) -> None:
    """Files written by a test disappear with it."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.EMAIL_URL = f"file://{tmp_path / 'mails'}"


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Django's own hash takes half a second by design."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None, tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite in a file, as in production, so that threads and real workers share it as they will."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let SQLite empty append-only tables after a transactional test (PostgreSQL truncates: no row trigger fires)."""
    if connection.vendor != "sqlite":
        yield
        return
    operations = type(connection.ops)  # the class: a browser's event loop has a connection object of its own
    flush = operations.execute_sql_flush

    def flush_past_triggers(self: Any, statements: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
        flush(self, [*(f'DROP TRIGGER "{name}"' for name, _ in triggers), *statements, *(sql for _, sql in triggers)])

    operations.execute_sql_flush = flush_past_triggers  # type: ignore[method-assign]
    yield
    operations.execute_sql_flush = flush  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def proconnect_address() -> Iterator[str]:
    with proconnect_provider() as address:
        yield address


@pytest.fixture
def proconnect(proconnect_address: str, settings: Any) -> str:
    """The address of a real identity provider on loopback, which the site is set to trust."""
    settings.PROCONNECT_ISSUER = proconnect_address
    settings.PROCONNECT_CLIENT_ID, settings.PROCONNECT_CLIENT_SECRET = "opale-pilot", "secret-of-the-tests"
    return proconnect_address


# --- académies and persons


@pytest.fixture
def grenoble(db: None) -> Academy:
    return make_academy("grenoble", "Grenoble")


@pytest.fixture
def lyon(db: None) -> Academy:
    return make_academy("lyon", "Lyon")


@pytest.fixture
def nadia(grenoble: Academy) -> User:
    """Head of the service."""
    return make_person("Nadia", Role.LEAD, grenoble)


@pytest.fixture
def samir(grenoble: Academy) -> User:
    """Agent of the service."""
    return make_person("Samir", Role.STAFF, grenoble)


@pytest.fixture
def claire(grenoble: Academy) -> User:
    """Rconseil caller."""
    return make_person("Claire", Role.CALLER, grenoble)


@pytest.fixture
def emma(grenoble: Academy) -> User:
    """Training (EAFC)."""
    return make_person("Emma", Role.TRAINING, grenoble)


@pytest.fixture
def hugo(grenoble: Academy) -> User:
    """Human resources (DIEPAT)."""
    return make_person("Hugo", Role.HR, grenoble)


@pytest.fixture
def lise(grenoble: Academy) -> User:
    """Member of the COSUI."""
    return make_person("Lise", Role.MEMBER, grenoble)


@pytest.fixture
def denis(grenoble: Academy) -> User:
    """DSI."""
    return make_person("Denis", Role.DSI, grenoble)


@pytest.fixture
def tom(grenoble: Academy) -> User:
    """Tutor, over one establishment only: 0380033E."""
    return make_person("Tom", Role.TUTOR, grenoble, scope="0380033E")


@pytest.fixture
def zoe(grenoble: Academy) -> User:
    """Rconseil caller, over one establishment only: 0380033E."""
    return make_person("Zoe", Role.CALLER, grenoble, scope="0380033E")


@pytest.fixture
def alice(grenoble: Academy) -> User:
    """Auditor."""
    return make_person("Alice", Role.AUDITOR, grenoble)


@pytest.fixture
def victor(lyon: Academy) -> User:
    """Head of the service of another académie: the stranger."""
    return make_person("Victor", Role.LEAD, lyon)


@pytest.fixture
def territory(grenoble: Academy, lyon: Academy) -> dict[str, Establishment]:
    """Three establishments of Grenoble on 8 October 2024, an agency over two waves, and one of Lyon to hide."""
    grenoble.observed_on = date(2024, 10, 8)
    grenoble.save()
    crest = make_establishment(
        grenoble, name="Collège Édouard-Herriot", town="Crest", departement="026", departement_label="Drôme"
    )
    vizille = make_establishment(grenoble, name="Lycée Portes de l’Oisans", kind=Kind.LYCEE, town="Vizille")
    evian = make_establishment(
        grenoble, name="Collège Les Rives", town="Évian-les-Bains", status=OpeningStatus.TO_CLOSE
    )
    make_establishment(lyon, name="Collège Lyonnais")
    place(crest, "V8")
    place(vizille, "V8")
    place(vizille, "V10", on=date(2024, 10, 1))
    gather(vizille, crest)
    return {"crest": crest, "vizille": vizille, "evian": evian}


class SignedClient(Client):
    """A browser whose `force_login` has passed the second factor too, as the roles of most persons demand."""

    def force_login(self, user: Any, backend: str | None = None) -> None:
        super().force_login(user, backend)
        session = self.session
        session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": time()}]
        session["account_authentication_methods_user"] = user_id_to_str(user)
        session.save()


@pytest.fixture
def client() -> Client:
    return SignedClient()


@pytest.fixture
def signed() -> Callable[[User], Client]:
    """`signed(nadia)` is a browser in which Nadia has signed in, with her second factor."""

    def sign(person: User) -> Client:
        client = SignedClient()
        client.force_login(person)
        return client

    return sign
