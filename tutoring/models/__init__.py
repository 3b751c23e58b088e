"""Tables of the tutoring."""

from tutoring.models.applications import Application, Opinion
from tutoring.models.calls import TutorCall
from tutoring.models.difficulties import Difficulty
from tutoring.models.indemnities import Indemnity, IndemnityCorrection, PaymentLine, PaymentStatement
from tutoring.models.meetings import ActionEvent, ImprovementAction, Remark, TutorMeeting
from tutoring.models.papers import Paper, PaperEvent, PaperPrint, PaperTemplate
from tutoring.models.rules import TutoringRules
from tutoring.models.tutors import Assignment, Proposal, Tutor, TutoringNeed
from tutoring.models.visits import Feedback, Visit, VisitLink

__all__ = [
    "ActionEvent",
    "Application",
    "Assignment",
    "Difficulty",
    "Feedback",
    "ImprovementAction",
    "Indemnity",
    "IndemnityCorrection",
    "Opinion",
    "Paper",
    "PaperEvent",
    "PaperPrint",
    "PaperTemplate",
    "PaymentLine",
    "PaymentStatement",
    "Proposal",
    "Remark",
    "Tutor",
    "TutorCall",
    "TutorMeeting",
    "TutoringNeed",
    "TutoringRules",
    "Visit",
    "VisitLink",
]
