"""Words of the work of tutors, and of their indemnities."""

from django.db.models import IntegerChoices, TextChoices


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
