"""Reads a table out of a file, whatever it claims to be: CSV, XLSX or ODS, told by its content.

A file that is not what it says is refused with one sentence, before any parser sees it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from accounts.uai import FORM
from accounts.words import normalise
from deployment import workbooks
from deployment.cells import Cell, CellRefused, text
from deployment.workbooks import MOST_LINES, FileRefused

__all__ = ("FileRefused", "Line", "Table", "header_key", "read_table")

DELIMITERS = ";,\t"
LONGEST_LINE = 1_000_000
SIGNATURES = (
    (b"%PDF", "un document PDF"),
    (b"\x89PNG", "une image"),
    (b"\xff\xd8\xff", "une image"),
    (b"GIF8", "une image"),
    (b"{\\rtf", "un document RTF"),
    (b"\x1f\x8b", "une archive"),
    (b"7z\xbc\xaf", "une archive"),
    (b"Rar!", "une archive"),
)
BOM = b"\xef\xbb\xbf"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<svg", b"<script")
BROKEN_ACCENTS = ("Ã©", "Ã¨", "Ã´", "Ãª", "Ã®", "â€™", "\ufffd")
SAVE_AS = "enregistrez-le en .xlsx, ou en « CSV UTF-8 »"


@dataclass(frozen=True)
class Line:
    """One line of the table, with the number a person sees beside it in a spreadsheet or an editor."""

    number: int
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Table:
    """A header and its lines. `position` finds a column by any of its names, however written."""

    headers: tuple[str, ...]
    lines: list[Line]
    warnings: tuple[str, ...] = ()
    _places: dict[str, int] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        for place, header in enumerate(self.headers):
            key = header_key(header)
            if key and key in self._places:
                raise FileRefused(
                    f"Deux colonnes portent le même nom « {header} » "
                    f"(colonnes {self._places[key] + 1} et {place + 1}) : supprimez celle qui est de trop."
                )
            if key:
                self._places[key] = place

    def position(self, *names: str) -> int | None:
        """The place of the first of these columns that exists."""
        return next((self._places[key] for key in map(header_key, names) if key in self._places), None)


def header_key(header: str) -> str:
    """A header without case, accent, space nor underscore: `Code postal` and `code_postal` are one."""
    return normalise(header).replace(" ", "")


def read_table(content: bytes, file_name: str) -> Table:
    """The table in these bytes; the name only serves the messages. Raises `FileRefused`."""
    if not content.strip():
        raise FileRefused(f"Le fichier « {file_name} » est vide.")
    if len(content) > workbooks.LARGEST_FILE:
        raise FileRefused(f"Le fichier « {file_name} » dépasse 50 Mo.")
    if content.startswith(workbooks.ZIP):
        return _table([Line(number, cells) for number, cells in workbooks.lines(content)])
    _refuse_foreign(content)
    source = _decoded(content)
    warning = _end_of_file(source)
    return _table(list(_csv_lines(source)), warning)


def _refuse_foreign(content: bytes) -> None:
    if content.startswith(workbooks.OLE):
        raise FileRefused(workbooks.about_ole(content))
    for signature, name in SIGNATURES:
        if content.startswith(signature):
            raise FileRefused(f"Ce fichier est {name}, pas un tableau : déposez un fichier XLSX, ODS ou CSV.")
    if b"\0" in content and not content.startswith(UTF_16):
        raise FileRefused("Ce fichier n’est pas un tableau : déposez un fichier XLSX, ODS ou CSV.")
    if content[:1000].removeprefix(BOM).lstrip().lower().startswith(MARKUP):
        raise FileRefused(f"Ce fichier est une page web ou du XML, pas un tableau : ouvrez-le et {SAVE_AS}.")


def _decoded(content: bytes) -> str:
    """Only what is certain: UTF-8, or UTF-16 announced by its mark. The rest is refused rather than guessed."""
    encoding = "utf-16" if content.startswith(UTF_16) else "utf-8"
    content = content.removeprefix(BOM)
    try:
        source = content.decode(encoding)
    except UnicodeDecodeError as error:
        if error.end >= len(content) and error.start >= len(content) - 3 and error.reason.startswith("unexpected end"):
            raise FileRefused("Le fichier s’arrête au milieu d’un caractère : il a été coupé.") from None
        line = content.count(b"\n", 0, error.start) + 1
        raise FileRefused(
            f"Le fichier n’est pas en UTF-8 (ligne {line}) : ses accents ne se lisent pas avec certitude ; {SAVE_AS}."
        ) from None
    broken = next((sign for sign in BROKEN_ACCENTS if sign in source), None)
    if broken:
        line = source.count("\n", 0, source.index(broken)) + 1
        raise FileRefused(
            f"Les accents du fichier ont été abîmés par un enregistrement précédent (« {broken} », ligne {line}) : "
            "reprenez le fichier d’origine."
        )
    return source


def _end_of_file(source: str) -> tuple[str, ...]:
    """Spreadsheets and exports end every line with CR LF: without the last one, the file was cut."""
    if source.endswith(("\n", "\r")):
        return ()
    last = source.count("\n") + 1
    if "\r\n" in source:
        raise FileRefused(f"Le fichier a été coupé : sa dernière ligne ({last}) ne se termine pas.")
    return (f"La dernière ligne ({last}) ne se termine pas par un retour à la ligne : vérifiez qu’elle est entière.",)


def _csv_lines(source: str) -> Iterator[Line]:
    first = next((line for line in source.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    csv.field_size_limit(LONGEST_LINE)
    reader = csv.reader(io.StringIO(source, newline=""), delimiter=delimiter, strict=True)
    width, number = 0, 1
    try:
        for cells in reader:
            start, number = number, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            width = width or len(cells)
            yield Line(start, _of_width(cells, width, start))
    except csv.Error as error:
        reason = "un guillemet ouvert n’est jamais refermé" if "end of data" in str(error) else "guillemets mal placés"
        raise FileRefused(f"Ligne {number} : {reason}. Le fichier est coupé ou abîmé.") from None


def _of_width(cells: list[str], width: int, number: int) -> list[str]:
    if len(cells) > width and not any(cells[width:]):
        return cells[:width]
    if len(cells) != width:
        raise FileRefused(
            f"Ligne {number} : {len(cells)} cases au lieu de {width}. "
            "Le fichier est coupé, ou un séparateur est en trop ou manque."
        )
    return cells


def _table(lines: list[Line], warnings: tuple[str, ...] = ()) -> Table:
    if not lines:
        raise FileRefused("Le fichier est vide.")
    if len(lines) > MOST_LINES:
        raise FileRefused(f"Le fichier dépasse {MOST_LINES} lignes.")
    header, *body = lines
    try:
        names = tuple(text(cell) for cell in header.cells)
    except CellRefused as refusal:
        raise FileRefused(f"Ligne de titres illisible : {refusal}.") from None
    if not any(names) or any(FORM.fullmatch(name) or name.replace(".", "").isdigit() for name in names):
        raise FileRefused(
            f"La ligne {header.number} n’est pas une ligne de titres : la première ligne doit nommer les colonnes."
        )
    if not body:
        raise FileRefused("Le fichier n’a que sa ligne de titres : il ne contient aucune donnée.")
    return Table(names, body, warnings)
