"""Words of the tutoring."""

from django.db.models import TextChoices


class ApplicationOrigin(TextChoices):
    """How an application came in."""

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
