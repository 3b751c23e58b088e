"""Persons in post, written from a file, refused line by line, and taken back."""

from __future__ import annotations

import random
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deployment.choices import Function, ImportKind, Kind
from deployment.importers import batches, posts
from deployment.importers.plans import ImportPlan, ImportRefused
from deployment.models import Academy, Establishment, ImportBatch, PostHolding
from deployment.tables import FileRefused, read_table
from tests.deployment.import_files import as_csv
from tests.factories import appoint, gather, make_establishment, uai

A, B, C = (uai(380_000 + number) for number in range(3))
OCTOBER = date(2024, 10, 8)
HEADER = "UAI;Fonction;Nom;Adresse (mail);Depuis"


@pytest.fixture(autouse=True)
def three(grenoble: Academy) -> list[Establishment]:
    """A is the seat of an agency, B is in it, C is a GRETA."""
    seat, member = (make_establishment(grenoble, uai=code, name=f"Lycée {code}") for code in (A, B))
    gather(seat, member, on=date(2023, 9, 1))
    return [seat, member, make_establishment(grenoble, uai=C, kind=Kind.GRETA, host=seat)]


def content(*lines: str, header: str = HEADER) -> bytes:
    return as_csv([line.split(";") for line in (header, *lines)])


def plan(file: bytes, academy: Academy) -> ImportPlan:
    return posts.plan(
        read_table(file, "f"), academy=academy, parameters={"today": "2024-10-08", "effective_on": "2024-09-01"}
    )


def load(file: bytes, academy: Academy, **options: Any) -> ImportBatch:
    given = batches.deposit(ImportKind.POSTS, file, "postes.csv", {"effective_on": "2024-09-01"})
    return batches.carry_out(batches.prepare(given, academy=academy, by=None), **options)


def held(code: str, on: date = OCTOBER) -> dict[Function, list[tuple[str, str]]]:
    place = Establishment.objects.get(uai=code).pk
    found = PostHolding.objects.holders([place], on)[place]
    return {function: [(holder.name, holder.email) for holder in persons] for function, persons in found.items()}


def test_persons_are_in_post_from_the_day_said_or_the_day_given(grenoble: Academy) -> None:
    load(content(f"{A};Proviseur;Anne Aulne;anne@demo.invalid;01/10/2024", f"{B};SG;Bakari Houx;;"), grenoble)
    assert held(A, date(2024, 9, 30)) == {}
    assert held(A, date(2024, 10, 1)) == {Function.HEAD: [("Anne Aulne", "anne@demo.invalid")]}
    assert held(B, date(2024, 9, 1)) == {Function.SECRETARY_GENERAL: [("Bakari Houx", "")]}


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("SG", [Function.SECRETARY_GENERAL]),
        ("Secrétaire générale d'EPLE", [Function.SECRETARY_GENERAL]),
        ("adjointe-gestionnaire", [Function.SECRETARY_GENERAL]),
        ("AC", [Function.ACCOUNTANT]),
        ("AGENTE COMPTABLE", [Function.ACCOUNTANT]),
        ("SG-AC", [Function.SECRETARY_GENERAL, Function.ACCOUNTANT]),
        ("chef", [Function.HEAD]),
        ("Cheffe d’établissement", [Function.HEAD]),
        ("proviseure", [Function.HEAD]),
        ("Principal", [Function.HEAD]),
        ("FP", [Function.DEPUTY_ACCOUNTANT]),
        ("Fondée de pouvoir", [Function.DEPUTY_ACCOUNTANT]),
        ("Intendance", [Function.BURSARY_STAFF]),
        ("DDFPT", [Function.VOCATIONAL_TRAINING_DIRECTOR]),
        *((function.label, [function]) for function in Function),
    ],
)
def test_functions_are_read_however_spelt(grenoble: Academy, spelling: str, expected: list[Function]) -> None:
    load(content(f"{A};{spelling};Anne Aulne;;"), grenoble)
    assert list(held(A)) == [function for function in Function if function in expected]


@pytest.mark.parametrize("word", ["vacant", "VACANT", "Poste vacant", "vacante"])
def test_vacant_as_a_name_is_a_vacancy(grenoble: Academy, three: list[Establishment], word: str) -> None:
    appoint(three[0], Function.ACCOUNTANT, "Anne Aulne", "anne@demo.invalid")
    load(content(f"{A};AC;{word};;"), grenoble)
    assert held(B) == {Function.ACCOUNTANT: [("", "")]}


