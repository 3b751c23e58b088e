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
