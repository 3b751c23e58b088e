"""Importing a country's establishments, beside reading the same files and inserting the same rows, nothing more."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from django.db import connection, transaction

from bench.harness import Measure, compare
from bench.territory import COUNTRY, directory_files, import_file
from deployment.models import Academy, Establishment, ImportBatch, ImportChange
from deployment.services.enrolment import enrol

# The columns that the importer keeps: all but the identifier of the row.
ATTNAMES = [field.attname for field in Establishment._meta.concrete_fields if not field.primary_key]
COLUMNS = {
    "uai": "Identifiant_de_l_etablissement",
    "name": "Nom_etablissement",
    "sort_name": "Nom_etablissement",
    "nature": "libelle_nature",
    "siret": "SIREN_SIRET",
    "email": "Mail",
    "phone": "Telephone",
    "address": "Adresse_1",
    "postcode": "Code_postal",
    "town": "Nom_commune",
    "departement": "Code_departement",
    "departement_label": "Libelle_departement",
}


def measure() -> Measure:
    files = directory_files()
    academies = {slug: enrol(slug) for slug in files}

    def ours() -> None:
        for slug, content in files.items():
            import_file(academies[slug], content)
        assert Establishment.objects.count() == COUNTRY

    def floor() -> None:
        for slug, content in files.items():
            bare_import(academies[slug], content)
        assert Establishment.objects.count() == COUNTRY

    what = f"{len(files)} files, {COUNTRY} establishments: read, checked, compared, written, traced"
    return compare("import_establishments", what, ours=ours, floor=floor, before=empty)


def empty() -> None:
    for model in (ImportChange, ImportBatch, Establishment):
        model._default_manager.all()._raw_delete(connection.alias)


def bare_import(academy: Academy, content: bytes) -> None:
    """csv and executemany into the same table with the same indexes, in one transaction."""
    quote = connection.ops.quote_name
    names, places = ", ".join(map(quote, ATTNAMES)), ", ".join(["%s"] * len(ATTNAMES))
    insert = " ".join(["INSERT INTO", quote(Establishment._meta.db_table), f"({names}) VALUES ({places})"])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(insert, list(_rows(academy, content)))


def _rows(academy: Academy, content: bytes) -> Iterator[list[str | int | float | None]]:
    for line in csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"):
        values: dict[str, str | int | float | None] = {field: line[column] for field, column in COLUMNS.items()}
        values |= {
            "academy_id": academy.pk,
            "kind": "lycee" if line["Type_etablissement"] == "Lycée" else "college",
            "departement": line["Code_departement"].lstrip("0"),
            "status": "open",
            "opened_on": line["date_ouverture"] or None,
            "x": float(line["coordX_origine"] or 0),
            "y": float(line["coordY_origine"] or 0),
        }
        yield [values.get(name) for name in ATTNAMES]
