"""Rounds of mails after the sending: one a person, decided at once under a lock, written by a worker.

The act writes a line of the register for each person, which settles the cap and who is written to; the worker turns
the lines into mails, and drops those of persons who have answered meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import F

from accounts import audit, jobs
from accounts.jobs import Claim
from accounts.models import User
from deployment.models import Academy
from surveys import emails
from surveys.choices import CampaignState, SolicitationKind
from surveys.clock import current
from surveys.models import Answer, Campaign, Invitation, Recipient, Solicitation
from surveys.models.invitations import InvitationQuerySet
from surveys.rights import SEND_CAMPAIGNS
from surveys.services.campaigns import locked_campaign
from surveys.services.refusals import SurveyRefused
from surveys.services.sending import issue_link
from surveys.services.solicitations import recently_written

WRITE_TASK = "surveys.tasks.write_round"
CHUNK, MANY = 50, 500
WORDS = {
    SolicitationKind.REMINDER: "relances",
    SolicitationKind.MESSAGE: "messages",
    SolicitationKind.INVITATION: "nouveaux liens",
}


class RoundGrew(SurveyRefused):
    """More mails would leave than the person has seen announced."""


@dataclass(frozen=True)
class Text:
    """What a round writes, before its fields are filled in."""

    subject: str
    body: str


@dataclass(frozen=True)
class Limits:
    """What the person who asks has seen, and decided.

    `seen` is the newest line of the register when the page was shown, `expected` the number of mails that it announced.
    """

    seen: int | None = None
    expected: int | None = None
    override_reason: str = ""


@dataclass
class Addressee:
    """One person of a round, and the establishments that the mail is about."""

    recipient: Recipient
    invitations: list[Invitation] = field(default_factory=list)
    recent: int = 0  # mails of any campaign in the last seven days


@dataclass(frozen=True)
class Round:
    """What a round sends: one mail to each addressee. `held`: over the cap; `overtaken`: written to meanwhile."""

    kind: SolicitationKind
    cap: int
    rows: int
    addressees: list[Addressee]
    held: list[Addressee]
    overtaken: list[Addressee]

    @property
    def concerned(self) -> int:
        """Functions of establishments that the mails are about."""
        return sum(len(addressee.invitations) for addressee in self.addressees)

    @property
    def left_out(self) -> int:
        """Rows asked that call for no such mail: answered, vacant, withdrawn…"""
        everyone = (*self.addressees, *self.held, *self.overtaken)
        return self.rows - sum(len(addressee.invitations) for addressee in everyone)


def compose(campaign: Campaign, rows: InvitationQuerySet, kind: SolicitationKind, limits: Limits = Limits()) -> Round:
    """Who would be written to now, of these rows `with_progress`: the same for the preview and for the act."""
    asked = rows.to_remind() if kind == SolicitationKind.REMINDER else rows.exclude(recipient__isnull=True)
    if kind == SolicitationKind.INVITATION:
        asked = asked.exclude(disowned_at__isnull=False)
    people: dict[int, Addressee] = {}
    for row in asked.select_related("recipient").order_by("recipient__name", "recipient__email", "pk"):
        assert row.recipient is not None
        people.setdefault(row.recipient.pk, Addressee(row.recipient)).invitations.append(row)
    later: set[int] = set()
    if limits.seen is not None:
        newer = campaign.solicitations.filter(kind=kind, pk__gt=limits.seen)
        later = set(newer.values_list("recipient_id", flat=True))
    found = Round(kind, campaign.academy.solicitations_per_week, rows.count(), [], [], [])
    recent = recently_written(campaign.academy, [person.recipient.email for person in people.values()])
    for key, person in people.items():
        email = person.recipient.email
        person.recent = recent[email]
        if key in later:
            found.overtaken.append(person)
        elif person.recent >= found.cap and not limits.override_reason.strip():
            found.held.append(person)
        else:
            recent[email] += 1
            found.addressees.append(person)
    return found


@transaction.atomic
def send(
    campaign: Campaign, rows: InvitationQuerySet, kind: SolicitationKind, text: Text, limits: Limits, *, by: User | None
) -> Round:
    """Write to each person once, whoever else asks for the same at this instant. Raises `SurveyRefused`, `RoundGrew`.

    The académie is locked first: the cap counts over all its campaigns.
    """
    Academy.objects.select_for_update(of=("self",), no_key=True).get(pk=campaign.academy_id)
    campaign = locked_campaign(campaign, CampaignState.SENT)
    if kind == SolicitationKind.REMINDER and not campaign.window(current(campaign.academy)).is_open:
        raise SurveyRefused(
            "Cette enquête n’est pas ouverte : aucune relance ne part avant son ouverture ni après sa clôture."
        )
    found = compose(campaign, rows, kind, limits)
    if limits.expected is not None and len(found.addressees) + len(found.held) > limits.expected:
        raise RoundGrew("La liste a changé depuis que vous l’avez lue : relisez-la, puis confirmez de nouveau.")
    if found.addressees:
        _note(campaign, found, text, limits.override_reason.strip(), by)
    return found


def _note(campaign: Campaign, found: Round, text: Text, reason: str, by: User | None) -> None:
    job = jobs.submit(
        WRITE_TASK,
        label=f"{WORDS[found.kind].capitalize()} de « {campaign} »",
        academy=campaign.academy.slug,
        by=by,
        campaign=campaign.pk,
        subject=text.subject,
        body=text.body,
        mails=len(found.addressees),
        invitations=[row.pk for addressee in found.addressees for row in addressee.invitations],
    )
    line = Solicitation(
        academy=campaign.academy, campaign=campaign, kind=found.kind, at=current(campaign.academy), job=job, author=by
    )
    prefix = f"survey-{campaign.pk}-{uuid4().hex[:12]}"
    Solicitation.objects.bulk_create(
        [
            _line(line, prefix, addressee, reason if addressee.recent >= found.cap else "")
            for addressee in found.addressees
        ],
        batch_size=MANY,
    )
    audit.record(
        by,
        SEND_CAMPAIGNS,
        f"{WORDS[found.kind]} · {campaign}",
        academy=campaign.academy.slug,
        mails=len(found.addressees),
        held=len(found.held),
        override_reason=reason,
    )


def _line(model: Solicitation, prefix: str, addressee: Addressee, reason: str) -> Solicitation:
    recipient = addressee.recipient
    return Solicitation(
        academy=model.academy,
        campaign=model.campaign,
        kind=model.kind,
        at=model.at,
        job=model.job,
        author=model.author,
        recipient=recipient,
        email=recipient.email,
        mail_key=f"{prefix}-{recipient.pk}",
        override_reason=reason,
        is_written=False,
    )


def write(claim: Claim) -> None:
    """The worker's part: one mail and one new link a person, by chunks; stopped anywhere, it goes on where it was."""
    parameters = claim.job.parameters
    campaign = Campaign.objects.select_related("academy").get(pk=parameters["campaign"])
    waiting = campaign.solicitations.filter(job=claim.job, is_written=False).select_related("recipient").order_by("pk")
    wanted, total = set(parameters["invitations"]), parameters["mails"]
    text = Text(parameters["subject"], parameters["body"])
    while chunk := list(waiting[:CHUNK]):
        with transaction.atomic():
            claim.progress(min(total, total - waiting.count() + len(chunk)), total, "Rédaction des messages")
            _write_chunk(campaign, chunk, wanted, text)


