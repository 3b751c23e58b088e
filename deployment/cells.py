"""Reads one cell as what its column holds; raises `CellRefused` with a reason, in French, that names the value."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from accounts.uai import normalise
from deployment.departements import code_of

Cell = str | float | int | bool | date | datetime | time | timedelta | None

SPACES = re.compile(r"[\s\u00a0\u202f\u2007\ufeff]+")
SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+")
NINE_DIGITS = re.compile(r"[1-9][0-9]{8}")
FRENCH_DAY = re.compile(r"([0-9]{1,2})[/.\-]([0-9]{1,2})[/.\-]([0-9]{4})")
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FIRST_YEAR, LAST_YEAR = 1600, 2200


class CellRefused(ValueError):
    """The cell does not hold what its column promises."""


def text(cell: Cell) -> str:
    """What a person sees in the cell, without needless spaces: 7104.0 → `7104`, a date in ISO form."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        shown = SPACES.sub(" ", cell).strip()
        if shown.startswith("#") and shown.rstrip("!?").isupper():
            raise CellRefused(f"la case contient une erreur de tableur ({shown[:20]})")
        return shown
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def short(longest: int) -> Callable[[Cell], str]:
    """A text of at most `longest` characters."""

    def read(cell: Cell) -> str:
        value = text(cell)
        if len(value) > longest:
            raise CellRefused(f"« {value[:30]}… » dépasse {longest} caractères")
        return value

    return read


def whole(cell: Cell) -> str:
    """A number used as a name, digit by digit: refused once a spreadsheet has rounded it."""
    value = _not_rounded(text(cell).replace(" ", ""))
    if value and not (value.isascii() and value.isdigit()):
        raise CellRefused(f"« {value[:30]} » n’est pas un nombre")
    return value


def _not_rounded(value: str) -> str:
    if SCIENTIFIC.fullmatch(value):
        raise CellRefused(
            f"« {value} » est en notation scientifique : un tableur a perdu des chiffres, "
            "reprenez le fichier d’origine ou mettez la colonne au format texte"
        )
    return value


def phone(cell: Cell) -> str:
    """A telephone number as written; nine bare digits are a French one whose zero a spreadsheet lost."""
    value = _not_rounded(short(20)(cell))
    return f"0{value}" if NINE_DIGITS.fullmatch(value) else value


def siret(cell: Cell) -> str:
    """Fourteen digits. A SIREN (nine digits) names the legal person only, and is no SIRET: empty."""
    value = whole(cell)
    if len(value) not in (0, 9, 14):
        raise CellRefused(f"« {value[:30]} » n’a ni 9 chiffres (SIREN) ni 14 (SIRET)")
    return value if len(value) == 14 else ""


def digits(width: int) -> Callable[[Cell], str]:
    """A code of `width` digits; zeros that a spreadsheet lost in front come back."""

    def read(cell: Cell) -> str:
        value = whole(cell)
        if len(value) > width:
            raise CellRefused(f"« {value[:30]} » dépasse {width} chiffres")
        return value.zfill(width) if value else ""

    return read


def uai(cell: Cell) -> str:
    """A UAI whose letter is right."""
    return normalise(text(cell))


def departement(cell: Cell) -> str:
    """A département's code as people write it: `038` → `38`, `02A` → `2A`."""
    value = text(cell)
    return code_of(value) if value else ""


def day(cell: Cell) -> date | None:
    """A date, from a real date or from `2024-06-28`, `28/06/2024`."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    value = text(cell)
    if not value:
        return None
    french = FRENCH_DAY.fullmatch(value)
    try:
        found = date(*(int(part) for part in reversed(french.groups()))) if french else _iso_day(value)
    except ValueError:
        raise CellRefused(f"« {value[:30]} » n’est pas une date (JJ/MM/AAAA)") from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise CellRefused(f"« {value[:30]} » : année invraisemblable")
    return found


def _iso_day(value: str) -> date:
    if not ISO_DAY.match(value) or (len(value) > 10 and value[10] not in "T "):
        raise ValueError
    return date.fromisoformat(value[:10])


def number(cell: Cell) -> float | None:
    """A number, with a point or a comma."""
    value = text(cell).replace(" ", "").replace(",", ".")
    if not value:
        return None
    try:
        found = float(value)
    except ValueError:
        found = float("nan")
    if not abs(found) < 1e9:  # true of « nan » and « inf » too
        raise CellRefused(f"« {value[:30]} » n’est pas un nombre")
    return found
