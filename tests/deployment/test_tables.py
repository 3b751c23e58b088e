"""Reading files: what is read, and the one sentence that refuses the rest."""

from __future__ import annotations

import io
import random
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployment import workbooks
from deployment.tables import FileRefused, header_key, read_table
from tests.deployment.import_files import (
    as_csv,
    as_ods,
    as_xlsx,
    as_zip,
    lying_about_sizes,
    official,
    official_rows,
    with_entry,
)

ROWS = [["uai", "Nom"], ["0380033E", "Collège"], ["0740003B", "Lycée"]]
OLE = workbooks.OLE + b"\0" * 600
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


def bomb(unpacked: int) -> bytes:
    return with_entry(as_xlsx(ROWS), "xl/media/zeros.bin", b"\0" * unpacked)


def crowd(entries: int) -> bytes:
    return as_zip({f"{number}.xml": "" for number in range(entries)})


def encrypted_ods() -> bytes:
    return with_entry(as_ods(ROWS), "META-INF/manifest.xml", "<manifest:encryption-data/>")


def far_cell(place: str) -> bytes:
    """Five kilobytes, whose only cells are far apart."""
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = workbook.active[place] = "uai"
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def repeated_cell(times: int) -> bytes:
    """One cell, said that many times over that many lines."""
    content = zipfile.ZipFile(io.BytesIO(as_ods([["uai"]]))).read("content.xml").decode()
    cell = content.replace("<table:table-cell", f'<table:table-cell table:number-columns-repeated="{times}"')
    line = cell.replace("<table:table-row", f'<table:table-row table:number-rows-repeated="{times}"')
    return with_entry(as_ods([["uai"]]), "content.xml", line)


def shared_text(cells: int) -> bytes:
    """A text of half a megabyte, kept once, that every cell shows."""
    text = random.Random(0).randbytes(250_000).hex()
    names = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    lines = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, cells + 1))
    workbook = with_entry(as_xlsx(ROWS), "xl/sharedStrings.xml", f"<sst {names}><si><t>{text}</t></si></sst>")
    sheet = f"<worksheet {names}><sheetData>{lines}</sheetData></worksheet>"
    return with_entry(workbook, "xl/worksheets/sheet1.xml", sheet)