def _write_chunk(campaign: Campaign, chunk: Sequence[Solicitation], wanted: Collection[int], text: Text) -> None:
    """Their answers are locked: one that comes in now finds the mail written, and cancels it."""
    recipients = [line.recipient_id for line in chunk]
    reminders = [line for line in chunk if line.kind == SolicitationKind.REMINDER]
    if reminders:
        entries = Invitation.objects.filter(recipient__in=recipients).values("entry")
        locked = Answer.objects.select_for_update(of=("self",)).filter(entry__in=entries).order_by("pk")
        list(locked.values_list("pk", flat=True))
    rows = Invitation.objects.with_progress(campaign).filter(recipient__in=recipients)
    rows = rows.to_remind() if reminders else rows
    about: dict[int, list[Invitation]] = {}
    for row in rows.select_related("entry__establishment").order_by("entry__establishment__sort_name", "pk"):
        if row.pk in wanted and row.recipient_id:
            about.setdefault(row.recipient_id, []).append(row)
    gone = [line.pk for line in chunk if line.recipient_id not in about]
    Solicitation.objects.filter(pk__in=gone).delete()
    kept = [line for line in chunk if line.recipient_id in about]
    withdrawn = set(campaign.recipients.filter(pk__in=about).withdrawn().values_list("pk", flat=True))
    for line in kept:
        line.recipient.campaign = campaign
        names = [place_name(row) for row in about[line.recipient_id]]
        may_enter = line.kind != SolicitationKind.MESSAGE or line.recipient_id not in withdrawn
        _write_one(line, names, text, may_enter=may_enter)
    Solicitation.objects.filter(pk__in=[line.pk for line in kept]).update(is_written=True)


def _write_one(line: Solicitation, names: Sequence[str], text: Text, *, may_enter: bool) -> None:
    recipient = line.recipient
    write = emails.message if line.kind == SolicitationKind.MESSAGE else emails.invitation
    token = issue_link(recipient) if may_enter else ""
    write(recipient, names, key=line.mail_key, token=token, subject=text.subject, body=text.body)
    changed: dict[str, Any] = {"mail_key": line.mail_key}
    if line.kind == SolicitationKind.REMINDER:
        changed |= {"reminded_at": line.at, "reminders": F("reminders") + 1}
    Recipient.objects.filter(pk=recipient.pk).update(**changed)


def place_names(people: Sequence[Addressee]) -> dict[int, list[str]]:
    """Names of the establishments that each mail is about, by key of recipient, in one query."""
    keys = [row.pk for person in people for row in person.invitations]
    rows = Invitation.objects.filter(pk__in=keys).select_related("entry__establishment")
    names: dict[int, list[str]] = {person.recipient.pk: [] for person in people}
    for row in rows.order_by("entry__establishment__sort_name", "pk"):
        names[row.recipient_id or 0].append(place_name(row))
    return names


def place_name(row: Invitation) -> str:
    """« Collège Stendhal, Grenoble »."""
    place = row.entry.establishment
    return f"{place.name}, {place.town}" if place.town else place.name
