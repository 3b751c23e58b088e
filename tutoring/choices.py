"""Words of the tutoring."""

from django.db.models import IntegerChoices, TextChoices


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


# --- letters and orders


class PaperKind(TextChoices):
    """What a tutor is given, each for one school year."""

    MISSION_LETTER = "letter", "Lettre de mission"
    TRAVEL_ORDER = "order", "Ordre de mission permanent"


PAPER_PREFIXES = {PaperKind.MISSION_LETTER: "LM", PaperKind.TRAVEL_ORDER: "OMP"}


class PaperState(TextChoices):
    """Where a letter or an order stands: the last event of its register."""

    ISSUED = "issued", "À signer"
    SENT = "sent", "À la signature"
    SIGNED = "signed", "Signé"
    REFUSED = "refused", "Signature refusée"
    CANCELLED = "cancelled", "Annulé"
    REPLACED = "replaced", "Remplacé"


# What may follow each state, by the hand of a person; `REPLACED` is written by the paper that replaces.
PAPER_STEPS = {
    PaperState.ISSUED: (PaperState.SENT, PaperState.CANCELLED),
    PaperState.SENT: (PaperState.SIGNED, PaperState.REFUSED, PaperState.CANCELLED),
    PaperState.SIGNED: (PaperState.CANCELLED,),
    PaperState.REFUSED: (),
    PaperState.CANCELLED: (),
    PaperState.REPLACED: (),
}
LIVE_PAPERS = (PaperState.ISSUED, PaperState.SENT, PaperState.SIGNED)
# --- work and indemnities


class VisitMode(TextChoices):
    """How a tutor met the users."""

    ON_SITE = "on_site", "Sur place"
    REMOTE = "remote", "À distance"


class FeedbackVerdict(TextChoices):
    """What the tutored establishment says of a visit."""

    EXACT = "exact", "C’est exact"
    WRONG = "wrong", "Ce n’est pas exact"


class Rating(IntegerChoices):
    """How useful a visit was to the establishment."""

    POOR = 1, "Pas utile"
    FAIR = 2, "Peu utile"
    GOOD = 3, "Utile"
    EXCELLENT = 4, "Très utile"


class DifficultyLevel(IntegerChoices):
    """How far the users of an establishment master Op@le."""

    AT_EASE = 1, "À l’aise"
    SOME = 2, "Quelques difficultés"
    SERIOUS = 3, "En difficulté"
    SEVERE = 4, "En grande difficulté"


class ActionState(TextChoices):
    """Life of an improvement action."""

    OPENED = "opened", "Ouverte"
    IN_PROGRESS = "in_progress", "En cours"
    CLOSED = "closed", "Close"


class IndemnityState(TextChoices):
    """Where the indemnity of one tutor for one establishment and school year stands."""

    RUNNING = "running", "Tutorat en cours"
    TO_ATTEST = "to_attest", "À attester"
    ATTESTED = "attested", "Attestée"
    IN_STATEMENT = "in_statement", "Dans un état de paiement"
    PAID = "paid", "Payée"
