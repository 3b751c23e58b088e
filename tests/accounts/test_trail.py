"""The trail: who did, saw or exported what, when and from where; for the auditor."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts import audit
from accounts.models import AuditEntry, User
from accounts.rights import ENTER, MANAGE_PEOPLE, RETRY_JOB
from accounts.views.trail import label_of
from deployment.models import Establishment

Sign = Callable[[User], Client]


def text_of(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode()


@pytest.fixture
def lines(nadia: User, samir: User, victor: User) -> None:
    with time_machine.travel(datetime(2024, 10, 1, 8, tzinfo=UTC), tick=False):
        audit.record(nadia, MANAGE_PEOPLE, "Suspension de Élodie", academy="grenoble", reason="départ")
    with time_machine.travel(datetime(2024, 10, 8, 8, tzinfo=UTC), tick=False):
        audit.record(samir, RETRY_JOB, "Dossier du COSUI", academy="grenoble")
        audit.record(samir, ENTER, "Connexion", academy="")
        audit.record(victor, RETRY_JOB, "Secret de Lyon", academy="lyon")
        audit.record(victor, ENTER, "Connexion lyonnaise", academy="")


def shown(client: Client, query: str) -> set[str]:
    page = client.get(f"/grenoble/traces/?{query}", headers={"hx-request": "true"}).content.decode()
    targets = ("Suspension de Élodie", "Dossier du COSUI", "Connexion", "Secret de Lyon", "lyonnaise")
    return {target for target in targets if f"<td>{target}" in page or f"{target}</td>" in page}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"Suspension de Élodie", "Dossier du COSUI", "Connexion"}),
        ("text=elodie", {"Suspension de Élodie"}),
        ("text=DEPART+suspension", {"Suspension de Élodie"}),
        ("act=accounts.retry_job", {"Dossier du COSUI"}),
        ("after=2024-10-02", {"Dossier du COSUI", "Connexion"}),
        ("before=2024-10-01", {"Suspension de Élodie"}),
        ("kind=exported", set()),
    ],
)
def test_filters(signed: Sign, alice: User, lines: None, query: str, expected: set[str]) -> None:
    assert shown(signed(alice), query) == expected


def test_filter_by_person(signed: Sign, alice: User, samir: User, victor: User, lines: None) -> None:
    client = signed(alice)
    assert shown(client, f"who={samir.pk}") == {"Dossier du COSUI", "Connexion"}
    assert "Secret de Lyon" not in shown(client, f"who={victor.pk}")


def test_lookups_in_the_address_do_nothing(signed: Sign, alice: User, lines: None) -> None:
    everything = shown(signed(alice), "")
    for query in ("actor__password__startswith=x", "_connector=OR", "academy=lyon", "ordering=actor__password"):
        assert shown(signed(alice), query) == everything


def test_the_export_keeps_what_the_filters_keep_and_is_traced(signed: Sign, alice: User, lines: None) -> None:
    text = text_of(signed(alice).get("/grenoble/traces/export.csv?text=elodie"))
    rows = text.lstrip("\ufeff").splitlines()
    assert len(rows) == 2
    assert rows[1].startswith("01/10/2024 10:00:00;Nadia Grenoble;nadia@grenoble.test;Fait;")
    exported = AuditEntry.objects.get(kind="exported")
    assert (exported.actor, exported.details) == (alice, {"filters": {"text": "elodie"}})


def test_looking_at_the_trail_is_in_the_trail(signed: Sign, alice: User) -> None:
    signed(alice).get("/grenoble/traces/")
    assert AuditEntry.objects.get(kind="seen").target == "Traces"


def test_the_trail_is_for_the_auditor_and_the_lead(
    signed: Sign, nadia: User, alice: User, samir: User, denis: User, victor: User
) -> None:
    expected = {nadia: 200, alice: 200, samir: 403, denis: 403, victor: 404}
    for url in ("/grenoble/traces/", "/grenoble/traces/export.csv"):
        assert {person: signed(person).get(url).status_code for person in expected} == expected


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_whatever_its_length(
    signed: Sign, alice: User, nadia: User, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        audit.record(nadia, RETRY_JOB, "Dossier", academy="grenoble")
    client = signed(alice)
    with django_assert_num_queries(5):
        page = client.get("/grenoble/traces/", headers={"hx-request": "true"}).content.decode()
    assert page.count("<td>Dossier") == count


def test_exporting_establishments_is_traced(signed: Sign, samir: User, territory: dict[str, Establishment]) -> None:
    text_of(signed(samir).get("/grenoble/etablissements/export.csv?wave=V8"))
    line = AuditEntry.objects.get(kind="exported")
    assert (line.actor, line.act, line.academy) == (samir, "deployment.view_establishments", "grenoble")
    assert line.details == {"filters": {"wave": "V8"}}


def test_an_act_whose_right_is_gone_keeps_its_name() -> None:
    assert label_of("accounts.retry_job") == "Relancer un traitement"
    assert label_of("ancien.acte") == "ancien.acte"
