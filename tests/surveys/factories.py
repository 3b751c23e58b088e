"""Campaigns for tests, in any state, built through the services."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from accounts import jobs
from accounts.models import OutgoingEmail, User
from deployment.choices import Function
from deployment.models import Academy, Establishment
from surveys.choices import CampaignState, Purpose, QuestionKind
from surveys.clock import current
from surveys.models import Campaign, Invitation, Question
from surveys.services import campaigns, populations, sending
from surveys.services.proposals import propose
from tests.factories import appoint, gather, make_establishment

ORDER = list(CampaignState)


def make_staffed(academy: Academy, *, with_agency: bool = True, **fields: Any) -> Establishment:
    """An establishment with a head, a secretary general and, at its own agency, an accountant, all with an address."""
    place = make_establishment(academy, **fields)
    if with_agency:
        gather(place)
    people = [
        (Function.HEAD, "Dominique Chef", "chef"),
        (Function.SECRETARY_GENERAL, "Sacha Gestion", "sg"),
        *([(Function.ACCOUNTANT, "Camille Compte", "ac")] if with_agency else []),
    ]
    for function, name, box in people:
        appoint(place, function, name, f"{box}.{place.uai.lower()}@exemple.invalid")
    return place


def make_campaign(
    academy: Academy,
    *,
    purpose: Purpose = Purpose.TRAINING_NEEDS,
    establishments: Sequence[Establishment] = (),
    state: CampaignState = CampaignState.SENT,
    questions: Sequence[Question] = (),
    by: User | None = None,
    **fields: Any,
) -> Campaign:
    """A campaign brought to that state, asking these establishments (one, staffed, if none is given).

    It opened a day ago and closes in two weeks unless `fields` say otherwise; a questionnaire has one question of text.
    """
    campaign = propose(academy, purpose, by=by)
    now = current(academy)
    values = {"title": campaign.title or "Suivi de la COFI", "opens_at": now - timedelta(days=1)} | fields
    values.setdefault("closes_at", now + timedelta(days=14))
    for name, value in values.items():
        setattr(campaign, name, value)
    campaigns.save(campaign, by=by)
    if purpose == Purpose.QUESTIONNAIRE:
        asked = questions or [Question(kind=QuestionKind.TEXT, label="Où en êtes-vous ?")]
        campaigns.save_questions(campaign, asked, by=by)
    populations.add(campaign, establishments or [make_staffed(academy)], reason="Essai", by=by)
    return bring(campaign, state, by=by)


def bring(campaign: Campaign, state: CampaignState, *, by: User | None = None) -> Campaign:
    """Take a campaign from its draft to that state, act by act. To be frozen, it is closed a minute ago first."""
    wanted = ORDER.index(state)
    if wanted >= ORDER.index(CampaignState.PREPARED):
        campaign = sending.prepare(campaign, by=by)
        write_mails(campaign)
    if wanted >= ORDER.index(CampaignState.SENT):
        campaign = sending.launch(campaign, by=by)
    if wanted >= ORDER.index(CampaignState.FROZEN):
        closed = current(campaign.academy) - timedelta(minutes=1)
        campaigns.reschedule(campaign, closes_at=closed, corrected_until=None, by=by, reason="Essai")
        campaign = campaigns.freeze(campaign, by=by)
    if wanted >= ORDER.index(CampaignState.ARCHIVED):
        campaign = campaigns.archive(campaign, by=by)
    return campaign


def write_mails(campaign: Campaign) -> None:
    """Do, in this process, the worker's part of a preparation."""
    assert campaign.job_id
    claim = jobs.claim(campaign.job_id)
    assert claim
    sending.write_mails(claim)
    with claim.commit():
        pass


def tokens(campaign: Campaign) -> dict[tuple[str, str], str]:
    """The token of each personal link by (UAI, function), read where only its mail knows it, until it has left."""
    secrets = {
        mail.key: mail.secret.rstrip("/").rpartition("/")[2]
        for mail in OutgoingEmail.objects.filter(
            academy=campaign.academy.slug, key__startswith=f"survey-{campaign.pk}-"
        )
    }
    rows = Invitation.objects.filter(entry__campaign=campaign, recipient__isnull=False)
    rows = rows.select_related("recipient", "entry__establishment")
    found = {}
    for row in rows:
        assert row.recipient
        found[row.entry.establishment.uai, row.function] = secrets[row.recipient.mail_key]
    return found
