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


class JobState(TextChoices):
    """Where a background job stands."""

    WAITING = "waiting", "En attente"
    RUNNING = "running", "En cours"
    DONE = "done", "Terminé"
    FAILED = "failed", "Échec"
