"""Tables of the surveys."""

from surveys.models.answers import Answer, AnswerFile, AnswerVersion, Divergence
from surveys.models.campaigns import Campaign, PopulationEntry, Question
from surveys.models.invitations import Invitation, Link, Recipient, Solicitation

__all__ = (
    "Answer",
    "AnswerFile",
    "AnswerVersion",
    "Campaign",
    "Divergence",
    "Invitation",
    "Link",
    "PopulationEntry",
    "Question",
    "Recipient",
    "Solicitation",
)
