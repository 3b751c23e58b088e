"""The figures that the tutoring publishes to pages, commands, the API and briefings."""

from accounts.figures import Published
from tutoring.figures import indemnities, loads, needs
from tutoring.rights import VIEW_INDEMNITIES, VIEW_NEEDS, VIEW_TUTORS

FIGURES = (
    Published("tutor_needs", "Besoin de tutorat d’une vague", VIEW_NEEDS, needs.tutor_needs),
    Published("tutor_coverage", "Couverture du besoin de tutorat", VIEW_NEEDS, needs.tutor_coverage),
    Published("tutor_indemnities", "Indemnités des tuteurs", VIEW_INDEMNITIES, indemnities.tutor_indemnities),
    Published("tutor_loads", "Charge des tuteurs d’une vague", VIEW_TUTORS, loads.tutor_loads),
)
