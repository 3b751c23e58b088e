"""Builds files as people hand them over: the official export, its variants, spreadsheets, and broken ones."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import openpyxl

OFFICIAL = Path(__file__).parent / "files" / "annuaire_extrait.csv"


def official() -> bytes:
    """Twenty real lines: 8 collèges open and 2 to open, 9 lycées, 1 EREA."""
    return OFFICIAL.read_bytes()


def official_rows() -> list[list[str]]:
    """The header, then the lines."""
    return list(csv.reader(io.StringIO(official().decode("utf-8-sig"), newline=""), delimiter=";"))


def as_csv(rows: Iterable[Sequence[object]], *, delimiter: str = ";", end: str = "\r\n", bom: bool = True) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator=end).writerows(rows)
    return stream.getvalue().encode("utf-8-sig" if bom else "utf-8")


def as_xlsx(rows: Iterable[Sequence[Any]]) -> bytes:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(list(row))
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def as_ods(rows: Iterable[Sequence[str]]) -> bytes:
    """The smallest OpenDocument sheet: texts only."""
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    names = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="{names}:office:1.0" '
        f'xmlns:table="{names}:table:1.0" xmlns:text="{names}:text:1.0" office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="A">{cells}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        f'<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="{names}:manifest:1.0" '
        f'manifest:version="1.2"><manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    return as_zip({"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest})


def as_zip(entries: dict[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return stream.getvalue()


def with_entry(workbook: bytes, name: str, content: str | bytes) -> bytes:
    """The workbook with one more entry, or another content for one it has."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        entries: dict[str, str | bytes] = {entry: archive.read(entry) for entry in archive.namelist()}
    return as_zip({**entries, name: content})


def lying_about_sizes(workbook: bytes, declared: int) -> bytes:
    """The workbook whose every entry declares that unpacked size, in both of its headers."""
    lie = bytearray(workbook)
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = lie.find(mark)
        while place >= 0:
            lie[place + offset : place + offset + 4] = declared.to_bytes(4, "little")
            place = lie.find(mark, place + 4)
    return bytes(lie)
