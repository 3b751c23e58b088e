"""Words of the surveys."""

from django.db.models import TextChoices


class Purpose(TextChoices):
    """What a campaign asks; each purpose has its own form, its own content and its own figures."""

    WAVE_WISH = "wave_wish", "Vœux de vague"
    TUTOR_VOLUNTEERS = "tutor_volunteers", "Tuteurs volontaires"
    TRAINING_NEEDS = "training_needs", "Besoins de formation"
    QUESTIONNAIRE = "questionnaire", "Questionnaire libre"


class CampaignState(TextChoices):
    """Life of a campaign. Whether a sent one takes answers is a matter of its dates."""

    DRAFT = "draft", "En préparation"
    PREPARED = "prepared", "Prête à partir"
    SENT = "sent", "Envoyée"
    FROZEN = "frozen", "Gelée"
    ARCHIVED = "archived", "Archivée"


RECEIVED = (CampaignState.SENT, CampaignState.FROZEN)  # establishments have it, and may read or answer it


class QuestionKind(TextChoices):
    """Kinds of question of a free questionnaire."""

    SINGLE = "single", "Choix unique"
    MULTIPLE = "multiple", "Choix multiples"
    NUMBER = "number", "Nombre"
    TEXT = "text", "Texte"
    DATE = "date", "Date"
    FILE = "file", "Fichier"


class EntryOrigin(TextChoices):
    """How an establishment came into a population."""

    RULE = "rule", "Par les critères"
    ADDED = "added", "Ajouté"


class AnswerOrigin(TextChoices):
    """By which way an answer came in."""

    LINK = "link", "Par le lien"
    STAFF = "staff", "Saisie par le service"
    IMPORT = "import", "Importée"


class AnswerImportState(TextChoices):
    """Life of a file of answers."""

    PREVIEWED = "previewed", "À confirmer"
    CONFIRMED = "confirmed", "Importé"
    ABANDONED = "abandoned", "Abandonné"


class Progress(TextChoices):
    """Where one function of one establishment stands, the first that is true of them."""

    ANSWERED = "answered", "Répondue"
    VACANT = "vacant", "Poste vacant"
    DISOWNED = "disowned", "« Pas mon établissement »"
    WITHDRAWN = "withdrawn", "Accès retiré"
    FAILED = "failed", "Envoi en échec"
    STARTED = "started", "Commencée"
    OPENED = "opened", "Ouverte"
    NOT_OPENED = "not_opened", "Pas ouverte"


TO_REMIND = (Progress.FAILED, Progress.STARTED, Progress.OPENED, Progress.NOT_OPENED)


class SolicitationKind(TextChoices):
    """Why a person was written to."""

    INVITATION = "invitation", "Invitation"
    REMINDER = "reminder", "Relance"
    MESSAGE = "message", "Message"


class WishReason(TextChoices):
    """Why an establishment wishes a wave."""

    AS_PLANNED = "as_planned", "La vague prévue convient"
    NEW_ACCOUNTANT = "new_accountant", "Changement d’agent comptable"
    VACANT_POST = "vacant_post", "Poste vacant à l’intendance ou à la direction"
    WORKLOAD = "workload", "Charge de travail"
    WORKS = "works", "Travaux ou contrainte technique"
    AGENCY = "agency", "Suivre les autres établissements de l’agence comptable"
    OTHER = "other", "Autre motif"
