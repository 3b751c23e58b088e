"""Tables of the tutoring."""

from tutoring.models.applications import Application, Opinion
from tutoring.models.calls import TutorCall
from tutoring.models.difficulties import Difficulty
from tutoring.models.indemnities import Indemnity, IndemnityCorrection, PaymentLine, PaymentStatement
from tutoring.models.meetings import ActionEvent, ImprovementAction, Remark, TutorMeeting
from tutoring.models.tutors import Assignment, Proposal, Tutor, TutoringNeed
from tutoring.models.visits import Feedback, Visit, VisitLink

__all__ = [
    "Application",
    "Assignment",
    "Opinion",
    "Proposal",
    "Tutor",
    "TutorCall",
    "TutoringNeed",
    # Work and indemnities
    "ActionEvent",
    "Difficulty",
    "Feedback",
    "ImprovementAction",
    "Indemnity",
    "IndemnityCorrection",
    "PaymentLine",
    "PaymentStatement",
    "Remark",
    "TutorMeeting",
    "Visit",
    "VisitLink",
]
