"""The first part of a preparation, done by a worker: who is asked is written down, step by short step.

Each step is one transaction and does nothing twice, so that a worker stopped anywhere is followed by another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from django.db import transaction
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.jobs import Claim
from deployment.models import Establishment
from surveys.choices import CampaignState
from surveys.models import Answer, Campaign, Invitation, Recipient
from surveys.services.outbox import Envelope, Outbox, plan

MANY = 500
LABEL = "Recensement des destinataires"


def held(claim: Claim) -> Campaign | None:
    """The campaign that this job prepares, locked for the transaction; None once it was taken back."""
    rows = Campaign.objects.select_for_update(of=("self",)).select_related("academy")
    return rows.filter(pk=claim.job.parameters["campaign"], state=CampaignState.PREPARED, job=claim.job).first()


def is_done(campaign: Campaign) -> bool:
    """Whether everybody is written down: answers are expected from that moment, and written last."""
    return Answer.objects.filter(entry__campaign=campaign).exists()


def name_people(claim: Claim) -> None:
    """Freeze the wave and the agency of each establishment, write who is asked, and the answers expected."""
    campaign = Campaign.objects.select_related("academy").filter(pk=claim.job.parameters["campaign"]).first()
    if campaign is None or is_done(campaign):
        return
    outbox = plan(campaign)
    for step in _steps(campaign, outbox):
        with transaction.atomic():
            if held(claim) is None:
                return
            claim.progress(0, len(outbox.envelopes), LABEL)
            step()


def _steps(campaign: Campaign, outbox: Outbox) -> Iterator[Callable[[], None]]:
    yield lambda: _freeze_entries(campaign)
    envelopes = iter(outbox.envelopes)
    while chunk := list(islice(envelopes, MANY)):
        yield lambda chunk=chunk: _write_recipients(campaign, chunk)  # type: ignore[misc]
    yield lambda: _write_gaps(outbox)
    yield lambda: _expect_answers(campaign, outbox)


def _freeze_entries(campaign: Campaign) -> None:
    """Keep the wave and the agency of the day: what is asked of whom does not change with later moves."""
    on = campaign.academy.today
    asked = Establishment.objects.filter(pk=OuterRef("establishment")).with_wave(on).with_agency(on)
    kept = {name: Coalesce(Subquery(asked.values(name)), Value("")) for name in ("wave_code", "agency_uai")}
    campaign.entries.filter(is_excluded=False).update(**kept)


def _write_recipients(campaign: Campaign, envelopes: list[Envelope]) -> None:
    """Recipients of these envelopes and what they are asked; those written by a worker before are left alone."""
    known = {
        (row.function, row.email): row
        for row in campaign.recipients.filter(email__in=[envelope.email for envelope in envelopes])
    }
    rows = {
        (e.function, e.email): Recipient(
            campaign=campaign, function=e.function, name=e.name, email=e.email, copies="\n".join(e.copies)
        )
        for e in envelopes
        if (e.function, e.email) not in known
    }
    Recipient.objects.bulk_create(rows.values())
    asked = [
        Invitation(entry=entry, function=envelope.function, recipient=rows[envelope.function, envelope.email])
        for envelope in envelopes
        if (envelope.function, envelope.email) in rows
        for entry in envelope.entries
    ]
    Invitation.objects.bulk_create(asked, batch_size=MANY)


def _write_gaps(outbox: Outbox) -> None:
    rows = [Invitation(entry=gap.entry, function=gap.function) for gap in outbox.gaps]
    Invitation.objects.bulk_create(rows, batch_size=MANY, ignore_conflicts=True)


def _expect_answers(campaign: Campaign, outbox: Outbox) -> None:
    rows = [Answer(entry=entry, part=part) for entry in outbox.entries for part in campaign.parts]
    Answer.objects.bulk_create(rows, batch_size=MANY)
