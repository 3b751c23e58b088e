"""Words shared by the accounts room and the rooms above."""

from django.db.models import TextChoices


class Role(TextChoices):
    """What a person is for an académie; `accounts.Grant` holds who is what, each room's `rights.py` what it allows."""

    LEAD = "lead", "Responsable SA EPLE"
    STAFF = "staff", "Agent SA EPLE"
    CALLER = "caller", "Appelant Rconseil"
    TRAINING = "training", "EAFC (formation)"
    HR = "hr", "Ressources humaines (DIEPAT)"
    MEMBER = "member", "Membre du COSUI"
    DSI = "dsi", "DSI"
    TUTOR = "tutor", "Tuteur"
    AUDITOR = "auditor", "Auditeur"


# Who holds one of these signs in with a second factor, always.
STRONG_ROLES = frozenset({Role.LEAD, Role.HR, Role.DSI, Role.AUDITOR})


class JobState(TextChoices):
    """Where a background job stands."""

    WAITING = "waiting", "En attente"
    RUNNING = "running", "En cours"
    DONE = "done", "Terminé"
    FAILED = "failed", "Échec"


class AuditKind(TextChoices):
    """What a line of the trail tells."""

    DONE = "done", "Fait"
    SEEN = "seen", "Vu"
    EXPORTED = "exported", "Exporté"


class MailState(TextChoices):
    """Where an outgoing mail stands. `SENDING` is committed before the relay hears of the mail."""

    DRAFT = "draft", "Brouillon"
    QUEUED = "queued", "À envoyer"
    SENDING = "sending", "Envoi en cours"
    SENT = "sent", "Envoyé"
    FAILED = "failed", "Échec"
    UNCERTAIN = "uncertain", "Incertain"
    CANCELLED = "cancelled", "Annulé"
