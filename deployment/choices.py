"""Words of the territory."""

from django.db.models import TextChoices


class Kind(TextChoices):
    """Kinds of public local teaching establishment (EPLE), and the GRETA counted beside them."""

    COLLEGE = "college", "Collège"
    LYCEE = "lycee", "Lycée"
    EREA = "erea", "EREA"
    ERPD = "erpd", "ERPD"
    GRETA = "greta", "GRETA"


KIND_PLURALS = {
    Kind.COLLEGE: "Collèges",
    Kind.LYCEE: "Lycées",
    Kind.EREA: "EREA",
    Kind.ERPD: "ERPD",
    Kind.GRETA: "GRETA",
}


class OpeningStatus(TextChoices):
    """Whether an establishment works (column `etat` of the Annuaire de l'éducation)."""

    OPEN = "open", "Ouvert"
    TO_OPEN = "to_open", "À ouvrir"
    TO_CLOSE = "to_close", "À fermer"
    CLOSED = "closed", "Fermé"


class GretaRule(TextChoices):
    """How an académie counts a GRETA in the volumetry."""

    IN_HOST = "in_host", "Dans la ligne de l’établissement support, avec « dont n GRETA »"
    OWN_ROW = "own_row", "Dans une ligne à part"
    EXCLUDED = "excluded", "Non compté"


class WaveStatus(TextChoices):
    """Status of a wave on a day."""

    OPEN = "open", "Ouverte"
    FROZEN = "frozen", "Gelée"
    SWITCHED = "switched", "Basculée"
    ABOLISHED = "abolished", "Supprimée"


class Function(TextChoices):
    """What a person does in an establishment. The accountant and the deputies are those of the agency, at its seat."""

    HEAD = "head", "Chef d’établissement"
    SECRETARY_GENERAL = "secretary_general", "Secrétaire général"
    ACCOUNTANT = "accountant", "Agent comptable"
    DEPUTY_ACCOUNTANT = "deputy_accountant", "Fondé de pouvoir"
    BURSARY_STAFF = "bursary_staff", "Personnel d’intendance"
    VOCATIONAL_TRAINING_DIRECTOR = "vocational_training_director", "DDFPT"


AGENCY_FUNCTIONS = (Function.ACCOUNTANT, Function.DEPUTY_ACCOUNTANT)
SOLE_FUNCTIONS = (Function.HEAD, Function.SECRETARY_GENERAL, Function.ACCOUNTANT)  # one post of each at most


class Sphere(TextChoices):
    """The two worlds of Op@le's permissions, training and tutoring."""

    ORDERING = "ordering", "Sphère ordonnateur"
    ACCOUNTING = "accounting", "Sphère comptable"


class ImportKind(TextChoices):
    """Files that the territory takes."""

    ESTABLISHMENTS = "establishments", "Établissements (Annuaire de l’éducation)"
    AGENCIES = "agencies", "Agences comptables"
    WAVES = "waves", "Vagues"
    POSTS = "posts", "Personnes en poste"


class ImportState(TextChoices):
    """Life of an import."""

    PREVIEWED = "previewed", "À confirmer"
    CONFIRMED = "confirmed", "Importé"
    UNDONE = "undone", "Annulé"
    ABANDONED = "abandoned", "Abandonné"
