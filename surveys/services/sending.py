"""Preparing a campaign's mails, one by one to be read, then sending them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat

from accounts import audit, jobs, mail
from accounts.choices import MailState
from accounts.jobs import Claim
from accounts.models import OutgoingEmail, User
from accounts.models.mails import OutgoingEmailQuerySet
from figures.french import count
from surveys import emails
from surveys.choices import CampaignState, Purpose, SolicitationKind
from surveys.clock import current
from surveys.models import Answer, Campaign, Invitation, Link, Recipient
from surveys.models.invitations import hash_token, new_token
from surveys.rights import SEND_CAMPAIGNS
from surveys.services import naming, solicitations
from surveys.services.campaigns import LINK_OUTLIVES_CLOSING, locked_campaign
from surveys.services.outbox import Outbox, plan
from surveys.services.refusals import SurveyRefused

PREPARE_TASK = "surveys.tasks.prepare_mails"
STILL_HERE = (MailState.DRAFT, MailState.FAILED, MailState.CANCELLED)
CHUNK = 50


@transaction.atomic
def prepare(campaign: Campaign, *, by: User | None, override_reason: str = "") -> Campaign:
    """Freeze the population, and have a worker write who is asked and the mails as drafts. Raises `SurveyRefused`.

    Persons already written to as often as the week allows need `override_reason`.
    """
    campaign = locked_campaign(campaign, CampaignState.DRAFT)
    outbox = plan(campaign)
    _refuse(campaign, outbox, override_reason)
    campaign.state = CampaignState.PREPARED
    campaign.job = jobs.submit(
        PREPARE_TASK,
        label=f"Messages de « {campaign} »",
        academy=campaign.academy.slug,
        by=by,
        campaign=campaign.pk,
        override_reason=override_reason.strip(),
    )
    campaign.save(update_fields=["state", "job"])
    details = {"mails": len(outbox.envelopes), "campaign": campaign.pk, "reason": override_reason.strip()}
    audit.record(by, SEND_CAMPAIGNS, f"préparation · {campaign}", academy=campaign.academy.slug, **details)
    return campaign


def write_mails(claim: Claim) -> None:
    """The worker's part: who is asked, then one draft and one link a person, by chunks.

    Stopped anywhere, it goes on where it was; it stops by itself when the campaign went back to its preparation.
    """
    naming.name_people(claim)
    while True:
        with transaction.atomic():
            campaign = naming.held(claim)
            waiting = campaign.recipients.filter(mail_key="").order_by("pk") if campaign else Recipient.objects.none()
            chunk = list(waiting[:CHUNK])
            if campaign is None or not chunk:
                return
            total = campaign.recipients.count()
            claim.progress(total - waiting.count() + len(chunk), total, "Rédaction des messages")
            _write_chunk(campaign, chunk, claim.job.parameters["override_reason"], claim.job.requested_by)


@transaction.atomic
def launch(campaign: Campaign, *, by: User | None, expected: int | None = None) -> Campaign:
    """Send every draft of the campaign, which is open from then on.

    Raises `SurveyRefused` while drafts are missing, and when they are no longer `expected` in number.
    """
    campaign = locked_campaign(campaign, CampaignState.PREPARED)
    if not is_written(campaign):
        raise SurveyRefused("Les messages ne sont pas encore tous prêts.")
    found = drafts(campaign).count()
    if expected is not None and found != expected:
        raise SurveyRefused(
            f"Le lot a changé depuis que vous l’avez lu : {count(found, 'brouillon')} au lieu de {expected}. "
            "Relisez-le."
        )
    campaign.state, campaign.sent_at = CampaignState.SENT, current(campaign.academy)
    campaign.save(update_fields=["state", "sent_at"])
    campaign.solicitations.update(at=campaign.sent_at)
    mail.release(drafts(campaign), by=by)
    audit.record(by, SEND_CAMPAIGNS, f"envoi · {campaign}", academy=campaign.academy.slug, campaign=campaign.pk)
    return campaign


@transaction.atomic
def back_to_draft(campaign: Campaign, *, by: User | None) -> Campaign:
    """Throw the drafts and links away: the population can be changed again. Raises `SurveyRefused` once a mail left."""
    campaign = locked_campaign(campaign, CampaignState.PREPARED)
    written = mails(campaign)
    if written.exclude(state__in=STILL_HERE).exists():
        raise SurveyRefused("Des messages de cette enquête sont déjà partis : envoyez les autres.")
    for rows in (
        written,
        Answer.objects.filter(entry__campaign=campaign),
        campaign.solicitations.all(),
        Link.objects.filter(recipient__campaign=campaign),
        Invitation.objects.filter(entry__campaign=campaign),
        campaign.recipients.all(),
    ):
        rows._raw_delete(rows.db)  # nothing else can refer to them yet: one statement each, however many they are
    campaign.entries.update(wave_code="", agency_uai="")
    campaign.state, campaign.job = CampaignState.DRAFT, None
    campaign.save(update_fields=["state", "job"])
    target = f"retour en préparation · {campaign}"
    audit.record(by, SEND_CAMPAIGNS, target, academy=campaign.academy.slug, campaign=campaign.pk)
    return campaign


def is_written(campaign: Campaign) -> bool:
    """Whether the worker has written the mail of each person asked."""
    return naming.is_done(campaign) and not campaign.recipients.filter(mail_key="").exists()


def mails(campaign: Campaign) -> OutgoingEmailQuerySet:
    """The invitations written by the last preparation of the campaign, whatever became of them."""
    return OutgoingEmail.objects.filter(academy=campaign.academy.slug, batch=batch_name(campaign))


def drafts(campaign: Campaign) -> OutgoingEmailQuerySet:
    """Those that wait to be read and sent."""
    return mails(campaign).filter(state=MailState.DRAFT)


def batch_name(campaign: Campaign) -> str:
    """What the page « Envois » calls the drafts of a campaign."""
    return f"Enquête {campaign.pk} · {campaign.title}"[:160]


def issue_link(recipient: Recipient) -> str:
    """A new personal link for that person; returns its token, known to nobody else from then on."""
    return issue_links(recipient.campaign, [recipient])[recipient.pk]


def issue_links(campaign: Campaign, recipients: Sequence[Recipient]) -> dict[int, str]:
    """The same for several persons of a campaign: the token of each recipient's key."""
    tokens = {recipient.pk: new_token() for recipient in recipients}
    expires_at = campaign.closes_at + LINK_OUTLIVES_CLOSING
    Link.objects.bulk_create(
        Link(recipient_id=key, token_hash=hash_token(token), expires_at=expires_at) for key, token in tokens.items()
    )
    return tokens


