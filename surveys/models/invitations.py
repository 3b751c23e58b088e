"""Who is asked, by which link, and every time they were written to."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, Count, F, Q, Value, When
from django.utils import timezone

from accounts.choices import MailState
from accounts.models import OutgoingEmail
from deployment.choices import Function
from surveys.choices import TO_REMIND, Progress, SolicitationKind
from surveys.models.campaigns import Campaign, PopulationEntry

TOKEN_BYTES = 32
# Of a link: neither taken back, nor the child of one that was.
NOT_REVOKED = Q(revoked_at__isnull=True) & (Q(parent__isnull=True) | Q(parent__revoked_at__isnull=True))
ANSWER_TOLD = {
    "answer": "pk",
    "answer_number": "number",
    "answered_at": "submitted_at",
    "answered_by": "submitted_by",
    "draft_saved_at": "draft_saved_at",
}


class RecipientQuerySet(models.QuerySet["Recipient"]):
    def withdrawn(self) -> RecipientQuerySet:
        """Those whose every link was taken back."""
        links = Link.objects.filter(parent__isnull=True)
        alive = links.filter(recipient=models.OuterRef("pk"), revoked_at__isnull=True)
        had = self.filter(pk__in=links.filter(revoked_at__isnull=False).values("recipient"))
        return had.filter(~models.Exists(alive))


class Recipient(models.Model):
    """One person asked by one campaign in one function: one mail and one page for all their establishments."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="recipients", verbose_name="enquête")
    function = models.CharField("fonction", max_length=30, choices=Function)
    name = models.CharField("nom", max_length=120, blank=True)
    email = models.EmailField("adresse électronique")
    copies = models.TextField("en copie (une adresse par ligne)", blank=True)
    mail_key = models.CharField("clé du dernier message", max_length=200, blank=True)
    reminded_at = models.DateTimeField("relancée le", null=True)
    reminders = models.PositiveSmallIntegerField("relances", default=0)

    objects = RecipientQuerySet.as_manager()

    class Meta:
        verbose_name = "personne sollicitée"
        verbose_name_plural = "personnes sollicitées"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "function", "email"], name="recipient_once"),
        ]

    def __str__(self) -> str:
        return self.name or self.email


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def of(self, campaign: Campaign) -> InvitationQuerySet:
        """All that a launched campaign asks, each row beside the answer expected of it (`entry__answers`)."""
        rows = self.filter(entry__campaign=campaign, entry__is_excluded=False)
        part = F("function") if campaign.is_separate else Value("")
        return rows.filter(entry__answers__part=part)

    def with_progress(self, campaign: Campaign) -> InvitationQuerySet:
        """Those of the campaign, with their `progress`, the `answer` it is read from, who sent it and when."""
        academy, keys = campaign.academy.slug, f"survey-{campaign.pk}-"
        failed = OutgoingEmail.objects.filter(academy=academy, state=MailState.FAILED, key__startswith=keys)
        withdrawn = Recipient.objects.filter(campaign=campaign).withdrawn()
        progress = Case(
            When(entry__answers__number__gt=0, then=Value(Progress.ANSWERED.value)),
            When(recipient__isnull=True, then=Value(Progress.VACANT.value)),
            When(disowned_at__isnull=False, then=Value(Progress.DISOWNED.value)),
            When(recipient__in=withdrawn.values("pk"), then=Value(Progress.WITHDRAWN.value)),
            When(recipient__mail_key__in=failed.values("key"), then=Value(Progress.FAILED.value)),
            When(entry__answers__draft_saved_at__isnull=False, then=Value(Progress.STARTED.value)),
            When(opened_at__isnull=False, then=Value(Progress.OPENED.value)),
            default=Value(Progress.NOT_OPENED.value),
            output_field=models.CharField(),
        )
        told = {name: F(f"entry__answers__{field}") for name, field in ANSWER_TOLD.items()}
        return self.of(campaign).annotate(**told, **{"progress": progress})

    def in_progress(self, *states: Progress) -> InvitationQuerySet:
        """Among rows `with_progress`, those in one of these states."""
        return self.filter(Q(("progress__in", [state.value for state in states])))

    def answered(self) -> InvitationQuerySet:
        return self.in_progress(Progress.ANSWERED)

    def started(self) -> InvitationQuerySet:
        """A draft is kept, nothing was sent."""
        return self.in_progress(Progress.STARTED)

    def opened(self) -> InvitationQuerySet:
        """Opened, nothing typed."""
        return self.in_progress(Progress.OPENED)

    def not_opened(self) -> InvitationQuerySet:
        return self.in_progress(Progress.NOT_OPENED)

    def to_remind(self) -> InvitationQuerySet:
        """Not answered, by somebody who can be asked again."""
        return self.in_progress(*TO_REMIND)

    def tally(self, *fields: str) -> list[dict[str, Any]]:
        """How many rows `with_progress` are in each state, as `number`, apart by these fields."""
        return list(self.order_by().values(*fields, "progress").annotate(number=Count("pk")))


