"""The factories that the other tests stand on."""

import pytest

from deployment.choices import Function
from deployment.models import Academy
from surveys.choices import CampaignState, Purpose
from surveys.services import links
from tests.surveys.factories import make_campaign, make_staffed, tokens


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("state", CampaignState)
def test_a_campaign_of_each_purpose_reaches_each_state(
    grenoble: Academy, purpose: Purpose, state: CampaignState
) -> None:
    campaign = make_campaign(grenoble, purpose=purpose, state=state)
    campaign.refresh_from_db()
    assert (campaign.purpose, campaign.state) == (purpose, state)


def test_tokens_of_a_sent_campaign_are_links(grenoble: Academy) -> None:
    place = make_staffed(grenoble)
    campaign = make_campaign(grenoble, purpose=Purpose.WAVE_WISH, establishments=[place])
    found = tokens(campaign)
    assert set(found) == {(place.uai, Function.HEAD), (place.uai, Function.ACCOUNTANT)}
    link = links.find(found[place.uai, Function.HEAD])
    assert link and link.recipient.function == Function.HEAD
