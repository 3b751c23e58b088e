"""Who may do what in the surveys."""

from accounts.choices import Role
from accounts.rights import right

STAFF = (Role.LEAD, Role.STAFF)

VIEW_CAMPAIGNS = right(
    "surveys.view_campaigns", "Suivre les enquêtes et leurs chiffres", *STAFF, Role.CALLER, Role.TRAINING, Role.MEMBER
)
VIEW_ANSWERS = right("surveys.view_answers", "Lire et exporter les réponses", *STAFF, Role.CALLER, Role.TRAINING)
EDIT_CAMPAIGNS = right("surveys.edit_campaigns", "Préparer une enquête et sa population", *STAFF)
SEND_CAMPAIGNS = right("surveys.send_campaigns", "Envoyer, relancer, prolonger et geler une enquête", *STAFF)
ANSWER_FOR = right("surveys.answer_for", "Saisir la réponse d’un établissement à sa place", *STAFF, Role.CALLER)
IMPORT_ANSWERS = right("surveys.import_answers", "Importer les réponses recueillies par un autre outil", *STAFF)
DECIDE_DIVERGENCES = right("surveys.decide_divergences", "Trancher entre deux vœux", *STAFF)
ANSWER_BY_LINK = right("surveys.answer_by_link", "Répondre à une enquête par un lien personnel, sans compte")
