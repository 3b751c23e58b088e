"""Which académie a file of UAIs speaks of, when nobody says it."""

from deployment.cells import uai
from deployment.importers.plans import ImportRefused
from deployment.models import Academy
from deployment.tables import Table

UAI_COLUMNS = ("uai", "uai_rattache", "uai_siege", "identifiant_de_l_etablissement", "numero_uai", "code_uai", "rne")


def academy_of(table: Table) -> Academy:
    """The one académie whose establishments the file names. Raises `ImportRefused`."""
    place = table.position(*UAI_COLUMNS)
    found: set[str] = set()
    for line in table.lines if place is not None else ():
        try:
            found.add(uai(line.cells[place or 0]))
        except ValueError:
            continue
    academies = list(Academy.objects.filter(establishments__uai__in=found).distinct().order_by("slug")[:2])
    if len(academies) != 1:
        raise ImportRefused(
            "L’académie de ce fichier ne se devine pas : indiquez-la (--academy grenoble), après avoir importé "
            "ses établissements."
        )
    return academies[0]