REFUSED = {
    "empty": (b"", "vide"),
    "blank": (b" \r\n\t \r\n", "vide"),
    "mark only": (b"\xef\xbb\xbf", "vide"),
    "header only": (as_csv(ROWS[:1]), "n’a que sa ligne de titres"),
    "no header": (as_csv(ROWS[1:]), "n’est pas une ligne de titres"),
    "image": (PNG, "une image"),
    "photograph": (b"\xff\xd8\xff\xe0\0\x10JFIF", "une image"),
    "pdf": (b"%PDF-1.7\n%abc\n", "un document PDF"),
    "page": (b"<!DOCTYPE html><html><body>Erreur 504</body></html>\n", "une page web"),
    "page without doctype": (b"\n\n <HTML><head></head>", "une page web"),
    "binary": (b"uai;nom\r\n\0\0\0", "n’est pas un tableau"),
    "old excel": (OLE + "Workbook".encode("utf-16-le"), r"\.xls"),
    "excel with a password": (OLE + "EncryptedPackage".encode("utf-16-le"), "mot de passe"),
    "ods with a password": (encrypted_ods(), "mot de passe"),
    "word": (as_zip({"[Content_Types].xml": "wordprocessingml.document.main+xml"}), "un document Word"),
    "slides": (as_zip({"[Content_Types].xml": "presentationml.presentation.main+xml"}), "un diaporama"),
    "macros": (as_zip({"[Content_Types].xml": "application/vnd.ms-excel.sheet.macroEnabled.main+xml"}), "à macros"),
    "archive": (as_zip({"annuaire.csv": official()}), "une archive"),
    "truncated xlsx": (as_xlsx(ROWS)[:-300], "abîmé ou incomplet"),
    "zip header only": (b"PK\x03\x04" + b"\0" * 50, "abîmé ou incomplet"),
    "bomb": (bomb(30_000_000), "anormalement compressé"),
    "bomb in small pieces": (as_zip({f"{n}.xml": b"\0" * 1_000_000 for n in range(30)}), "anormalement compressé"),
    "bomb beside noise": (
        with_entry(bomb(30_000_000), "xl/media/noise.png", random.Random(0).randbytes(2_000_000)),
        "anormalement compressé",
    ),
    "too many entries": (crowd(2001), "anormalement compressé"),
    "archive in a workbook": (with_entry(as_xlsx(ROWS), "xl/a.zip", as_zip({"a": "b"})), "une autre archive"),
    "sizes declared too small": (lying_about_sizes(as_xlsx(ROWS), 10), "abîmé ou incomplet"),
    "sizes declared nil": (lying_about_sizes(as_xlsx(ROWS), 0), "abîmé ou incomplet"),
    "entities": (
        with_entry(as_xlsx(ROWS), "xl/sharedStrings.xml", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a/>'),
        "définitions XML interdites",
    ),
    "windows encoding": ("uai;nom\r\n0380033E;Collège\r\n".encode("cp1252"), r"n’est pas en UTF-8 \(ligne 2\)"),
    "broken accents": (as_csv([ROWS[0], ["0380033E", "CollÃ¨ge"]]), r"abîmés.*ligne 2"),
    "cut in a character": (as_csv([ROWS[0], ["0380033E", "Collé"]], end="")[:-1], "au milieu d’un caractère"),
    "cut in a cell": (as_csv(ROWS)[:-3], r"coupé : sa dernière ligne \(3\)"),
    "cut in a quote": (b'uai;nom\n0380033E;"Coll\n', "guillemet ouvert"),
    "misplaced quote": (b'uai;nom\n0380033E;"Coll"ge\n', "guillemets mal placés"),
    "too few cells": (as_csv([*ROWS, ["0380033E"]]), "Ligne 4 : 1 cases au lieu de 2"),
    "too many cells": (as_csv([*ROWS, ["0380033E", "a", "b"]]), "Ligne 4 : 3 cases au lieu de 2"),
    "header twice": (as_csv([["uai", "Nom", "NOM "], ["0380033E", "a", "b"]]), "Deux colonnes portent le même nom"),
    "empty workbook": (as_xlsx([]), "vide"),
    "cell at the end of the sheet": (far_cell("XFD250000"), "demande trop de mémoire"),
    "cell repeated without end": (repeated_cell(5_000), "demande trop de mémoire"),
    "long text in many cells": (shared_text(270), "demande trop de mémoire"),
    "long text in more cells": (shared_text(4_000), "demande trop de mémoire"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_is_no_table_gets_one_sentence(case: str) -> None:
    content, sentence = REFUSED[case]
    with pytest.raises(FileRefused, match=sentence) as refusal:
        read_table(content, "fichier.xlsx")
    assert "\n" not in str(refusal.value)


def test_a_file_beyond_50_megabytes_is_not_opened() -> None:
    with pytest.raises(FileRefused, match="50 Mo"):
        read_table(b"a" * (workbooks.LARGEST_FILE + 1), "gros.csv")


def test_a_declared_gigabyte_is_refused_before_anything_is_unpacked() -> None:
    with pytest.raises(FileRefused, match="anormalement compressé"):
        read_table(lying_about_sizes(as_xlsx(ROWS), 2**31), "x.xlsx")


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("bom", [True, False])
def test_csv_is_read_whatever_its_dialect(delimiter: str, end: str, bom: bool) -> None:
    table = read_table(as_csv(ROWS, delimiter=delimiter, end=end, bom=bom), "a.csv")
    assert table.headers == ("uai", "Nom")
    assert [(line.number, list(line.cells)) for line in table.lines] == [(2, ROWS[1]), (3, ROWS[2])]


def test_text_for_excel_in_utf_16_is_read() -> None:
    assert len(read_table("uai\tNom\r\n0380033E\tCollège\r\n".encode("utf-16"), "a.txt").lines) == 1


def test_line_numbers_are_those_of_the_editor() -> None:
    table = read_table(b'uai;nom\r\n\r\n0380033E;"deux\r\nlignes"\r\n;\r\n0740003B;x\r\n', "a.csv")
    assert [line.number for line in table.lines] == [3, 6]


def test_xlsx_and_ods_read_alike_with_the_numbers_of_the_sheet() -> None:
    spaced = [["", ""], *ROWS[:2], ["", ""], ROWS[2]]
    for content in (as_xlsx([[cell or None for cell in row] for row in spaced]), as_ods(spaced)):
        table = read_table(content, "peu importe.pdf")
        assert [(line.number, line.cells[0]) for line in table.lines] == [(3, "0380033E"), (5, "0740003B")]


def test_hidden_and_empty_sheets_are_passed_over() -> None:
    workbook = openpyxl.Workbook()
    workbook.active.title = "vide"
    secret = workbook.create_sheet("cachée")
    secret.append(["x"])
    secret.sheet_state = "hidden"
    for row in ROWS:
        if "données" not in workbook.sheetnames:
            workbook.create_sheet("données")
        workbook["données"].append(row)
    stream = io.BytesIO()
    workbook.save(stream)
    assert read_table(stream.getvalue(), "a.xlsx").headers == ("uai", "Nom")


def test_a_last_line_without_end_is_read_with_a_warning_where_lines_end_plainly() -> None:
    table = read_table(b"uai;vague\n0380033E;V1", "a.csv")
    assert len(table.lines) == 1
    assert "dernière ligne (2)" in table.warnings[0]


@given(st.sampled_from(["Code postal", "Identifiant_de_l_etablissement", "coordonnee_X"]), st.randoms())
def test_headers_match_whatever_their_case_and_spaces(header: str, chance: random.Random) -> None:
    spaced = "".join(
        chance.choice((letter.upper(), letter.lower())) if letter not in " _" else chance.choice(" _-  ")
        for letter in header
    )
    table = read_table(as_csv([[f" {spaced} ", "autre"], ["a", "b"]]), "a.csv")
    assert table.position(header) == 0
    assert header_key(spaced) == header_key(header)


def test_the_official_file_cut_anywhere_is_refused_or_cut_between_lines() -> None:
    content, chance = official(), random.Random(20241008)
    whole = len(official_rows()) - 1
    for offset in [*(chance.randrange(1, len(content)) for _ in range(50)), content.index(b"\r\n", 5000) + 2]:
        try:
            table = read_table(content[:offset], "coupé.csv")
        except FileRefused:
            continue
        assert content[:offset].endswith((b"\r", b"\n"))
        assert len(table.lines) < whole


def test_an_official_workbook_cut_anywhere_is_refused() -> None:
    content, chance = as_xlsx(official_rows()), random.Random(20241008)
    for _ in range(50):
        with pytest.raises(FileRefused):
            read_table(content[: chance.randrange(1, len(content))], "coupé.xlsx")


def test_a_workbook_with_a_flipped_bit_is_refused() -> None:
    content = bytearray(as_xlsx(official_rows()))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.getinfo("xl/worksheets/sheet1.xml")
    content[sheet.header_offset + 200] ^= 0x55
    with pytest.raises(FileRefused, match="abîmé"):
        read_table(bytes(content), "abîmé.xlsx")


@given(st.binary(max_size=400))
def test_any_bytes_are_a_table_or_are_refused(content: bytes) -> None:
    for start in (b"", b"uai;nom\n", b"PK\x03\x04"):
        try:
            read_table(start + content, "x")
        except FileRefused as refusal:
            assert str(refusal).endswith(".")
