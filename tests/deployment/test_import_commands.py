"""The three commands: report, exit code, and nothing written when something is wrong."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from deployment.models import Academy, AgencyMembership, Establishment, ImportBatch, WaveMove
from tests.deployment.import_files import OFFICIAL, as_csv, official_rows
from tests.factories import make_wave


def run(name: str, file: Path, **options: Any) -> str:
    out = io.StringIO()
    call_command(name, str(file), stdout=out, **options)
    return out.getvalue()


def write(folder: Path, *lines: str) -> Path:
    file = folder / "liste.csv"
    file.write_bytes(as_csv([line.split(";") for line in lines]))
    return file


@pytest.fixture
def imported(grenoble: Academy) -> Academy:
    run("import_establishments", OFFICIAL, academy="grenoble")
    return grenoble


def test_an_academy_is_created_by_its_first_import(db: None) -> None:
    report = run("import_establishments", OFFICIAL, academy="grenoble")
    assert "ajoutés : 20, modifiés : 0, inchangés : 0, refusés : 0, ignorés : 0" in report
    assert Academy.objects.get().label == "Grenoble"
    assert Establishment.objects.count() == 20


def test_the_same_file_again_is_announced_and_writes_nothing(imported: Academy) -> None:
    report = run("import_establishments", OFFICIAL, academy="grenoble")
    assert "Ce fichier a déjà été importé le" in report
    assert "par la ligne de commande" in report
    assert "Rien à importer" in report
    assert ImportBatch.objects.count() == 1


def test_a_dry_run_writes_nothing_at_all(db: None) -> None:
    report = run("import_establishments", OFFICIAL, academy="grenoble", dry_run=True)
    assert "ajoutés : 20" in report
    assert not (Academy.objects.exists() or Establishment.objects.exists() or ImportBatch.objects.exists())


def test_an_unknown_academy_is_answered_with_the_thirty(db: None) -> None:
    with pytest.raises(CommandError, match="Les trente académies sont : aix-marseille.*versailles"):
        run("import_establishments", OFFICIAL, academy="mars")


def test_an_academy_absent_from_the_file_is_not_created(db: None) -> None:
    with pytest.raises(CommandError, match="aucun EPLE de l’académie de Lyon"):
        run("import_establishments", OFFICIAL, academy="lyon")
    assert not Academy.objects.exists()


def test_a_file_that_is_missing_or_no_table_is_told(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="ne peut pas être lu"):
        run("import_establishments", tmp_path / "absent.csv", academy="grenoble")
    image = tmp_path / "annuaire.csv"
    image.write_bytes(b"\x89PNG\r\n\x1a\n\0")
    with pytest.raises(CommandError, match="une image"):
        run("import_establishments", image, academy="grenoble")
    assert not Academy.objects.exists()


def test_refused_lines_are_numbered_and_stop_the_command(db: None, tmp_path: Path) -> None:
    rows = official_rows()
    rows[7][0] = rows[7][0][:7] + ("A" if rows[7][0][7] != "A" else "B")
    file = tmp_path / "annuaire.csv"
    file.write_bytes(as_csv(rows))
    with pytest.raises(CommandError, match="1 ligne.* rien n’est écrit"):
        run("import_establishments", file, academy="grenoble")
    assert not Academy.objects.exists()
    report = run("import_establishments", file, academy="grenoble", skip_refused=True)
    assert "Refusé, ligne 8" in report
    assert Establishment.objects.count() == 19


def test_changes_are_reported_field_by_field(imported: Academy, tmp_path: Path) -> None:
    rows = official_rows()
    line = next(row for row in rows if row[0] == "0070001N")
    line[rows[0].index("Nom_commune")] = "Vernoux"
    file = tmp_path / "annuaire.csv"
    file.write_bytes(as_csv(rows[:20]))
    report = run("import_establishments", file, academy="grenoble")
    assert "commune : Annonay → Vernoux" in report
    assert "Absent du fichier, laissé en l’état" in report


def test_agencies_and_waves_guess_the_academy_from_their_uais(imported: Academy, tmp_path: Path) -> None:
    run("import_agencies", write(tmp_path, "uai_siege;uai_rattache", "0070001N;0070002P"))
    assert AgencyMembership.objects.count() == 2
    make_wave(imported, "V8")
    report = run(
        "import_waves", write(tmp_path, "uai;vague", "0070001N;V8"), decided_on="2024-06-28", reason="Liste initiale"
    )
    assert "Importé." in report
    assert WaveMove.objects.get().reason == "Liste initiale"


def test_an_academy_that_cannot_be_guessed_is_asked(imported: Academy, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--academy"):
        run("import_agencies", write(tmp_path, "uai_siege;uai_rattache", "0740003B;0740003B"))


def test_a_wave_list_refused_by_one_line_writes_nothing(imported: Academy, tmp_path: Path) -> None:
    make_wave(imported, "V8")
    file = write(tmp_path, "uai;vague", "0070001N;V8", "0070002P;V99")
    with pytest.raises(CommandError):
        run("import_waves", file, decided_on="2024-06-28", reason="Liste", academy="grenoble")
    assert not WaveMove.objects.exists()
