"""The official Annuaire de l'éducation: its columns through the years, and which of its lines are EPLE."""

from __future__ import annotations

from functools import cache

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.academies import academy_of_label
from accounts.words import normalise
from deployment import cells
from deployment.cells import Cell, CellRefused
from deployment.choices import Kind, OpeningStatus
from deployment.importers.columns import Column, Reader
from deployment.tables import FileRefused, Line, Table

KINDS_BY_NATURE = {
    **dict.fromkeys(("340", "350", "352"), Kind.COLLEGE),
    **dict.fromkeys(("300", "301", "302", "306", "310", "315", "320"), Kind.LYCEE),
    "370": Kind.EREA,
}
ERPD = "ecole regionale du premier degre"
KINDS_BY_WORDS = (
    ("etablissement regional d enseig", Kind.EREA),
    ("erea", Kind.EREA),
    ("college", Kind.COLLEGE),
    ("lycee", Kind.LYCEE),
)
STATUSES = {
    "": OpeningStatus.OPEN,
    "ouvert": OpeningStatus.OPEN,
    "a ouvrir": OpeningStatus.TO_OPEN,
    "a fermer": OpeningStatus.TO_CLOSE,
    "ferme": OpeningStatus.CLOSED,
}
NO_PARENT = ("", "0")


def _email(cell: Cell) -> str:
    value = cells.short(254)(cell)
    try:
        if value:
            validate_email(value)
    except ValidationError:
        raise CellRefused(f"« {value[:40]} » n’est pas une adresse") from None
    return value


def _status(cell: Cell) -> OpeningStatus:
    status = STATUSES.get(normalise(cells.text(cell)))
    if status is None:
        raise CellRefused(f"« {cells.text(cell)[:20]} » est inconnu (ouvert, à ouvrir, à fermer, fermé)")
    return status


COLUMNS = (
    Column(
        "uai", "Identifiant de l’établissement", ("Identifiant_de_l_etablissement", "uai", "numero_uai"), required=True
    ),
    Column("name", "Nom de l’établissement", ("Nom_etablissement", "nom"), cells.short(160), required=True),
    Column("sector", "Statut public ou privé", ("Statut_public_prive", "secteur"), required=True),
    Column("academy_label", "Académie", ("Libelle_academie", "academie")),
    Column("academy_code", "Code de l’académie", ("Code_academie",)),
    Column("nature_code", "Code de la nature", ("code_nature",)),
    Column("nature", "Nature", ("libelle_nature", "nature")),
    Column("type", "Type d’établissement", ("Type_etablissement", "type")),
    Column("ministry", "Ministère de tutelle", ("ministere_tutelle",)),
    Column("parent", "Établissement mère", ("etablissement_mere",)),
    Column("status", "État", ("etat", "etat_etablissement"), _status),
    Column("opened_on", "Date d’ouverture", ("date_ouverture",), cells.day),
    Column("closed_on", "Date de fermeture", ("date_fermeture",), cells.day),
    Column("updated_on", "Date de mise à jour", ("date_maj_ligne",), cells.day, is_vital=False),
    Column("siret", "SIRET", ("SIREN_SIRET", "siret"), cells.siret),
    Column("email", "Adresse électronique", ("Mail", "courriel"), _email, is_vital=False),
    Column("phone", "Téléphone", ("Telephone",), cells.phone, is_vital=False),
    Column("address_1", "Adresse 1", ("Adresse_1", "adresse")),
    Column("address_2", "Adresse 2", ("Adresse_2",)),
    Column("address_3", "Adresse 3", ("Adresse_3",)),
    Column("postcode", "Code postal", ("Code_postal",), cells.digits(5)),
    Column("town", "Commune", ("Nom_commune", "commune"), cells.short(80)),
    Column("departement", "Code du département", ("Code_departement",), cells.departement),
    Column("departement_label", "Département", ("Libelle_departement", "departement"), cells.short(40)),
    Column("x", "Abscisse", ("coordX_origine", "coordonnee_X"), cells.number, is_vital=False),
    Column("y", "Ordonnée", ("coordY_origine", "coordonnee_Y"), cells.number, is_vital=False),
    Column("epsg", "Projection", ("epsg_origine", "epsg")),
)


def open_directory(table: Table) -> Reader:
    """Match the columns; raises `FileRefused` when it cannot be told which line is an EPLE of which académie."""
    reader = Reader(table, COLUMNS)
    if not (reader.has("academy_label") or reader.has("academy_code")):
        raise FileRefused("Il manque la colonne « Libelle_academie » (ou « Code_academie »).")
    if not (reader.has("nature_code") or reader.has("nature") or reader.has("type")):
        raise FileRefused("Il manque la colonne « Code_nature » (ou « Libelle_nature », ou « Type_etablissement »).")
    return reader


def why_ignored(reader: Reader, line: Line, academy: str) -> str:
    """Why the line is no EPLE of that académie, in words; empty if it is one."""
    found = _academy_slug(reader.raw(line, "academy_label")) or _academy_slug(reader.raw(line, "academy_code"))
    if found != academy:
        return "autre académie" if found else "académie absente ou inconnue"
    if _key(reader.raw(line, "sector")) != "public":
        return "établissement privé"
    ministry = _key(reader.raw(line, "ministry"))
    if ministry and "education nationale" not in ministry:
        return "autre ministère (agriculture, mer, armées…)"
    if kind_of(reader, line) is None:
        return "autre nature (école, section, service…)"
    if reader.raw(line, "parent") not in NO_PARENT:
        return "annexe d’un autre établissement"
    return ""


def kind_of(reader: Reader, line: Line) -> Kind | None:
    """The kind of EPLE, by code of nature first, by words otherwise."""
    code, nature = reader.raw(line, "nature_code"), _key(reader.raw(line, "nature"))
    if code in KINDS_BY_NATURE:
        return KINDS_BY_NATURE[code]
    name = _key(reader.raw(line, "name"))
    if nature.startswith(ERPD) or name.startswith(ERPD) or "erpd" in f"{nature} {name}".split():
        return Kind.ERPD
    words = "" if code else nature or _key(reader.raw(line, "type"))
    return next((kind for start, kind in KINDS_BY_WORDS if words.startswith(start)), None)


def preference(reader: Reader, line: Line) -> tuple[bool, int, str, tuple[str, ...]]:
    """Sorts lines that bear one UAI, the establishment itself first, its sites after; their order in the file is not
    part of it."""
    name = reader.raw(line, "name")
    return " site " in f" {_key(name)} ", len(name), name, tuple(sorted(str(cell) for cell in line.cells))


@cache
def _academy_slug(text: str) -> str:
    found = academy_of_label(text)
    return found.slug if found else ""


_key = cache(normalise)
