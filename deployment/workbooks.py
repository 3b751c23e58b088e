"""Opens XLSX and ODS files: what hides in the archive is checked first, then another process unfolds the sheet."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from deployment import sheets
from deployment.cells import Cell
from deployment.sheets import DAMAGED, MOST_LINES, SheetRefused

__all__ = ("LARGEST_FILE", "MOST_LINES", "OLE", "ZIP", "FileRefused", "about_ole", "lines")

logger = logging.getLogger(__name__)

ROOT = Path(__file__).parent.parent

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MEGABYTE = 1024 * 1024
LARGEST_FILE = 50 * MEGABYTE
LARGEST_UNPACKED = 1024 * MEGABYTE
HIGHEST_RATIO = 100
SMALLEST_SUSPECT = MEGABYTE  # below, a high ratio harms nobody: an empty sheet compresses well
MOST_ENTRIES = 2000
ENCRYPTED = 0x1

CONTENT_TYPES = "[Content_Types].xml"
ODS = b"application/vnd.oasis.opendocument.spreadsheet"
OFFICE = (
    (b"spreadsheetml.sheet.main+xml", ""),
    (b"sheet.macroEnabled", "un classeur à macros : enregistrez-le en .xlsx"),
    (b"sheet.binary", "un classeur binaire .xlsb : enregistrez-le en .xlsx"),
    (b"wordprocessingml", "un document Word, pas un tableau : déposez un fichier XLSX, ODS ou CSV"),
    (b"presentationml", "un diaporama, pas un tableau : déposez un fichier XLSX, ODS ou CSV"),
)
BOMB = "Ce fichier est anormalement compressé : il n’a pas été ouvert."
TOO_HEAVY = (
    "Le classeur, une fois déplié, demande trop de mémoire : supprimez les lignes et les colonnes vides, "
    "ou enregistrez-le en « CSV UTF-8 »."
)
PASSWORD = "Le classeur est protégé par un mot de passe : enregistrez-le sans mot de passe."


class FileRefused(Exception):
    """The file cannot be read as a table; the message is one French sentence, shown to the person."""


def lines(content: bytes) -> Iterator[tuple[int, list[Cell]]]:
    """The lines of the first visible sheet that holds something, with their numbers. Raises `FileRefused`."""
    _inspect(content)
    command = [sys.executable, "-m", sheets.__name__]
    done = subprocess.run(command, input=content, capture_output=True, cwd=ROOT, check=False)
    if done.returncode < 0:  # by a signal: out of memory or of time
        raise FileRefused(TOO_HEAVY)
    if done.returncode:
        logger.warning("A workbook could not be read: %s", done.stderr.decode(errors="replace")[-2000:])
        raise FileRefused(DAMAGED)
    try:
        for line in done.stdout.splitlines():
            yield sheets.heard(line)
    except SheetRefused as refusal:
        raise FileRefused(str(refusal)) from None


def about_ole(content: bytes) -> str:
    """The sentence for the container that old and encrypted Office files share."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        return PASSWORD
    if "WordDocument".encode("utf-16-le") in content:
        return "Ce fichier est un document Word, pas un tableau : déposez un fichier XLSX, ODS ou CSV."
    return "Ce fichier est un ancien classeur Excel (.xls) : ouvrez-le et enregistrez-le en .xlsx."


def _inspect(content: bytes) -> None:
    """Refuse bombs, nested archives, lies about sizes, passwords, and what is no spreadsheet. Reads in small pieces."""
    if len(content) > LARGEST_FILE:
        raise FileRefused("Le fichier dépasse 50 Mo.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _weigh(archive)
            for entry in archive.infolist():
                _read_through(archive, entry)
            _recognise(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, KeyError, ValueError):
        raise FileRefused(DAMAGED) from None


def _weigh(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    if len(entries) > MOST_ENTRIES or unpacked > LARGEST_UNPACKED:
        raise FileRefused(BOMB)
    if unpacked > SMALLEST_SUSPECT and unpacked > HIGHEST_RATIO * packed:
        raise FileRefused(BOMB)
    for entry in entries:
        if entry.file_size > SMALLEST_SUSPECT and entry.file_size > HIGHEST_RATIO * max(1, entry.compress_size):
            raise FileRefused(BOMB)
        if entry.flag_bits & ENCRYPTED:
            raise FileRefused(PASSWORD)


def _read_through(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Unpack one entry, a megabyte at a time, to its declared size: a lie shows as a wrong checksum."""
    with archive.open(entry) as stream:
        start = stream.read(MEGABYTE)
        if start.startswith(ZIP):
            raise FileRefused("Ce classeur contient une autre archive : il n’a pas été ouvert.")
        piece, tail = start, b""
        while piece:
            if b"<!DOCTYPE" in tail + piece or b"<!ENTITY" in tail + piece:
                raise FileRefused("Ce classeur contient des définitions XML interdites : il n’a pas été ouvert.")
            piece, tail = stream.read(MEGABYTE), piece[-16:]


def _recognise(archive: zipfile.ZipFile) -> None:
    names = set(archive.namelist())
    if CONTENT_TYPES in names:
        types = archive.read(CONTENT_TYPES)
        for sign, what in OFFICE:
            if sign in types:
                if what:
                    raise FileRefused(f"Ce fichier est {what}.")
                return
    elif "mimetype" in names and archive.read("mimetype").strip() == ODS:
        if b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise FileRefused(PASSWORD)
        return
    raise FileRefused("Ce fichier est une archive, pas un tableau : déposez un fichier XLSX, ODS ou CSV.")
