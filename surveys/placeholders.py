"""The closed list of fields that a mail text may hold: replaced by a look-up, no template engine reads user text."""

from __future__ import annotations

import re
from collections.abc import Mapping

FIELDS: Mapping[str, str] = {
    "destinataire": "nom de la personne",
    "fonction": "sa fonction",
    "etablissements": "nom de l’établissement, ou leur liste",
    "enquete": "titre de l’enquête",
    "cloture": "jour et heure de clôture (heure de Paris)",
    "signataire": "signataire de l’enquête",
    "service": "nom du service académique",
    "academie": "nom de l’académie",
}
FIELD = re.compile(r"\{([^{}\n]{0,40})\}")


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text, each known field replaced once by its value; a value is never read again for fields."""
    return FIELD.sub(lambda found: values.get(found[1].strip(), found[0]), text)


def unknown_names(text: str) -> list[str]:
    """Fields that the text asks for and that do not exist, as they are written."""
    return [found[0] for found in FIELD.finditer(text) if found[1].strip() not in FIELDS]
