"""Tables of the tutoring."""

from tutoring.models.applications import Application, Opinion
from tutoring.models.calls import TutorCall
from tutoring.models.rules import TutoringRules
from tutoring.models.tutors import Assignment, Proposal, Tutor, TutoringNeed

__all__ = ["Application", "Assignment", "Opinion", "Proposal", "Tutor", "TutorCall", "TutoringNeed", "TutoringRules"]
