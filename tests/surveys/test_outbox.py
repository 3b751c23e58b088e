"""Who would be written to: digests, copies, vacant posts, unknown addresses, the cap."""

from datetime import timedelta
from typing import Any

import pytest

from deployment.choices import Function, Kind
from deployment.models import Academy, Establishment
from surveys.choices import CampaignState, Purpose
from surveys.models import Campaign, Solicitation
from surveys.services.outbox import plan
from tests.factories import appoint, gather, make_establishment
from tests.surveys.factories import make_campaign, make_staffed


def wishes(academy: Academy, *places: Establishment, **fields: Any) -> Campaign:
    options: dict[str, Any] = {"purpose": Purpose.WAVE_WISH, "state": CampaignState.DRAFT, **fields}
    return make_campaign(academy, establishments=places, **options)


def told(campaign: Campaign) -> set[tuple[str, str, int]]:
    return {(e.function, e.email, len(e.entries)) for e in plan(campaign).envelopes}


def test_an_accountant_of_several_establishments_gets_one_digest(grenoble: Academy) -> None:
    seat, other = make_staffed(grenoble, with_agency=False), make_staffed(grenoble, with_agency=False)
    gather(seat, other)
    appoint(seat, Function.ACCOUNTANT, "Camille Compte", "Compta@Exemple.Invalid")
    outbox = plan(wishes(grenoble, seat, other))
    digest = next(envelope for envelope in outbox.envelopes if envelope.is_digest)
    assert (digest.function, digest.email, len(digest.entries)) == (Function.ACCOUNTANT, "compta@exemple.invalid", 2)
    assert (len(outbox.envelopes), outbox.digests) == (3, 1)
    assert sorted(digest.copies) == sorted(f"sg.{place.uai.lower()}@exemple.invalid" for place in (seat, other))


def test_a_vacant_post_is_named_and_has_no_copy(grenoble: Academy) -> None:
    place = make_staffed(grenoble)
    appoint(place, Function.SECRETARY_GENERAL, "", on=grenoble.today)
    appoint(place, Function.ACCOUNTANT, "", on=grenoble.today)
    outbox = plan(wishes(grenoble, place))
    assert [str(gap) for gap in outbox.vacancies] == [f"{place} : agent comptable, poste vacant"]
    assert [envelope.copies for envelope in outbox.envelopes] == [[]]
    assert not outbox.unreachable


def test_nobody_known_is_written_at_the_official_mailbox_or_told(grenoble: Academy) -> None:
    known = make_establishment(grenoble, email="ce.0380001@exemple.invalid")
    unknown = make_establishment(grenoble)
    campaign = make_campaign(grenoble, establishments=[known, unknown], state=CampaignState.DRAFT)
    outbox = plan(campaign)
    assert told(campaign) == {("head", "ce.0380001@exemple.invalid", 1)}
    assert [str(gap) for gap in outbox.unknown] == [f"{unknown} : chef d’établissement, aucune adresse connue"]
    assert [entry.establishment for entry in outbox.unreachable] == [unknown]


def test_a_greta_is_asked_through_the_establishment_that_carries_it(grenoble: Academy) -> None:
    host = make_staffed(grenoble)
    greta = make_establishment(grenoble, kind=Kind.GRETA, name="GRETA de Grenoble", host=host)
    campaign = make_campaign(grenoble, establishments=[host, greta], state=CampaignState.DRAFT)
    assert told(campaign) == {("head", f"chef.{host.uai.lower()}@exemple.invalid", 2)}


def test_the_cap_counts_every_campaign_of_the_last_seven_days(grenoble: Academy) -> None:
    grenoble.solicitations_per_week = 2
    grenoble.save()
    place = make_staffed(grenoble)
    for _ in range(2):
        make_campaign(grenoble, establishments=[place])
    campaign = make_campaign(grenoble, establishments=[place], state=CampaignState.DRAFT)
    assert [envelope.recent for envelope in plan(campaign).over_cap] == [2]
    Solicitation.objects.filter(campaign__lt=campaign.pk).update(at=campaign.opens_at - timedelta(days=7))
    assert not plan(campaign).over_cap


def test_the_cap_counts_both_mails_of_who_is_asked_in_two_functions(grenoble: Academy) -> None:
    grenoble.solicitations_per_week = 1
    grenoble.save()
    place = make_staffed(grenoble)
    appoint(place, Function.HEAD, "Camille Compte", f"ac.{place.uai.lower()}@exemple.invalid")
    campaign = make_campaign(grenoble, establishments=[place], asked=["head", "accountant"], state=CampaignState.DRAFT)
    assert [envelope.recent for envelope in plan(campaign).envelopes] == [0, 1]
    assert len(plan(campaign).over_cap) == 1


@pytest.mark.parametrize("number", [1, 3])
def test_the_plan_costs_the_same_queries_however_large(
    number: int, grenoble: Academy, django_assert_num_queries: Any
) -> None:
    campaign = wishes(grenoble, *[make_staffed(grenoble) for _ in range(number)])
    with django_assert_num_queries(7):
        plan(campaign)
