"""Requests of Publik (Colibris) as JSON, read as the table that its CSV export would be.

Each request is `{"id", "receipt_time", "last_update_time", "fields": {…}, "user": {…}, "workflow": {"status": {…}}}`.
A field that repeats (a block of Publik) gives one line a repetition, all with the number of their request.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from deployment.tables import FileRefused, Line, Table, header_key

MEGABYTE = 1024 * 1024
LARGEST_JSON = 10 * MEGABYTE
MOST_LINES = 20_000
MOST_COLUMNS = 400
LONGEST_HEADER = 200
OWN = ("id", "receipt_time", "last_update_time", "workflow status", "user name")
RAW = ("_raw", "_structured", "_display")
BOM = b"\xef\xbb\xbf"

Row = dict[str, str | int | float]


def is_json(content: bytes) -> bool:
    """Whether these bytes begin as a JSON list or object, which no table does."""
    return content[:1000].removeprefix(BOM).lstrip()[:1] in (b"{", b"[")


def read(content: bytes, file_name: str) -> Table:
    """The requests of the file, a line each or several; `Line.number` is their rank. Raises `FileRefused`."""
    if len(content) > LARGEST_JSON:
        raise FileRefused(f"Le fichier « {file_name} » dépasse 10 Mo : exportez le formulaire en CSV.")
    lines = [(rank, row) for rank, record in enumerate(_records(content), start=1) for row in _rows(rank, record)]
    headers = list(dict.fromkeys(header for _, row in lines for header in row))
    if len(lines) > MOST_LINES or len(headers) > MOST_COLUMNS:
        raise FileRefused(f"Le fichier dépasse {MOST_LINES} lignes ou {MOST_COLUMNS} champs.")
    if len({header_key(header) for header in headers}) < len(headers):
        raise FileRefused("Deux champs du formulaire portent presque le même nom : exportez-le en CSV.")
    table_lines = [Line(rank, [row.get(header, "") for header in headers]) for rank, row in lines]
    return Table(tuple(headers), table_lines)


def _records(content: bytes) -> list[Any]:
    try:
        read = json.loads(content.removeprefix(BOM).decode("utf-8"))
    except UnicodeDecodeError:
        raise FileRefused("Le fichier JSON n’est pas en UTF-8 : exportez-le de nouveau.") from None
    except RecursionError:
        raise FileRefused(
            "Le fichier JSON est trop profondément imbriqué : ce n’est pas un export de Publik."
        ) from None
    except ValueError as error:
        place = f" (ligne {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise FileRefused(f"Le fichier JSON est coupé ou abîmé{place} : exportez-le de nouveau.") from None
    if isinstance(read, Mapping) and isinstance(read.get("data"), list):
        read = read["data"]
    records = read if isinstance(read, list) else [read]
    if not records:
        raise FileRefused("Le fichier JSON ne contient aucune demande.")
    return records


def _rows(rank: int, record: Any) -> Iterator[Row]:
    if not isinstance(record, Mapping) or not isinstance(record.get("fields"), Mapping):
        raise FileRefused(
            f"La demande de rang {rank} n’a pas de « fields » : ce n’est pas un export complet de Publik."
        )
    status, user = _inside(record, "workflow", "status", "name"), _inside(record, "user", "name")
    told = (record.get("id"), record.get("receipt_time"), record.get("last_update_time"), status, user)
    row: Row = {header: _cell(value) for header, value in zip(OWN, told, strict=True)}
    blocks: list[Row] = []
    for name, value in record["fields"].items():
        header = _clean(str(name))[:LONGEST_HEADER]
        if header.endswith(RAW):
            continue
        header = f"champ {header}" if header in OWN else header
        repeated = _repeated(value)
        if repeated is None:
            row[header] = _cell(value)
            continue
        for place, block in enumerate(repeated):
            while len(blocks) <= place:
                blocks.append({})
            blocks[place] |= {f"{header} {_clean(str(key))[:LONGEST_HEADER]}": _cell(v) for key, v in block.items()}
    yield from ({**row, **block} for block in blocks or [{}])


def _inside(record: Mapping[str, Any], *path: str) -> Any:
    found: Any = record
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _repeated(value: Any) -> list[Mapping[str, Any]] | None:
    """The repetitions of a block, in either form that Publik writes; None for any other field."""
    items = value.get("data") if isinstance(value, Mapping) else value
    if isinstance(items, list) and items and all(isinstance(item, Mapping) for item in items):
        return items
    return None


def _cell(value: Any) -> str | int | float:
    if value is None or isinstance(value, bool):
        return {None: "", True: "oui", False: "non"}[value]
    if isinstance(value, int | float):
        return value if abs(value) < 1e15 else str(value)
    if isinstance(value, list):
        return "\n".join(str(_cell(item)) for item in value if not isinstance(item, list | Mapping))
    if isinstance(value, Mapping):
        return _cell(value.get("filename") or value.get("text") or "") if "data" not in value else ""
    return _clean(str(value))


def _clean(text: str) -> str:
    """Without what no database keeps: NUL, halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
