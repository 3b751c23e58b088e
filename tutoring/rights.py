"""Who may do what in the tutoring."""

from accounts.choices import Role
from accounts.rights import right

STAFF = (Role.LEAD, Role.STAFF)

VIEW_NEEDS = right(
    "tutoring.view_needs", "Voir les besoins de tutorat", *STAFF, Role.CALLER, Role.TRAINING, Role.MEMBER
)
VIEW_TUTORS = right("tutoring.view_tutors", "Voir les candidatures et les tuteurs", *STAFF, Role.TRAINING)
DECIDE_APPLICATIONS = right("tutoring.decide_applications", "Se prononcer sur une candidature", *STAFF)
MATCH_TUTORS = right("tutoring.match_tutors", "Apparier besoins et tuteurs", *STAFF)
EDIT_RULES = right("tutoring.edit_rules", "Choisir comment se comptent les besoins de tutorat", Role.LEAD)

# Calls
VIEW_CALLS = right("tutoring.view_calls", "Voir les appels à candidatures", *STAFF, Role.TRAINING, Role.HR)
EDIT_CALLS = right("tutoring.edit_calls", "Préparer, publier et clore un appel à candidatures", *STAFF)
VIEW_BONUS = right("tutoring.view_bonus", "Voir le coefficient de la part variable (CIA)", Role.HR)
EDIT_BONUS = right("tutoring.edit_bonus", "Fixer le coefficient de la part variable (CIA)", Role.HR)
APPLY_BY_LINK = right("tutoring.apply_by_link", "Se porter candidat par le lien d’un appel, sans compte")

# letters and orders
VIEW_PAPERS = right("tutoring.view_papers", "Voir les lettres et ordres de mission", *STAFF, Role.HR)
ISSUE_PAPERS = right("tutoring.issue_papers", "Émettre et suivre les lettres et ordres de mission", *STAFF)
EDIT_PAPER_TEMPLATES = right(
    "tutoring.edit_paper_templates", "Modifier le texte des lettres et ordres de mission", Role.LEAD
)

# Work and indemnities
VIEW_WORK = right("tutoring.view_work", "Voir les visites, les difficultés et les réunions", *STAFF, Role.TRAINING)
RECORD_WORK = right("tutoring.record_work", "Noter visites, difficultés et réunions de tuteurs", *STAFF)
FOLLOW_MEETINGS = right(
    "tutoring.follow_meetings", "Noter remarques et actions d’une réunion de tuteurs", *STAFF, Role.TRAINING
)
NOTE_TRAINING = right(
    "tutoring.note_training", "Noter la formation d’un tuteur à la prise en main à distance", *STAFF, Role.TRAINING
)
OPEN_TUTOR_ACCESS = right("tutoring.open_tutor_access", "Ouvrir à un tuteur l’accès à ses propres pages", *STAFF)
SEE_OWN_TUTORING = right("tutoring.see_own_tutoring", "Voir et tenir son propre tutorat", Role.TUTOR, is_scoped=True)
CONFIRM_BY_LINK = right("tutoring.confirm_by_link", "Confirmer une visite par un lien personnel, sans compte")
ATTEST_WORK = right("tutoring.attest_work", "Attester le service fait des tuteurs", *STAFF)
VIEW_INDEMNITIES = right("tutoring.view_indemnities", "Voir les indemnités des tuteurs", Role.LEAD, Role.HR)
PAY_INDEMNITIES = right("tutoring.pay_indemnities", "Arrêter et payer les états d’indemnités", Role.HR)
