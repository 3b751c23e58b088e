"""Keeps the files that wait for a confirmation, under a name of ours, until they are imported or abandoned."""

import re
import unicodedata
import uuid

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from deployment.importers.plans import ImportRefused

FOLDER = "imports"
LONGEST_NAME = 160


def keep(content: bytes) -> str:
    """Store the file; returns the name it bears in the storage."""
    name = f"{FOLDER}/{uuid.uuid4()}"
    try:
        return default_storage.save(name, ContentFile(content))
    except OSError:
        discard(name)
        raise ImportRefused("Le fichier n’a pas pu être gardé : l’espace du serveur est insuffisant.") from None


def load(name: str) -> bytes:
    """The file. Raises `ImportRefused` when it is no longer there."""
    try:
        with default_storage.open(name) as stream:
            return bytes(stream.read())
    except OSError:
        raise ImportRefused("Le fichier déposé n’est plus là : déposez-le de nouveau.") from None


def discard(name: str) -> None:
    if name:
        default_storage.delete(name)


def display_name(name: str) -> str:
    """What may be shown of the name a person's computer gave: no folder, no control or direction character."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(character for character in last if unicodedata.category(character)[0] != "C").strip()
    return kept[-LONGEST_NAME:] or "fichier"
