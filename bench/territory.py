"""A whole country of invented establishments: thirty académies, 7,800 EPLE, as the Annuaire would export them."""

from __future__ import annotations

import csv
import io
from itertools import cycle, islice

from accounts.academies import ACADEMIES, OfficialAcademy
from accounts.uai import CORSICA, check_letter
from deployment.choices import ImportKind
from deployment.departements import NAMES
from deployment.importers import batches
from deployment.models import Academy
from deployment.services.enrolment import enrol
from opale_pilot.demo.territory import DIRECTORY

COUNTRY = 7_800
PREFIXES = {departement: prefix for prefix, departement in CORSICA.items()}


def directory_files() -> dict[str, bytes]:
    """For each académie's slug, its part of the country: lines of the real export whose identity is replaced."""
    with DIRECTORY.open(encoding="utf-8-sig", newline="") as file:
        models = list(csv.DictReader(file, delimiter=";"))
    each = COUNTRY // len(ACADEMIES)
    return {academy.slug: _file(academy, list(islice(cycle(models), each))) for academy in ACADEMIES}


def populate() -> list[Academy]:
    """Import the country into the database, by the importer."""
    academies = []
    for slug, content in directory_files().items():
        academies.append(enrol(slug))
        import_file(academies[-1], content)
    return academies


def import_file(academy: Academy, content: bytes) -> None:
    given = batches.deposit(ImportKind.ESTABLISHMENTS, content, "annuaire.csv", {})
    batches.carry_out(batches.prepare(given, academy=academy, by=None))


def _file(academy: OfficialAcademy, models: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(models[0]), delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    places = cycle(academy.departements)
    for number, (model, departement) in enumerate(zip(models, places, strict=False), start=9_000 - len(models)):
        digits = PREFIXES.get(departement, departement.zfill(3)) + f"{number:04d}"
        writer.writerow(model | _identity(academy, departement, digits + check_letter(digits)))
    return text.getvalue().encode("utf-8-sig")


def _identity(academy: OfficialAcademy, departement: str, uai: str) -> dict[str, str]:
    return {
        "Identifiant_de_l_etablissement": uai,
        "Libelle_academie": academy.label,
        "Code_academie": academy.code,
        "Code_departement": departement.zfill(3),
        "Libelle_departement": NAMES[departement],
        "Mail": f"ce.{uai}@exemple.invalid",
        "Statut_public_prive": "Public",
        "etablissement_mere": "",
    }
