"""Accounting agencies: the register of memberships, written from a file and taken back."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deployment.choices import ImportKind
from deployment.importers import agencies, batches
from deployment.importers.plans import ImportPlan, ImportRefused
from deployment.models import Academy, AccountingAgency, AgencyMembership, Establishment, ImportBatch
from deployment.services import agencies as services
from deployment.services.agencies import AgencyRefused, Placement
from deployment.tables import read_table
from tests.deployment.import_files import as_csv
from tests.factories import make_establishment, uai

SEPTEMBER = date(2024, 9, 1)
A, B, C, D = (uai(380_000 + number) for number in range(4))


@pytest.fixture
def four(grenoble: Academy) -> list[Establishment]:
    return [make_establishment(grenoble, uai=code, name=f"Lycée {code}") for code in (A, B, C, D)]


def content(*lines: str, header: str = "uai_siege;uai_rattache;valid_from;valid_to") -> bytes:
    return as_csv([line.split(";") for line in (header, *lines)])


def plan(file: bytes, academy: Academy) -> ImportPlan:
    return agencies.plan(
        read_table(file, "f"), academy=academy, parameters={"today": "2024-10-08", "effective_on": "2024-09-01"}
    )


def load(file: bytes, academy: Academy, **options: Any) -> ImportBatch:
    given = batches.deposit(ImportKind.AGENCIES, file, "agences.csv", {"effective_on": "2024-09-01"})
    return batches.carry_out(batches.prepare(given, academy=academy, by=None), **options)


def seats(on: date) -> dict[str, str]:
    rows = Establishment.objects.with_agency(on).order_by("uai")
    return {row.uai: row.agency_uai for row in rows if row.agency_uai}


def test_members_are_attached_and_the_seat_to_its_own_agency(grenoble: Academy, four: list[Establishment]) -> None:
    result = plan(content(f"{A};{B};;", f"{A};{C};;"), grenoble)
    assert result.warnings == [f"Le siège {A} est rattaché d’office à sa propre agence."]
    load(content(f"{A};{B};;", f"{A};{C};;"), grenoble)
    assert seats(SEPTEMBER) == {A: A, B: A, C: A}
    assert seats(date(2024, 8, 31)) == {}
    assert AccountingAgency.objects.get().seat.uai == A


def test_dates_of_the_file_are_kept_and_an_end_is_a_day_without_agency(
    grenoble: Academy, four: list[Establishment]
) -> None:
    load(content(f"{A};{A};;", f"{A};{B};01/01/2024;31/08/2024", f"{C};{C};;", f"{C};{D};;2025-08-31"), grenoble)
    assert seats(date(2024, 8, 31)) == {B: A}
    assert seats(SEPTEMBER) == {A: A, C: C, D: C}
    assert seats(date(2025, 9, 1)) == {A: A, C: C}


def test_one_agency_after_another_leaves_no_day_between(grenoble: Academy, four: list[Establishment]) -> None:
    load(content(f"{A};{B};2024-01-01;2024-08-31", f"{C};{B};2024-09-01;", f"{A};{A};2020-01-01;"), grenoble)
    assert (seats(date(2024, 8, 31))[B], seats(SEPTEMBER)[B]) == (A, C)
    assert AgencyMembership.objects.filter(agency=None).count() == 0


def test_the_same_file_again_writes_nothing(grenoble: Academy, four: list[Establishment]) -> None:
    file = content(f"{A};{B};;2025-08-31", f"{C};{D};2024-10-01;")
    load(file, grenoble)
    rows = AgencyMembership.objects.count()
    again = plan(file, grenoble)
    assert (again.changes, len(again.left)) == ([], 6)
    with pytest.raises(ImportRefused, match="ne change rien"):
        load(file, grenoble)
    assert AgencyMembership.objects.count() == rows


def test_an_end_put_back_later_prolongs_the_stay(grenoble: Academy, four: list[Establishment]) -> None:
    load(content(f"{A};{B};2024-09-01;2024-12-31"), grenoble)
    load(content(f"{A};{B};2024-09-01;2025-08-31"), grenoble)
    assert [day for day in (date(2024, 12, 31), date(2025, 1, 1), date(2025, 9, 1)) if B in seats(day)] == [
        date(2024, 12, 31),
        date(2025, 1, 1),
    ]


@pytest.mark.parametrize(
    ("lines", "reasons"),
    [
        ([f"{A};0380033H;;"], {2: "la lettre attendue est E"}),
        ([f"{A};0740003B;;"], {2: "importez d’abord l’annuaire"}),
        ([f"{A};{B};2024-09-01;2024-08-01"], {2: "précède le début"}),
        ([f"{A};{B};bientôt;"], {2: "n’est pas une date"}),
        ([f"{A};{B};;", f"{C};{B};;"], {2: "deux agences le même jour", 3: "deux agences le même jour"}),
        ([f"{A};{B};;", f"{C};{A};;"], {2: "deux agences le même jour", 3: "deux agences le même jour"}),
        ([f"{A};{B};2024-01-01;2024-09-01", f"{C};{B};2024-09-01;"], {2: "deux agences", 3: "deux agences"}),
    ],
)
def test_bad_lines_are_refused_with_number_and_reason(
    grenoble: Academy, four: list[Establishment], lines: list[str], reasons: dict[int, str]
) -> None:
    refused = {refusal.line: refusal.reason for refusal in plan(content(*lines), grenoble).refused}
    assert sorted(refused) == sorted(reasons)
    assert all(reason in refused[line] for line, reason in reasons.items())


def test_the_published_shape_with_names_and_remarks_is_read(grenoble: Academy, four: list[Establishment]) -> None:
    file = content(
        f"{A};Lycée A;{A};Lycée A;oui (support budgétaire);site",
        f"{A};Lycée A;{B};Collège B;non;idem",
        header="uai_siege;nom_siege;uai_rattache;nom_rattache;cite_scolaire;source",
    )
    assert len(plan(file, grenoble).added) == 2


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=st.randoms())
def test_the_order_of_lines_does_not_matter(
    grenoble: Academy, four: list[Establishment], chance: random.Random
) -> None:
    lines = [f"{A};{B};;", f"{A};{B};;2025-08-31", f"{C};{D};2024-01-01;2024-08-31", f"{A};{D};2024-09-01;"]
    expected = plan(content(*lines), grenoble).fingerprint()
    chance.shuffle(lines)
    assert plan(content(*lines), grenoble).fingerprint() == expected


def test_undoing_restores_what_held_before(grenoble: Academy, four: list[Establishment]) -> None:
    load(content(f"{A};{B};2024-01-01;"), grenoble)
    before = {day: seats(day) for day in (date(2024, 1, 1), SEPTEMBER, date(2025, 9, 1))}
    batch = load(content(f"{C};{B};2024-09-01;2025-08-31"), grenoble)
    assert seats(SEPTEMBER)[B] == C
    batches.undo(batch, by=None)
    assert {day: seats(day) for day in before} == before


def test_undoing_is_refused_after_a_later_attachment(grenoble: Academy, four: list[Establishment]) -> None:
    batch = load(content(f"{A};{B};;"), grenoble)
    load(content(f"{C};{B};2024-11-01;"), grenoble)
    with pytest.raises(ImportRefused, match=f"{B}.*depuis"):
        batches.undo(batch, by=None)


@pytest.mark.parametrize("lines", [1, 3])
def test_the_cost_does_not_depend_on_the_number_of_lines(
    grenoble: Academy, four: list[Establishment], lines: int, django_assert_num_queries: Any
) -> None:
    file = content(*[f"{A};{code};;" for code in (B, C, D)[:lines]])
    with django_assert_num_queries(17):
        load(file, grenoble)


def test_attaching_needs_a_reason_and_establishments_of_the_academy(
    grenoble: Academy, lyon: Academy, four: list[Establishment]
) -> None:
    with pytest.raises(AgencyRefused, match="motif"):
        services.attach(grenoble, [Placement(four[0], four[0], SEPTEMBER)], by=None, reason=" ")
    stranger = make_establishment(lyon)
    with pytest.raises(AgencyRefused, match="autre académie"):
        services.attach(grenoble, [Placement(four[0], stranger, SEPTEMBER)], by=None, reason="Essai")
    with pytest.raises(AgencyRefused, match="introuvable"):
        services.undo(grenoble, ImportBatch().operation, by=None)
