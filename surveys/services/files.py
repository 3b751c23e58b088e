"""Files sent with an answer: told by their content, kept under a name of ours, given back as they came."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from typing import IO, Any
from uuid import UUID, uuid4

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile

from surveys.models import AnswerFile, PopulationEntry
from surveys.services.refusals import SurveyRefused

FOLDER = "answers"
MEGABYTE = 1024 * 1024
LARGEST = 10 * MEGABYTE
MOST_FILES = 40  # an answer, its former versions included
LONGEST_NAME = 150
MOST_ENTRIES = 5000
LONGEST_HEAD = 64 * 1024
ACCEPTED = "PDF, Word (.docx), Excel (.xlsx), OpenDocument (.odt, .ods), PNG ou JPEG"
SIGNATURES = {b"%PDF-": "pdf", b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}
OPEN_DOCUMENTS = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
}
OFFICE = {b"wordprocessingml.document.main+xml": "docx", b"spreadsheetml.sheet.main+xml": "xlsx"}


def keep(entry: PopulationEntry, part: str, upload: UploadedFile[Any]) -> AnswerFile:
    """Store the file and its row, both or neither; the same file again is the same row.

    Raises `SurveyRefused` with a sentence for the person.
    """
    name, size = acceptable_name(upload), upload.size or 0
    rows = list(AnswerFile.objects.filter(entry=entry, part=part))
    if same := next((row for row in rows if (row.file_name, row.size) == (name, size) and _holds(row, upload)), None):
        return same
    if len(rows) >= MOST_FILES:
        raise SurveyRefused("Trop de fichiers ont déjà été déposés pour cette réponse.")
    return _store(entry, part, upload, name)


def acceptable_name(upload: UploadedFile[Any], *, largest: int = LARGEST) -> str:
    """The name under which it is shown. Raises `SurveyRefused` when it is empty, too heavy or of no accepted format."""
    name, size = display_name(upload.name or ""), upload.size or 0
    if not size:
        raise SurveyRefused(f"Le fichier « {name} » est vide.")
    if size > largest:
        weight = -(-size // MEGABYTE)
        raise SurveyRefused(f"Le fichier « {name} » pèse {weight} Mo : la limite est de {largest // MEGABYTE} Mo.")
    kind = kind_of(upload)
    if not kind:
        raise SurveyRefused(f"Le fichier « {name} » n’est pas d’un format accepté : {ACCEPTED}.")
    return with_extension(name, kind)


def put_aside(upload: UploadedFile[Any], path: str) -> str:
    """Store the file; under which name. Raises `SurveyRefused` when there is no room, nothing half written is left."""
    try:
        return default_storage.save(path, upload)
    except OSError:
        default_storage.delete(path)
        raise SurveyRefused("Le fichier n’a pas pu être gardé : l’espace du serveur est insuffisant.") from None


def known(entry: PopulationEntry, part: str, identifier: str) -> AnswerFile | None:
    """The file of that answer which has this identifier, whatever the text is."""
    try:
        wanted = UUID(identifier)
    except ValueError:
        return None
    return AnswerFile.objects.filter(entry=entry, part=part, identifier=wanted).first()


def kind_of(upload: IO[bytes]) -> str:
    """The extension that its content deserves; empty for anything that is not accepted, macros included."""
    upload.seek(0)
    head = upload.read(16)
    upload.seek(0)
    for signature, kind in SIGNATURES.items():
        if head.startswith(signature):
            return kind
    return _kind_of_archive(upload) if head.startswith(b"PK\x03\x04") else ""


def display_name(name: str) -> str:
    """What may be shown of the name a computer gave: no folder, no control or direction character."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(character for character in last if unicodedata.category(character)[0] != "C").strip(" .")
    return kept[-LONGEST_NAME:] or "fichier"


def with_extension(name: str, kind: str) -> str:
    """The name, ending as its content is: what it is given back as opens what it is."""
    same = (".jpg", ".jpeg") if kind == "jpg" else (f".{kind}",)
    return name if name.lower().endswith(same) else f"{name[: LONGEST_NAME - 5]}.{kind}"


def _holds(row: AnswerFile, upload: IO[bytes]) -> bool:
    """Whether that row keeps these very bytes."""
    upload.seek(0)
    try:
        with default_storage.open(row.stored_as) as stream:
            return bytes(stream.read()) == upload.read()
    except OSError:
        return False
    finally:
        upload.seek(0)


def _kind_of_archive(upload: IO[bytes]) -> str:
    try:
        with zipfile.ZipFile(upload) as archive:
            names = set(archive.namelist())
            if len(names) > MOST_ENTRIES or any("vbaproject" in name.lower() for name in names):
                return ""
            if "mimetype" in names:
                return OPEN_DOCUMENTS.get(_head(archive, "mimetype").strip(), "")
            types = _head(archive, "[Content_Types].xml") if "[Content_Types].xml" in names else b""
            return next((kind for sign, kind in OFFICE.items() if sign in types), "")
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError):
        return ""
    finally:
        upload.seek(0)


def _head(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as entry:
        return entry.read(LONGEST_HEAD)


def _store(entry: PopulationEntry, part: str, upload: UploadedFile[Any], name: str) -> AnswerFile:
    identifier = uuid4()
    stored_as = put_aside(upload, f"{FOLDER}/{identifier}")
    try:
        return AnswerFile.objects.create(
            entry=entry, part=part, identifier=identifier, file_name=name, stored_as=stored_as, size=upload.size or 0
        )
    except Exception:
        default_storage.delete(stored_as)
        raise