def test_first_names_in_a_column_of_their_own_are_read(grenoble: Academy) -> None:
    load(content(f"{A};chef;AULNE;Anne", header="uai;fonction;nom;prénom"), grenoble)
    assert held(A) == {Function.HEAD: [("Anne AULNE", "")]}


@pytest.mark.parametrize(
    ("lines", "reasons"),
    [
        (["0380033H;SG;Anne;;"], {2: "la lettre attendue est E"}),
        (["0740003B;SG;Anne;;"], {2: "importez d’abord l’annuaire"}),
        ([f"{A};CPE;Anne;;"], {2: "« CPE » n’est pas une fonction connue (Agent comptable, "}),
        ([f"{A};SG;;;"], {2: "écrivez « vacant »"}),
        ([f"{A};SG;Anne;anne@;"], {2: "« anne@ » n’est pas une adresse électronique"}),
        ([f"{A};SG;Anne;=cmd|x;"], {2: "n’est pas une adresse électronique"}),
        ([f"{A};SG;vacant;anne@demo.invalid;"], {2: "une adresse sans nom"}),
        ([f"{A};SG;anne@demo.invalid;;"], {2: "n’est pas un nom"}),
        ([f"{A};SG;{'a' * 200};;"], {2: "n’est pas un nom"}),
        ([f"{A};SG;Anne;;bientôt"], {2: "n’est pas une date"}),
        ([f"{B};AC;Anne;;"], {2: "n’est pas le siège d’une agence comptable le 01/09/2024"}),
        ([f"{A};AC;Anne;;01/09/2022"], {2: "n’est pas le siège d’une agence comptable le 01/09/2022"}),
        ([f"{C};SG;Anne;;"], {2: "est un GRETA"}),
        (
            [f"{A};SG;Anne;;", f"{A};SG;Bakari;;"],
            {2: "plusieurs personnes le même jour (lignes 2, 3)", 3: "lignes 2, 3"},
        ),
        ([f"{A};SG;Anne;;", f"{A};SG;#REF!;;"], {3: "erreur de tableur"}),
    ],
)
def test_bad_lines_are_refused_with_number_and_reason(
    grenoble: Academy, lines: list[str], reasons: dict[int, str]
) -> None:
    refused = {refusal.line: refusal.reason for refusal in plan(content(*lines), grenoble).refused}
    assert sorted(refused) == sorted(reasons)
    assert all(reason in refused[line] for line, reason in reasons.items())
    with pytest.raises(ImportRefused, match="refusée"):
        load(content(*lines), grenoble)
    assert PostHolding.objects.count() == 0


@pytest.mark.parametrize("number", ["0", "100", "1,5", "x", "9" * 30])
def test_a_post_number_out_of_bounds_is_refused(grenoble: Academy, number: str) -> None:
    file = content(f"{A};FP;Anne;{number}", header="uai;fonction;nom;numero")
    (refusal,) = plan(file, grenoble).refused
    assert refusal.line == 2


@pytest.mark.parametrize("header", ["uai;fonction;personne2", "uai;nom", "fonction;nom"])
def test_a_missing_column_is_named(grenoble: Academy, header: str) -> None:
    with pytest.raises(FileRefused, match="Il manque la colonne"):
        plan(content(";".join("x" for _ in header.split(";")), header=header), grenoble)


def test_the_same_file_again_writes_nothing(grenoble: Academy) -> None:
    file = content(f"{A};SGAC;Anne;a@demo.invalid;", f"{A};FP;Bakari;;", f"{A};FP;Cléo;;01/10/2024", f"{B};SG;vacant;;")
    load(file, grenoble)
    assert PostHolding.objects.count() == 5
    again = plan(file, grenoble)
    assert (again.changes, len(again.left)) == ([], 5)
    with pytest.raises(ImportRefused, match="ne change rien"):
        load(file, grenoble)


