"""Outgoing mail: the rows that are its queue, the relay that carries it, the switch that holds it back."""

from __future__ import annotations

import uuid
from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from accounts import leases
from accounts.choices import MailState
from accounts.models.people import User
from accounts.rights import Right
from accounts.words import normalise

SHARE_AT_ONCE = 0.1  # of what the relay allows in its period
SHARE_OVER_TIME = 0.8  # the rest is kept for mails that take longer than others to arrive


def new_message_id() -> str:
    """Made once, with the row: a mail sent twice is seen as one by mailboxes that compare."""
    return f"<{uuid.uuid4()}@{parseaddr(settings.MAIL_FROM)[1].rpartition('@')[2]}>"


class OutgoingEmailQuerySet(models.QuerySet["OutgoingEmail"]):
    def for_user(self, user: User, right: Right, academy: str) -> OutgoingEmailQuerySet:
        """Mails of that académie, if the person holds the right there."""
        return self.filter(academy=academy) if user.may(right, academy) else self.none()

    def due(self, now: datetime) -> OutgoingEmailQuerySet:
        """To be sent, their time come, their académie not paused."""
        paused = MailSwitch.objects.filter(is_paused=True).values("academy")
        return self.filter(state=MailState.QUEUED, not_before__lte=now).exclude(academy__in=paused)

    def naming(self, text: str) -> OutgoingEmailQuerySet:
        """Every word of the text is in the subject, an address or the batch; accents and case do not count."""
        rows = self
        for word in normalise(text).split():
            rows = rows.filter(search_text__contains=word)
        return rows


class OutgoingEmail(models.Model):
    """One mail to one person, frozen as it will leave. `key` is the caller's: the same mail is never queued twice."""

    academy = models.SlugField("académie", max_length=40, blank=True)
    key = models.CharField("clé", max_length=200)
    template = models.CharField("modèle", max_length=120)
    batch = models.CharField("lot", max_length=160, blank=True)
    to = models.CharField("destinataire", max_length=320)
    cc = models.TextField("copie (une adresse par ligne)", blank=True)
    reply_to = models.CharField("répondre à", max_length=320, blank=True)
    subject = models.CharField("objet", max_length=250)
    text = models.TextField("texte", blank=True)
    html = models.TextField("HTML, sans mise en forme", blank=True)
    secret = models.TextField("lien personnel", blank=True)
    search_text = models.TextField("texte cherché", editable=False)
    message_id = models.CharField("Message-ID", max_length=200, unique=True, default=new_message_id, editable=False)
    state = models.CharField("état", max_length=9, choices=MailState, default=MailState.QUEUED)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    fence = models.PositiveIntegerField("jeton de clôture", default=0)
    not_before = models.DateTimeField("pas avant", default=timezone.now)
    answer = models.TextField("réponse du relais", blank=True)
    refused_cc = models.TextField("copies refusées", blank=True)
    error = models.TextField("erreur", blank=True)
    created_at = models.DateTimeField("écrit le", default=timezone.now, editable=False)
    queued_at = models.DateTimeField("remis à l’envoi le", null=True)
    tried_at = models.DateTimeField("dernier essai le", null=True)
    sent_at = models.DateTimeField("envoyé le", null=True)

    objects = OutgoingEmailQuerySet.as_manager()

    class Meta:
        verbose_name = "message"
        verbose_name_plural = "messages"
        constraints = [models.UniqueConstraint(fields=["academy", "key"], name="mail_once")]
        indexes = [
            models.Index(fields=["state", "not_before"], name="mail_queue"),
            models.Index(fields=["academy", "-created_at"], name="mail_by_academy"),
        ]

    def __str__(self) -> str:
        return f"« {self.subject} » à {self.to}"

    def get_absolute_url(self) -> str:
        return reverse("accounts:mail_detail", args=[self.academy, self.pk])

    @property
    def copies(self) -> list[str]:
        return self.cc.splitlines()

    @property
    def is_erased(self) -> bool:
        """Its words are gone: only that it was sent is kept."""
        return not self.text


class MailSwitch(models.Model):
    """Whether an académie holds its mails back. No row: it does not."""

    academy = models.SlugField("académie", max_length=40, unique=True)
    is_paused = models.BooleanField("envois suspendus", default=False)
    changed_at = models.DateTimeField("modifié le", default=timezone.now)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="modifié par"
    )

    class Meta:
        verbose_name = "suspension des envois"
        verbose_name_plural = "suspensions des envois"

    def __str__(self) -> str:
        return f"{self.academy} · {'envois suspendus' if self.is_paused else 'envois ouverts'}"


class MailRelay(models.Model):
    """The one relay of the installation: who is talking to it, how fast, and since when it is out of order."""

    ONLY = 1

    holder = models.CharField("processus", max_length=80, blank=True)
    fence = models.PositiveIntegerField("jeton de clôture", default=0)
    leased_until = models.DateTimeField("bail jusqu’à", null=True)
    tokens = models.FloatField("envois permis tout de suite", default=0)
    refilled_at = models.DateTimeField("compté le", null=True)
    failures = models.PositiveIntegerField("pannes de suite", default=0)
    retry_at = models.DateTimeField("prochain essai le", null=True)
    error = models.TextField("panne", blank=True)

    class Meta:
        verbose_name = "relais de messagerie"
        verbose_name_plural = "relais de messagerie"

    def __str__(self) -> str:
        return "Relais de messagerie"

    def is_held(self, now: datetime) -> bool:
        """Whether a process is sending, and has given a sign of life."""
        return self.leased_until is not None and self.leased_until > now and not leases.is_gone(self.holder)

    def is_resting(self, now: datetime) -> bool:
        """Whether it is out of order and it is too early to try again."""
        return self.retry_at is not None and self.retry_at > now

    def allowance(self, now: datetime) -> float:
        """How many mails may leave at once.

        A tenth of what is allowed at most, then eight tenths over each period: in no period is it ever exceeded.
        """
        allowed, period = settings.MAIL_RATE_COUNT, settings.MAIL_RATE_SECONDS
        most = max(1.0, allowed * SHARE_AT_ONCE)
        if self.refilled_at is None:
            return most
        elapsed = max(0.0, (now - self.refilled_at).total_seconds())
        return min(most, self.tokens + elapsed * allowed * SHARE_OVER_TIME / period)

    def take_token(self, now: datetime) -> bool:
        """Count one mail against what the relay allows; False when it must wait. The caller saves."""
        self.tokens, self.refilled_at = self.allowance(now), now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True
