"""The closed list of fields that a mail text of a survey may hold, and what each becomes."""

from __future__ import annotations

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
