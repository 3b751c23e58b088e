"""Words of the calls, of the applications and of the needs."""

from django.db.models import TextChoices


class TutorFunction(TextChoices):
    """What a candidate does: the functions of the posts, and those that only a call for tutors tells apart."""

    HEAD = "head", "Chef d’établissement"
    SECRETARY_GENERAL = "secretary_general", "Secrétaire général"
    SECRETARY_GENERAL_ACCOUNTANT = "secretary_general_accountant", "Secrétaire général agent comptable"
    ACCOUNTANT = "accountant", "Agent comptable"
    DEPUTY_ACCOUNTANT = "deputy_accountant", "Fondé de pouvoir"
    MANAGEMENT_ASSISTANT = "management_assistant", "Assistant de gestion"
    ACCOUNTING_ASSISTANT = "accounting_assistant", "Assistant en comptabilité"
    BURSARY_STAFF = "bursary_staff", "Personnel d’intendance"
    VOCATIONAL_TRAINING_DIRECTOR = "vocational_training_director", "DDFPT"


class NeedRule(TextChoices):
    """How an académie counts the tutors that a wave needs."""

    AGENCY = "agency", "Un tuteur de chaque sphère par agence comptable"
    ACCOUNTANT = "accountant", "Un tuteur ordonnateur par agence, un tuteur comptable par agent comptable"


class CallState(TextChoices):
    """Life of a call for tutors."""

    DRAFT = "draft", "En préparation"
    PUBLISHED = "published", "Publié"
    CLOSED = "closed", "Clos"


class ApplicationOrigin(TextChoices):
    """How an application came in."""

    CALL = "call", "Formulaire de l’appel"
    CAMPAIGN = "campaign", "Enquête"
    STAFF = "staff", "Saisie par le service"


class Verdict(TextChoices):
    """What one person thinks of an application."""

    ACCEPT = "accept", "Retenir"
    POOL = "pool", "Garder au vivier"
    REFUSE = "refuse", "Ne pas retenir"


class ApplicationState(TextChoices):
    """Where an application stands; two persons of the same opinion decide."""

    RECEIVED = "received", "À examiner"
    ACCEPTED = "accepted", "Retenue"
    POOLED = "pooled", "Au vivier"
    REFUSED = "refused", "Non retenue"
    WITHDRAWN = "withdrawn", "Retirée"


DECIDED = {
    Verdict.ACCEPT: ApplicationState.ACCEPTED,
    Verdict.POOL: ApplicationState.POOLED,
    Verdict.REFUSE: ApplicationState.REFUSED,
}