def test_a_repeated_line_is_ignored(grenoble: Academy) -> None:
    result = plan(
        content(f"{A};SG;Anne;;", f"{A};Gestionnaire;Anne;;", f"{A};FP;Bakari;;", f"{A};FP;Bakari;;"), grenoble
    )
    assert (len(result.added), result.ignored["ligne répétée"], result.refused) == (2, 2, [])


def test_deputies_keep_their_post_whatever_the_order(grenoble: Academy) -> None:
    load(content(f"{A};FP;Anne;;", f"{A};FP;Bakari;;"), grenoble)
    assert plan(content(f"{A};FP;Bakari;;", f"{A};FP;Anne;;"), grenoble).changes == []
    load(content(f"{A};FP;Cléo;;01/10/2024", f"{A};FP;Bakari;;01/10/2024"), grenoble)
    assert held(A) == {Function.DEPUTY_ACCOUNTANT: [("Cléo", ""), ("Bakari", "")]}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=st.randoms())
def test_the_order_of_lines_of_sole_posts_does_not_matter(grenoble: Academy, chance: random.Random) -> None:
    lines = [f"{A};SGAC;Anne;;", f"{A};SG;vacant;;2024-10-01", f"{A};AC;Bakari;;2025-01-01", f"{B};SG;Cléo;;"]
    expected = plan(content(*lines), grenoble).fingerprint()
    chance.shuffle(lines)
    assert plan(content(*lines), grenoble).fingerprint() == expected


def test_the_report_tells_who_follows_whom(grenoble: Academy, three: list[Establishment]) -> None:
    appoint(three[0], Function.HEAD, "Anne", "anne@demo.invalid")
    (changed,) = plan(content(f"{A};chef;vacant;;"), grenoble).report()["changed"]
    assert changed["fields"] == [
        {"field": "nom", "before": "Anne", "after": "poste vacant"},
        {"field": "adresse électronique", "before": "anne@demo.invalid", "after": ""},
    ]


def test_undoing_restores_what_held_before(grenoble: Academy, three: list[Establishment]) -> None:
    appoint(three[0], Function.HEAD, "Anne", "anne@demo.invalid")
    batch = load(content(f"{A};chef;vacant;;", f"{A};SGAC;Bakari;;"), grenoble)
    batches.undo(batch, by=None)
    assert held(A) == {Function.HEAD: [("Anne", "anne@demo.invalid")]}


def test_undoing_is_refused_once_somebody_else_came(grenoble: Academy, three: list[Establishment]) -> None:
    batch = load(content(f"{A};chef;Anne;;"), grenoble)
    appoint(three[0], Function.HEAD, "Bakari", on=OCTOBER)
    with pytest.raises(ImportRefused, match="inscrivez qui le tient maintenant"):
        batches.undo(batch, by=None)


@pytest.mark.parametrize("count", [1, 3])
def test_planning_costs_the_same_whatever_the_length(
    grenoble: Academy, count: int, django_assert_num_queries: Any
) -> None:
    codes = []
    for _ in range(count):
        seat = make_establishment(grenoble)
        gather(seat, on=date(2023, 9, 1))
        codes.append(seat.uai)
    file = content(*(f"{code};SGAC;Anne;;" for code in codes))
    with django_assert_num_queries(4):
        assert len(plan(file, grenoble).added) == 2 * count


def test_the_command_tries_first_then_writes_once(grenoble: Academy, tmp_path: Path) -> None:
    file = tmp_path / "postes.csv"
    file.write_bytes(content(f"{A};SG;Anne;anne@demo.invalid;"))
    out = StringIO()
    call_command("import_posts", file, "--academy=grenoble", "--dry-run", stdout=out)
    assert "Essai à blanc" in out.getvalue()
    assert PostHolding.objects.count() == 0
    call_command("import_posts", file, "--effective-on=2024-09-02", "--reason=Rentrée", stdout=out)
    (row,) = PostHolding.objects.all()
    assert (row.effective_on, row.reason, row.name) == (date(2024, 9, 2), "Rentrée", "Anne")
    call_command("import_posts", file, "--effective-on=2024-09-02", stdout=out)
    assert "Rien à importer" in out.getvalue()
    file.write_bytes(content(f"{A};SG;Anne;anne;"))
    with pytest.raises(CommandError, match="1 ligne"):
        call_command("import_posts", file, stdout=out)
