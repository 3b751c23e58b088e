"""The figures that the tutoring publishes to pages, commands, the API and briefings."""

from accounts.figures import Published
from tutoring.figures import indemnities, needs
from tutoring.rights import VIEW_INDEMNITIES, VIEW_NEEDS

FIGURES = (
    Published("tutor_needs", "Besoin de tutorat d’une vague", VIEW_NEEDS, needs.tutor_needs),
    Published("tutor_indemnities", "Indemnités des tuteurs", VIEW_INDEMNITIES, indemnities.tutor_indemnities),
)
