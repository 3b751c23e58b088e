"""Personal links: opened, narrowed for a colleague, given again, taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts import audit, mail
from accounts.models import User
from surveys import reply_emails
from surveys.choices import RECEIVED, CampaignState
from surveys.clock import READ_NOW, current, on_day
from surveys.models import Answer, Campaign, Invitation, Link, Recipient
from surveys.models.invitations import NOT_REVOKED, InvitationQuerySet, hash_token, new_token
from surveys.rights import SEND_CAMPAIGNS
from surveys.services.answers import may_be_prepared
from surveys.services.campaigns import locked_campaign
from surveys.services.refusals import SurveyRefused

MOST_CHILDREN = 5


def find(token: str) -> Link | None:
    """The valid link of that token: one look-up by its hash, whatever the token is made of."""
    return next(iter(_alive(Q(token_hash=hash_token(token)))), None)


def held(keys: Iterable[int]) -> list[Link]:
    """Those of these links that are still valid."""
    return _alive(Q(pk__in=list(keys)))


def _alive(wanted: Q) -> list[Link]:
    """Those neither revoked nor expired; one expires by the clock of its campaign, as everything of a campaign does."""
    observed_on = F("recipient__campaign__academy__observed_on")
    rows = Link.objects.filter(wanted, NOT_REVOKED).annotate(db_now=READ_NOW, observed_on=observed_on)
    found = [(link, on_day(link.observed_on, link.db_now)) for link in rows.select_related("recipient").order_by("pk")]
    return [link for link, now in found if link.expires_at is None or link.expires_at > now]


def reach(links: Iterable[Link]) -> QuerySet[Invitation]:
    """Everything that these links let answer, or prepare.

    A link opens its own campaign, and all that is asked of the same person, in the same function, in the same
    establishments, but where their access was taken back. A delegate's link opens one line of one campaign.
    """
    wanted = Q(pk__in=[link.invitation_id for link in links if link.invitation_id])
    for link in links:
        if link.may_submit:
            person = link.recipient
            places = Invitation.objects.filter(recipient=person).values("entry__establishment")
            same = Recipient.objects.filter(email=person.email, function=person.function)
            shut = same.exclude(pk=person.pk).withdrawn()
            wanted |= Q(recipient__in=same.exclude(pk__in=shut.values("pk")), entry__establishment__in=places)
    return Invitation.objects.filter(wanted, entry__campaign__state__in=RECEIVED, entry__is_excluded=False)


def bearer_of(links: Iterable[Link], invitation: Invitation) -> Link | None:
    """Of these links, the strongest one that opens this invitation; who may submit goes before a delegate.

    The last link given is tried first. A link to the very person asked costs no query.
    """
    if invitation.entry.is_excluded or invitation.entry.campaign.state not in RECEIVED:
        return None
    newest = list(links)[::-1]
    own = [link for link in newest if link.may_submit]
    for link in own:
        if link.recipient_id == invitation.recipient_id:
            return link
    for link in own:
        if reach([link]).filter(pk=invitation.pk).exists():
            return link
    return next((link for link in newest if link.invitation_id == invitation.pk), None)


@transaction.atomic
def delegate(link: Link, invitation: Invitation, *, name: str, email: str) -> Link:
    """Hand the preparation of one answer to a colleague, who receives a link of their own; they cannot submit."""
    parent = Link.objects.select_for_update(of=("self",)).select_related("recipient__campaign__academy").get(pk=link.pk)
    if not parent.may_submit or parent.revoked_at:
        raise SurveyRefused("Ce lien ne permet pas de confier la réponse.")
    if not reach([parent]).filter(pk=invitation.pk).exists():
        raise SurveyRefused("Cette réponse n’est pas demandée à cette fonction.")
    campaign = invitation.entry.campaign
    answer = Answer.objects.get(entry=invitation.entry, part=campaign.part_of(invitation.function))
    if not may_be_prepared(answer, campaign, current(campaign.academy)):
        raise SurveyRefused("Cette enquête est close : il n’y a plus rien à préparer.")
    if Link.objects.filter(invitation=invitation, revoked_at__isnull=True).count() >= MOST_CHILDREN:
        raise SurveyRefused(f"Cette réponse est déjà confiée à {MOST_CHILDREN} personnes : retirez d’abord un accès.")
    token = new_token()
    child = Link.objects.create(
        recipient=parent.recipient,
        parent=parent,
        invitation=invitation,
        token_hash=hash_token(token),
        delegate_name=name.strip(),
        delegate_email=email.strip().lower(),
        expires_at=parent.expires_at,
    )
    reply_emails.delegation(child, token=token)
    return child


@transaction.atomic
def revoke_delegate(invitation: Invitation, child: int) -> None:
    """Take back what was handed to a colleague, whichever link of the person asked handed it."""
    slug = invitation.entry.campaign.academy.slug
    take_back(slug, Link.objects.filter(pk=child, invitation=invitation, revoked_at__isnull=True))


def take_back(academy: str, delegates: QuerySet[Link]) -> None:
    """Close these links of colleagues; the mail of one that has not left never does. In the caller's transaction."""
    keys = list(delegates.values_list("pk", flat=True))
    mail.withdraw(academy, map(reply_emails.delegation_key, keys))
    Link.objects.filter(pk__in=keys).update(revoked_at=timezone.now())


