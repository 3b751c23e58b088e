"""Tables of the surveys."""

from surveys.models.answers import Answer, AnswerFile, AnswerVersion, Divergence
from surveys.models.campaigns import Campaign, PopulationEntry, Question
from surveys.models.imports import AnswerImport, ImportProfile
from surveys.models.invitations import Invitation, Link, Recipient, Solicitation

__all__ = (
    "Answer",
    "AnswerFile",
    "AnswerImport",
    "AnswerVersion",
    "Campaign",
    "Divergence",
    "ImportProfile",
    "Invitation",
    "Link",
    "PopulationEntry",
    "Question",
    "Recipient",
    "Solicitation",
)