def _refuse(campaign: Campaign, outbox: Outbox, override_reason: str) -> None:
    if not outbox.envelopes:
        raise SurveyRefused("Personne ne recevrait cette enquête : complétez sa population.")
    if campaign.purpose == Purpose.QUESTIONNAIRE and not campaign.questions.exists():
        raise SurveyRefused("Ce questionnaire n’a pas encore de question.")
    if outbox.over_cap and not override_reason.strip():
        raise SurveyRefused(
            f"{count(len(outbox.over_cap), 'personne a', 'personnes ont')} déjà reçu "
            f"{count(outbox.cap, 'message')} d’enquête en sept jours : "
            "attendez, ou indiquez le motif de les solliciter encore."
        )


def _write_chunk(campaign: Campaign, chunk: Sequence[Recipient], reason: str, by: User | None) -> None:
    names, tokens = establishment_names(chunk), issue_links(campaign, chunk)
    prefix, batch = f"survey-{campaign.pk}-", batch_name(campaign)
    for recipient in chunk:
        recipient.campaign = campaign
        recipient.mail_key = f"{prefix}{recipient.pk}"
        emails.invitation(
            recipient,
            names[recipient.pk],
            key=recipient.mail_key,
            token=tokens[recipient.pk],
            subject=campaign.subject,
            body=campaign.body,
            draft=batch,
        )
    keys = {recipient.pk: recipient.mail_key for recipient in chunk}
    written = Recipient.objects.filter(pk__in=list(keys))
    written.update(mail_key=Concat(Value(prefix), Cast("pk", CharField())))
    now = current(campaign.academy)
    solicitations.note(chunk, SolicitationKind.INVITATION, keys, at=now, by=by, reason=reason)


def establishment_names(recipients: Sequence[Recipient]) -> dict[int, list[str]]:
    """Names of the establishments that each person is asked for, in one query."""
    asked = Invitation.objects.filter(recipient__in=recipients).order_by(
        "entry__establishment__sort_name", "entry__establishment__uai"
    )
    names: dict[int, list[str]] = {recipient.pk: [] for recipient in recipients}
    for key, name, town in asked.values_list(
        "recipient_id", "entry__establishment__name", "entry__establishment__town"
    ):
        names[key or 0].append(emails.place_name(name, town))
    return names