@transaction.atomic
def withdraw(campaign: Campaign, rows: InvitationQuerySet, *, by: User) -> int:
    """Take the access of the persons of these rows back: their links, their mails that have not left; how many."""
    campaign = locked_campaign(campaign, CampaignState.SENT, CampaignState.FROZEN)
    alive = Link.objects.filter(recipient__campaign=campaign, revoked_at__isnull=True)
    coming = campaign.solicitations.filter(is_written=False)  # a new link that a worker is about to write
    reached = Q(recipient__in=alive.values("recipient")) | Q(recipient__in=coming.values("recipient"))
    people = set(rows.filter(reached).values_list("recipient_id", flat=True))
    close(campaign, people)
    if people:
        act, slug = f"accès retirés · {campaign}", campaign.academy.slug
        audit.record(by, SEND_CAMPAIGNS, act, academy=slug, people=len(people), recipients=sorted(people))
    return len(people)


def close(campaign: Campaign, people: Collection[int]) -> None:
    """Take back the links of these persons, and their mails that have not left, in the caller's transaction."""
    lines = campaign.solicitations.filter(recipient__in=people)
    mail.withdraw(campaign.academy.slug, lines.filter(is_written=True).values_list("mail_key", flat=True))
    lines.filter(is_written=False).delete()
    revoke(campaign, people)


def revoke(campaign: Campaign, people: Collection[int]) -> None:
    """Close every link of these persons, and those that they gave to colleagues, in the caller's transaction."""
    alive = Link.objects.filter(revoked_at__isnull=True)
    handed = Q(recipient__in=people) | Q(invitation__recipient__in=people)  # also by their link of another campaign
    take_back(campaign.academy.slug, alive.filter(handed, parent__isnull=False))
    alive.filter(recipient__in=people).update(revoked_at=timezone.now())


@transaction.atomic
def disown(invitation: Invitation, *, note: str) -> None:
    """« Ce n’est pas mon établissement » : kept for the staff, who will ask the right person."""
    fresh = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if fresh.disowned_at is None:
        fresh.disowned_at, fresh.disowned_note = current(fresh.entry.campaign.academy), note.strip()[:300]
        fresh.save(update_fields=["disowned_at", "disowned_note"])


def mark_opened(invitation: Invitation) -> None:
    """The page was opened by somebody's browser; the first time is kept."""
    unopened = Invitation.objects.filter(pk=invitation.pk, opened_at__isnull=True)
    unopened.update(opened_at=current(invitation.entry.campaign.academy))
