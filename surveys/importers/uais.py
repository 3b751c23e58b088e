"""A file of UAIs, in which each wrong line is told by its number."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.uai import UaiRefused, normalise
from deployment.cells import CellRefused, text
from deployment.models import Academy, Establishment
from deployment.tables import FileRefused, Line, read_table

COLUMNS = ("uai", "code uai", "numero uai", "identifiant de l'établissement", "rne", "code rne")


@dataclass(frozen=True)
class UaiFile:
    """What a file says: establishments of the académie, and the lines that name none, with why."""

    establishments: list[Establishment]
    refused: list[tuple[int, str]]  # line number, sentence


def read(content: bytes, file_name: str, academy: Academy) -> UaiFile:
    """Read the column of UAIs of a CSV, XLSX or ODS. Raises `FileRefused`."""
    table = read_table(content, file_name)
    place = table.position(*COLUMNS)
    if place is None:
        raise FileRefused("Le fichier n’a pas de colonne « UAI » : nommez ainsi celle qui contient les UAI.")
    known = {row.uai: row for row in academy.establishments.all()}
    chosen: dict[str, int] = {}
    refused = []
    for line in table.lines:
        try:
            uai = _uai(line, place, known)
        except (UaiRefused, CellRefused) as refusal:
            refused.append((line.number, str(refusal)))
            continue
        if uai in chosen:
            refused.append((line.number, f"{uai} est déjà à la ligne {chosen[uai]}."))
        else:
            chosen[uai] = line.number
    return UaiFile([known[uai] for uai in chosen], refused)


def _uai(line: Line, place: int, known: dict[str, Establishment]) -> str:
    shown = text(line.cells[place]) if place < len(line.cells) else ""
    if not shown:
        raise UaiRefused("La case de l’UAI est vide.")
    uai = normalise(shown)
    if uai not in known:
        raise UaiRefused(f"{uai} n’est pas un établissement de cette académie.")
    return uai
