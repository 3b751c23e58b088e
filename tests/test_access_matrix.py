"""Every address × GET and POST × ten persons × object mine or another's, compared with tests/access_matrix.txt."""

import pytest
from django.db import transaction
from django.test import Client

from tests.access import MATRIX as MATRIX_FILE
from tests.access import METHODS, addresses, build, heading, kinds, lines, path_of, rooms
from tests.conftest import SignedClient


def committed() -> dict[str, list[str]]:
    """Rows of the file, by room."""
    rows: dict[str, list[str]] = {}
    for line in MATRIX_FILE.read_text().splitlines():
        if line and not line.startswith(("#", "address ")):
            name = line.split()[0]
            rows.setdefault(name.partition(":")[0] if ":" in name else "", []).append(line)
    return rows


def write(room: str, found: list[str]) -> None:
    """Put the rows of one room in the file, the others left as they are."""
    rows = {**committed(), room: found} if MATRIX_FILE.exists() else {room: found}
    body = "\n\n".join("\n".join(rows[name]) for name in rooms() if name in rows)
    MATRIX_FILE.write_text(f"{heading()}{body}\n")


def test_every_address_has_its_rows() -> None:
    expected = {(a.name, method, kind) for a in addresses() for method in METHODS for kind in kinds(a)}
    written = {tuple(line.split()[:3]) for rows in committed().values() for line in rows}
    assert written == expected, "an address is new or gone: run `make access`, read the difference, commit it"


@pytest.mark.parametrize("room", rooms())
def test_everyone_gets_what_the_matrix_says(room: str, db: None, request: pytest.FixtureRequest) -> None:
    client = SignedClient(raise_request_exception=True)
    found = list(lines(room, build(SignedClient), client))
    if request.config.getoption("--write-access-matrix"):
        write(room, found)
    differences = [
        f"{new}   (the file says: {old})" for old, new in zip(committed()[room], found, strict=True) if old != new
    ]
    assert not differences, "\n".join(differences)


def test_other_methods_open_nothing(db: None) -> None:
    """Whoever is refused a page by GET and by POST is refused it by any other method."""
    world, client = build(SignedClient), SignedClient(raise_request_exception=True)
    opened = []
    for address in addresses():
        path = path_of(address, kinds(address)[0], world)
        for actor in ("anonymous", "stranger"):
            client.cookies.clear()
            if world.sessions[actor]:
                client.cookies["sessionid"] = world.sessions[actor]
            with transaction.atomic():
                if min(client.get(path).status_code, client.post(path).status_code) >= 300:
                    for method in ("head", "options", "put", "patch", "delete"):
                        other = getattr(client, method)(path)
                        if other.status_code < 300 and (other.streaming or other.content):
                            opened.append((address.name, actor, method, other.status_code))
                transaction.set_rollback(True)
    assert opened == []


@pytest.mark.parametrize("actor", ["lead", "anonymous", "bearer"])
def test_no_page_answers_to_another_method(db: None, actor: str) -> None:
    """With a token that passes, a PUT is not taken for a look at the page."""
    world, client = build(SignedClient), SignedClient(raise_request_exception=True)
    world.lend(actor, client)
    answered = []
    for address in addresses():
        path = path_of(address, kinds(address)[0], world)
        for method in ("put", "patch", "delete"):
            answer = getattr(client, method)(path)
            if answer.status_code != 405 or answer["Allow"] != "GET, HEAD, OPTIONS, POST":
                answered.append((address.name, method, answer.status_code))
    assert answered == []


def test_no_post_passes_without_its_token(db: None) -> None:
    """A page of another site cannot act in the name of who is signed in here."""
    world = build(SignedClient)
    client = Client(enforce_csrf_checks=True)
    passed = []
    for address in addresses():
        for session in ("lead", "anonymous"):
            client.cookies.clear()
            if world.sessions[session]:
                client.cookies["sessionid"] = world.sessions[session]
            if client.post(path_of(address, kinds(address)[0], world)).status_code != 403:
                passed.append((address.name, session))
    assert passed == []
