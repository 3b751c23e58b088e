"""The thirty académies, as the ministry writes them, and their départements."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.words import normalise
from figures.french import of_name


class AcademyUnknown(ValueError):
    """No académie bears that name; the message is French and is shown to the person."""


@dataclass(frozen=True)
class OfficialAcademy:
    """One académie: its code in the ministry's files, its official label, its départements."""

    code: str
    label: str
    departements: tuple[str, ...]
    former_codes: tuple[str, ...] = ()
    former_labels: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        return normalise(self.label).replace(" ", "-")

    @property
    def full_name(self) -> str:
        """« académie de Grenoble », « académie d’Aix-Marseille »."""
        return f"académie {of_name(self.label)}"


def _academy(code: str, label: str, departements: str) -> OfficialAcademy:
    return OfficialAcademy(code, label, tuple(departements.split()))


ACADEMIES: tuple[OfficialAcademy, ...] = (
    _academy("01", "Paris", "75"),
    _academy("02", "Aix-Marseille", "04 05 13 84"),
    _academy("03", "Besançon", "25 39 70 90"),
    _academy("04", "Bordeaux", "24 33 40 47 64"),
    _academy("06", "Clermont-Ferrand", "03 15 43 63"),
    _academy("07", "Dijon", "21 58 71 89"),
    _academy("08", "Grenoble", "07 26 38 73 74"),
    _academy("09", "Lille", "59 62"),
    _academy("10", "Lyon", "01 42 69"),
    _academy("11", "Montpellier", "11 30 34 48 66"),
    _academy("12", "Nancy-Metz", "54 55 57 88"),
    _academy("13", "Poitiers", "16 17 79 86"),
    _academy("14", "Rennes", "22 29 35 56"),
    _academy("15", "Strasbourg", "67 68"),
    _academy("16", "Toulouse", "09 12 31 32 46 65 81 82"),
    _academy("17", "Nantes", "44 49 53 72 85"),
    _academy("18", "Orléans-Tours", "18 28 36 37 41 45"),
    _academy("19", "Reims", "08 10 51 52"),
    _academy("20", "Amiens", "02 60 80"),
    _academy("22", "Limoges", "19 23 87"),
    _academy("23", "Nice", "06 83"),
    _academy("24", "Créteil", "77 93 94"),
    _academy("25", "Versailles", "78 91 92 95"),
    _academy("27", "Corse", "2A 2B"),
    _academy("28", "La Réunion", "974"),
    _academy("31", "Martinique", "972"),
    _academy("32", "Guadeloupe", "971"),
    _academy("33", "Guyane", "973"),
    _academy("43", "Mayotte", "976"),
    OfficialAcademy("70", "Normandie", ("14", "27", "50", "61", "76"), ("05", "21"), ("Caen", "Rouen")),
)
ARTICLES = ("academie de la ", "academie de l ", "academie de ", "academie d ", "academie ", "la ", "le ")


def _bare(label: str) -> str:
    """The label as a key: without « académie de », article, case, accent or hyphen."""
    key = normalise(label)
    for article in ARTICLES:
        key = key.removeprefix(article)
    return key


BY_SLUG = {academy.slug: academy for academy in ACADEMIES}
BY_LABEL = {_bare(label): academy for academy in ACADEMIES for label in (academy.label, *academy.former_labels)}
BY_CODE = {code: academy for academy in ACADEMIES for code in (academy.code, *academy.former_codes)}


def academy_named(slug: str) -> OfficialAcademy:
    """The académie of that slug; raises `AcademyUnknown` with the list of the thirty."""
    academy = BY_SLUG.get(slug)
    if academy is None:
        names = ", ".join(sorted(BY_SLUG))
        raise AcademyUnknown(f"L’académie « {slug[:40]} » est inconnue. Les trente académies sont : {names}.")
    return academy


def academy_of_label(text: str) -> OfficialAcademy | None:
    """The académie that a file names by its label, a former label or its code, however written; None if unknown."""
    key = _bare(text)
    return BY_CODE.get(key.zfill(2)) if key.isdigit() else BY_LABEL.get(key)
