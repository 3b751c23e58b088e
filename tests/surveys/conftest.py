"""What the tests of the surveys share."""

import pytest

from deployment.models import Academy, Establishment
from surveys.choices import CampaignState
from surveys.models import Campaign
from tests.surveys.factories import make_campaign, make_staffed


@pytest.fixture
def staffed(grenoble: Academy) -> Establishment:
    """A collège of Grenoble whose head, secretary general and accountant are known."""
    return make_staffed(grenoble, name="Collège Stendhal", town="Grenoble")


@pytest.fixture
def draft(grenoble: Academy, staffed: Establishment) -> Campaign:
    """Training needs, asked of one collège, not prepared yet."""
    return make_campaign(grenoble, establishments=[staffed], state=CampaignState.DRAFT)


@pytest.fixture
def campaign(grenoble: Academy, staffed: Establishment) -> Campaign:
    """Training needs, sent to one collège, open."""
    return make_campaign(grenoble, establishments=[staffed])
