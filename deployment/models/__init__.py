"""Tables of the territory."""

from deployment.models.agencies import AccountingAgency, AgencyMembership
from deployment.models.imports import ImportBatch, ImportChange
from deployment.models.posts import Holder, Post, PostHolding
from deployment.models.territory import Academy, Establishment
from deployment.models.waves import Wave, WaveMove, WaveState

__all__ = (
    "Academy",
    "AccountingAgency",
    "AgencyMembership",
    "Establishment",
    "Holder",
    "ImportBatch",
    "ImportChange",
    "Post",
    "PostHolding",
    "Wave",
    "WaveMove",
    "WaveState",
)