class Invitation(models.Model):
    """One function asked in one establishment. Without recipient, its post was vacant at the sending."""

    entry = models.ForeignKey(
        PopulationEntry, models.CASCADE, related_name="invitations", verbose_name="établissement sollicité"
    )
    function = models.CharField("fonction", max_length=30, choices=Function)
    recipient = models.ForeignKey(
        Recipient, models.CASCADE, null=True, related_name="invitations", verbose_name="personne sollicitée"
    )
    opened_at = models.DateTimeField("ouverte le", null=True)
    disowned_at = models.DateTimeField("« ce n’est pas mon établissement » le", null=True)
    disowned_note = models.CharField("précision", max_length=300, blank=True)

    progress: str  # these six by `with_progress`
    answer: int
    answer_number: int
    answered_at: datetime | None
    answered_by: str
    draft_saved_at: datetime | None

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "sollicitation d’une fonction"
        verbose_name_plural = "sollicitations des fonctions"
        constraints = [models.UniqueConstraint(fields=["entry", "function"], name="invitation_once")]

    def __str__(self) -> str:
        return f"{self.get_function_display()} · {self.entry}"

    @property
    def progress_label(self) -> str:
        """The French words of the annotated `progress`."""
        return Progress(self.progress).label


class Link(models.Model):
    """A personal link: its bearer answers for the recipient, or, when `invitation` is set, helps with that one only.

    The token is known to nobody but the bearer: its SHA-256 is kept.
    """

    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="links", verbose_name="personne sollicitée")
    token_hash = models.CharField("empreinte", max_length=64, unique=True, editable=False)
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, related_name="children", verbose_name="lien d’origine"
    )
    invitation = models.ForeignKey(
        Invitation, models.CASCADE, null=True, related_name="delegations", verbose_name="part confiée"
    )
    delegate_name = models.CharField("confiée à", max_length=120, blank=True)
    delegate_email = models.EmailField("adresse de cette personne", blank=True)
    created_at = models.DateTimeField("créé le", default=timezone.now, editable=False)
    expires_at = models.DateTimeField("valable jusqu’au", null=True)
    revoked_at = models.DateTimeField("retiré le", null=True)

    class Meta:
        verbose_name = "lien personnel"
        verbose_name_plural = "liens personnels"
        constraints = [
            models.CheckConstraint(
                condition=Q(parent__isnull=True, invitation__isnull=True)
                | Q(parent__isnull=False, invitation__isnull=False),
                name="link_child_is_narrower",
            )
        ]

    def __str__(self) -> str:
        return f"Lien de {self.delegate_name or self.recipient}"

    @property
    def may_submit(self) -> bool:
        """A delegate prepares; only the function asked submits."""
        return self.parent_id is None

    @property
    def bearer(self) -> str:
        """For whom the link is, as the page says it."""
        return self.delegate_name or self.recipient.name or self.recipient.email


class Solicitation(models.Model):
    """One mail to one person for one campaign: what the cap over all campaigns counts."""

    academy = models.ForeignKey("deployment.Academy", models.PROTECT, related_name="+", verbose_name="académie")
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="solicitations", verbose_name="enquête")
    recipient = models.ForeignKey(
        Recipient, models.CASCADE, related_name="solicitations", verbose_name="personne sollicitée"
    )
    email = models.EmailField("adresse électronique")
    kind = models.CharField("nature", max_length=10, choices=SolicitationKind)
    at = models.DateTimeField("le", default=timezone.now)
    mail_key = models.CharField("clé du message", max_length=200, unique=True)
    is_written = models.BooleanField("message rédigé", default=True)
    job = models.ForeignKey(
        "accounts.Job", models.SET_NULL, null=True, related_name="+", verbose_name="traitement qui rédige le message"
    )
    override_reason = models.CharField("motif du dépassement", max_length=300, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="auteur"
    )

    class Meta:
        verbose_name = "message d’enquête"
        verbose_name_plural = "messages d’enquête"
        indexes = [models.Index(fields=["academy", "email", "at"], name="solicitations_of_a_person")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.email}"


def new_token() -> str:
    """256 random bits, 43 characters."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_token(token: str) -> str:
    """What is kept of a token. A lone surrogate, which no token holds, must not crash."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
