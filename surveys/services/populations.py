"""Who is asked: criteria, additions and exclusions with their reasons, until the campaign is prepared."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from accounts import audit
from accounts.models import User
from deployment.choices import OpeningStatus
from deployment.models import Establishment
from deployment.models.territory import EstablishmentQuerySet
from figures.french import count
from surveys.choices import CampaignState, EntryOrigin
from surveys.models import Campaign, PopulationEntry
from surveys.models.campaigns import Criteria
from surveys.rights import EDIT_CAMPAIGNS
from surveys.services.campaigns import locked_campaign
from surveys.services.refusals import SurveyRefused

MANY = 500


@transaction.atomic
def choose(campaign: Campaign, criteria: Criteria, *, by: User | None) -> int:
    """Take the establishments that meet the criteria today; how many. Additions and exclusions stay."""
    campaign = locked_campaign(campaign, CampaignState.DRAFT)
    campaign.criteria = criteria
    campaign.save(update_fields=["criteria"])
    wanted = set(matching(campaign).order_by().values_list("pk", flat=True))
    held = {entry.establishment_id: entry for entry in campaign.entries.all()}
    kept_by_hand = {pk for pk, e in held.items() if e.origin == EntryOrigin.ADDED or e.is_excluded}
    gone = [e.pk for pk, e in held.items() if pk not in wanted and pk not in kept_by_hand]
    campaign.entries.filter(pk__in=gone).delete()
    new = [PopulationEntry(campaign=campaign, establishment_id=pk) for pk in sorted(wanted - held.keys())]
    PopulationEntry.objects.bulk_create(new, batch_size=MANY)
    details = {"criteria": criteria, "campaign": campaign.pk}
    audit.record(
        by, EDIT_CAMPAIGNS, f"critères de la population · {campaign}", academy=campaign.academy.slug, **details
    )
    return campaign.entries.filter(is_excluded=False).count()


def matching(campaign: Campaign) -> EstablishmentQuerySet:
    """Establishments that meet the criteria on the académie’s day: each list given narrows, an empty one does not."""
    criteria, on = campaign.criteria, campaign.academy.today
    if not any(criteria.get(name) for name in ("waves", "kinds", "departements", "agencies")):
        return Establishment.objects.none()
    rows = campaign.academy.establishments.existing_on(on)
    rows = rows.exclude(status=OpeningStatus.CLOSED).with_wave(on).with_agency(on)
    for name, field in (
        ("waves", "wave_code"),
        ("kinds", "kind"),
        ("departements", "departement"),
        ("agencies", "agency_uai"),
    ):
        if values := criteria.get(name):
            rows = rows.filter(Q((f"{field}__in", values)))
    return rows


@transaction.atomic
def add(campaign: Campaign, establishments: Iterable[Establishment], *, reason: str, by: User | None) -> int:
    """Add establishments with a reason, or take back those that were left out, as they were; how many changed."""
    campaign = locked_campaign(campaign, CampaignState.DRAFT)
    chosen = {e.pk: e for e in establishments}
    _refuse(campaign, chosen.values(), reason)
    held = {entry.establishment_id: entry for entry in campaign.entries.all()}
    back = [entry for pk, entry in held.items() if entry.is_excluded and pk in chosen]
    campaign.entries.filter(pk__in=[entry.pk for entry in back]).update(is_excluded=False, reason=reason.strip())
    new = [
        PopulationEntry(campaign=campaign, establishment=e, origin=EntryOrigin.ADDED, reason=reason.strip())
        for pk, e in chosen.items()
        if pk not in held
    ]
    PopulationEntry.objects.bulk_create(new, batch_size=MANY)
    _trace(campaign, f"ajout de {count(len(new) + len(back), 'établissement')}", reason, by)
    return len(new) + len(back)


@transaction.atomic
def exclude(campaign: Campaign, establishments: Iterable[Establishment], *, reason: str, by: User | None) -> int:
    """Leave establishments out, with a reason; how many. They stay visible as left out."""
    campaign = locked_campaign(campaign, CampaignState.DRAFT)
    chosen = list(establishments)
    _refuse(campaign, chosen, reason)
    rows = campaign.entries.filter(establishment__in=chosen, is_excluded=False)
    number = rows.update(is_excluded=True, reason=reason.strip())
    _trace(campaign, f"retrait de {count(number, 'établissement')}", reason, by)
    return number


def _refuse(campaign: Campaign, establishments: Iterable[Establishment], reason: str) -> None:
    if not reason.strip():
        raise SurveyRefused("Indiquez le motif : il dira pourquoi la population diffère de la vague.")
    if stranger := next((e for e in establishments if e.academy_id != campaign.academy_id), None):
        raise SurveyRefused(f"{stranger.uai} n’est pas un établissement de cette académie.")


def _trace(campaign: Campaign, act: str, reason: str, by: User | None) -> None:
    details = {"reason": reason.strip(), "campaign": campaign.pk}
    audit.record(by, EDIT_CAMPAIGNS, f"{act} · {campaign}", academy=campaign.academy.slug, **details)
