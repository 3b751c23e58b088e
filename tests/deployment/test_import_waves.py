"""Lists of waves: the register of moves, written from a file and taken back."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deployment.choices import ImportKind, Kind
from deployment.importers import batches, waves
from deployment.importers.plans import ImportPlan, ImportRefused
from deployment.models import Academy, Establishment, ImportBatch, Wave, WaveMove
from deployment.services import wave_states
from deployment.services import waves as services
from deployment.services.wave_states import Ruling
from deployment.tables import read_table
from tests.deployment.import_files import as_csv, as_xlsx
from tests.factories import make_establishment, make_wave, uai

DECIDED = date(2024, 6, 28)
A, B, C = (uai(380_000 + number) for number in range(3))
SAID = {"decided_on": "2024-06-28", "reason": "Liste initiale"}


@pytest.fixture
def territory(grenoble: Academy) -> dict[str, Wave]:
    for code in (A, B, C):
        make_establishment(grenoble, uai=code, name=f"Collège {code}")
    return {code: make_wave(grenoble, code) for code in ("V8", "V9", "V12")}


def content(*lines: str, header: str = "uai;vague") -> bytes:
    return as_csv([line.split(";") for line in (header, *lines)])


def plan(file: bytes, academy: Academy, **said: str) -> ImportPlan:
    parameters = {"today": "2024-10-08", **SAID, **said}
    return waves.plan(read_table(file, "f"), academy=academy, parameters=parameters)


def load(file: bytes, academy: Academy, *, skip_refused: bool = False, **said: str) -> ImportBatch:
    given = batches.deposit(ImportKind.WAVES, file, "vagues.csv", {**SAID, **said})
    return batches.carry_out(batches.prepare(given, academy=academy, by=None), skip_refused=skip_refused)


def held(on: date = DECIDED) -> dict[str, str]:
    rows = Establishment.objects.with_wave(on).order_by("uai")
    return {row.uai: row.wave_code for row in rows if row.wave_code}


def reasons(result: ImportPlan) -> dict[int, str]:
    return {refusal.line: refusal.reason for refusal in result.refused}


def test_a_list_is_written_with_its_decision(grenoble: Academy, territory: dict[str, Wave]) -> None:
    batch = load(content(f"{A};V8", f"{B};V9"), grenoble, decision_reference="COSUI du 28/06/2024")
    assert held() == {A: "V8", B: "V9"}
    assert held(date(2024, 6, 27)) == {}
    move = WaveMove.objects.get(establishment__uai=A)
    assert (move.reason, move.decision_reference) == ("Liste initiale", "COSUI du 28/06/2024")
    assert move.operation == batch.operation


@pytest.mark.parametrize("written", ["V8", "v8", "8", "Vague 8", "vague V8", "V08", "V 8"])
def test_a_wave_is_named_in_many_ways(grenoble: Academy, territory: dict[str, Wave], written: str) -> None:
    assert plan(content(f"{A};{written}"), grenoble).added[0].after == {"wave": "V8"}


def test_numbers_of_a_spreadsheet_and_other_headers_are_read(grenoble: Academy, territory: dict[str, Wave]) -> None:
    file = as_xlsx([["Identifiant de l'établissement", "Nom", "VAGUE OP@LE"], [A, "Collège", 12]])
    assert plan(file, grenoble).added[0].after == {"wave": "V12"}


@pytest.mark.parametrize("word", ["aucune", "Hors déploiement"])
def test_an_establishment_may_leave_the_deployment(grenoble: Academy, territory: dict[str, Wave], word: str) -> None:
    load(content(f"{A};V8"), grenoble)
    load(content(f"{A};{word}", f"{B};{word}"), grenoble, decided_on="2024-10-01")
    assert held(date(2024, 10, 1)) == {}
    assert WaveMove.objects.count() == 2


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["0380033H;V8"], {2: "la lettre attendue est E"}),
        (["0740003B;V8"], {2: "importez d’abord l’annuaire"}),
        ([f"{A};V7"], {2: "« V7 » est inconnue. Vagues de l’académie : V8, V9, V12"}),
        ([f"{A};"], {2: "La vague n’est pas indiquée"}),
        ([f"{A};V8", f"{A};V9"], {2: "dans une autre vague plus loin", 3: "déjà en V8 à la ligne 2"}),
    ],
)
def test_bad_lines_are_refused_with_number_and_reason(
    grenoble: Academy, territory: dict[str, Wave], lines: list[str], expected: dict[int, str]
) -> None:
    result = plan(content(*lines, f"{C};V12"), grenoble)
    found = reasons(result)
    assert [change.key for change in result.changes] == [C]
    assert sorted(found) == sorted(expected)
    assert all(reason in found[line] for line, reason in expected.items())


def test_a_frozen_wave_asks_for_a_reference_line_by_line(grenoble: Academy, territory: dict[str, Wave]) -> None:
    load(content(f"{A};V8", f"{B};V9"), grenoble)
    wave_states.freeze(territory["V8"], Ruling(date(2024, 7, 1), "Liste remontée", None))
    file = content(f"{A};V9", f"{B};V8", f"{C};V12")
    found = reasons(plan(file, grenoble))
    assert sorted(found) == [2, 3]
    assert "V8 (gelée)" in found[2]
    assert reasons(plan(file, grenoble, decision_reference="Arrêté du 2 juillet")) == {}
    assert reasons(plan(content(f"{A};V8"), grenoble)) == {}


def test_an_abolished_wave_takes_nobody(grenoble: Academy, territory: dict[str, Wave]) -> None:
    ruling = Ruling(date(2024, 6, 1), "Suppression", None, "EP@C du 27 mai")
    wave_states.abolish(territory["V9"], ruling, to=territory["V12"])
    assert "V9 est supprimée à compter du 01/06/2024" in reasons(plan(content(f"{A};V9"), grenoble))[2]


def test_a_list_and_the_service_agree_on_what_is_refused(grenoble: Academy, territory: dict[str, Wave]) -> None:
    """A wave abolished later may receive an establishment that leaves it in time, and no other."""
    load(content(f"{B};V12"), grenoble, decided_on="2024-08-01")
    wave_states.abolish(territory["V9"], Ruling(date(2024, 9, 1), "Suppression", None, "EP@C"), to=territory["V12"])
    file = content(f"{A};V9", f"{B};V9")
    assert sorted(reasons(plan(file, grenoble))) == [2]
    load(file, grenoble, skip_refused=True)
    assert held() == {B: "V9"}
    with pytest.raises(services.WaveRefused):
        services.place(
            grenoble,
            {Establishment.objects.get(uai=A): territory["V9"]},
            effective_on=DECIDED,
            reason="Essai",
            by=None,
        )


def test_a_greta_is_an_establishment_like_another(grenoble: Academy, territory: dict[str, Wave]) -> None:
    host = Establishment.objects.get(uai=A)
    make_establishment(grenoble, uai="0740003B", kind=Kind.GRETA, host=host)
    load(content(f"{A};V12", "0740003B;V8"), grenoble)
    assert held() == {A: "V12", "0740003B": "V8"}


def test_the_same_list_again_writes_nothing(grenoble: Academy, territory: dict[str, Wave]) -> None:
    file = content(f"{A};V8", f"{B};V9", f"{A};V8")
    load(file, grenoble)
    again = plan(file, grenoble)
    assert (again.changes, len(again.left), again.ignored) == ([], 2, {"ligne répétée": 1})
    with pytest.raises(ImportRefused, match="ne change rien"):
        load(file, grenoble)
    assert WaveMove.objects.count() == 2


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=st.randoms())
def test_the_order_of_lines_does_not_matter(
    grenoble: Academy, territory: dict[str, Wave], chance: random.Random
) -> None:
    lines = [f"{A};V8", f"{B};V9", f"{A};8", f"{C};aucune"]
    expected = plan(content(*lines), grenoble).fingerprint()
    chance.shuffle(lines)
    assert plan(content(*lines), grenoble).fingerprint() == expected


def test_undoing_moves_everyone_back(grenoble: Academy, territory: dict[str, Wave]) -> None:
    load(content(f"{A};V8"), grenoble)
    batch = load(content(f"{A};V9", f"{B};V12"), grenoble, decided_on="2024-10-01")
    batches.undo(batch, by=None)
    assert held(date(2024, 10, 1)) == {A: "V8"}


def test_undoing_is_refused_after_a_later_move(grenoble: Academy, territory: dict[str, Wave]) -> None:
    batch = load(content(f"{A};V8"), grenoble)
    load(content(f"{A};V9"), grenoble, decided_on="2024-10-01")
    with pytest.raises(ImportRefused, match=f"{A}.*depuis"):
        batches.undo(batch, by=None)
    assert batches.earlier(ImportBatch(academy=grenoble, kind=batch.kind, sha256=batch.sha256)) == batch


def test_undoing_in_a_frozen_wave_asks_for_a_reference(grenoble: Academy, territory: dict[str, Wave]) -> None:
    batch = load(content(f"{A};V8"), grenoble)
    wave_states.freeze(territory["V8"], Ruling(date(2024, 7, 1), "Liste remontée", None))
    with pytest.raises(ImportRefused, match="référence d’une décision"):
        batches.undo(batch, by=None)
    batches.undo(batch, by=None, decision_reference="Arrêté du 2 juillet")
    assert held() == {}


@pytest.mark.parametrize("lines", [1, 3])
def test_the_cost_does_not_depend_on_the_number_of_lines(
    grenoble: Academy, territory: dict[str, Wave], lines: int, django_assert_num_queries: Any
) -> None:
    file = content(*[f"{code};V8" for code in (A, B, C)[:lines]])
    with django_assert_num_queries(21):
        load(file, grenoble)
