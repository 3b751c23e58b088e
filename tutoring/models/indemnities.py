"""Tables of the indemnities: what was attested, what was corrected, and the statements that pay it, each once."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.rights import Right
from tutoring.models.calls import TutorCall
from tutoring.models.tutors import Tutor
from tutoring.school_years import SchoolYear


class IndemnityQuerySet(models.QuerySet["Indemnity"]):
    def for_user(self, user: User, right: Right, academy: str) -> IndemnityQuerySet:
        """Indemnities of that académie, if the person holds the right there."""
        return self.filter(tutor__academy__slug=academy) if user.may(right, academy) else self.none()


class Indemnity(models.Model):
    """What one tutor is owed for one establishment and one school year, as attested. Append-only: it is corrected.

    `periods` are the days that were attested, by sphere: [first, last] included. `reason` tells why it was attested
    without a confirmed visit.
    """

    tutor = models.ForeignKey(Tutor, models.PROTECT, related_name="indemnities", verbose_name="tuteur")
    establishment = models.ForeignKey(
        "deployment.Establishment", models.PROTECT, related_name="+", verbose_name="établissement tutoré"
    )
    school_year = models.PositiveSmallIntegerField("année scolaire (première année civile)")
    call = models.ForeignKey(TutorCall, models.PROTECT, related_name="+", verbose_name="appel qui fixe le taux")
    rate = models.DecimalField("taux (€)", max_digits=8, decimal_places=2)
    days = models.PositiveSmallIntegerField("jours de tutorat")
    amount = models.DecimalField("montant (€)", max_digits=8, decimal_places=2)
    periods = models.JSONField("périodes", default=dict)
    confirmed_visits = models.PositiveSmallIntegerField("visites confirmées")
    reason = models.CharField("motif sans visite confirmée", max_length=300, blank=True)
    attested_at = models.DateTimeField("attestée le", default=timezone.now)
    attested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="attestée par"
    )

    objects = IndemnityQuerySet.as_manager()

    class Meta:
        verbose_name = "indemnité"
        verbose_name_plural = "indemnités"
        ordering = ["school_year", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["tutor", "establishment", "school_year"], name="indemnity_once"),
            models.CheckConstraint(condition=Q(amount__gte=0, amount__lte=F("rate")), name="indemnity_within_rate"),
            models.CheckConstraint(condition=Q(confirmed_visits__gt=0) | ~Q(reason=""), name="indemnity_has_a_ground"),
        ]

    def __str__(self) -> str:
        return f"{self.tutor}, {self.establishment.name}, {self.year}"

    @property
    def year(self) -> SchoolYear:
        return SchoolYear(self.school_year)


class IndemnityCorrection(models.Model):
    """What has to be added to an attested indemnity, or taken back, once its days turn out to be others. Append-only.

    `days` and `periods` are the new ones; `amount` is the difference to what was owed before, signed.
    """

    indemnity = models.ForeignKey(Indemnity, models.PROTECT, related_name="corrections", verbose_name="indemnité")
    number = models.PositiveSmallIntegerField("rang")
    days = models.PositiveSmallIntegerField("jours de tutorat")
    periods = models.JSONField("périodes", default=dict)
    amount = models.DecimalField("différence (€)", max_digits=8, decimal_places=2)
    reason = models.CharField("motif", max_length=300)
    at = models.DateTimeField("le", default=timezone.now)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="auteur"
    )

    class Meta:
        verbose_name = "correction d’indemnité"
        verbose_name_plural = "corrections d’indemnités"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["indemnity", "number"], name="indemnity_correction_once"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} € · {self.indemnity}"


class PaymentStatementQuerySet(models.QuerySet["PaymentStatement"]):
    def for_user(self, user: User, right: Right, academy: str) -> PaymentStatementQuerySet:
        """Statements of that académie, if the person holds the right there."""
        return self.filter(academy__slug=academy) if user.may(right, academy) else self.none()


class PaymentStatement(models.Model):
    """« État de paiement » : numbered lines sent to the payroll in one go. `sha256` is that of its XLSX file."""

    academy = models.ForeignKey("deployment.Academy", models.PROTECT, related_name="+", verbose_name="académie")
    number = models.PositiveIntegerField("numéro")
    made_at = models.DateTimeField("arrêté le", default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="arrêté par"
    )
    sha256 = models.CharField("empreinte", max_length=64)
    paid_on = models.DateField("payé le", null=True)
    paid_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="paiement noté par"
    )

    objects = PaymentStatementQuerySet.as_manager()

    class Meta:
        verbose_name = "état de paiement"
        verbose_name_plural = "états de paiement"
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["academy", "number"], name="payment_statement_number_once")]

    def __str__(self) -> str:
        return f"État de paiement n° {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("tutoring:statement_detail", args=[self.academy.slug, self.pk])


class PaymentLine(models.Model):
    """One line of a statement: an indemnity, or one correction of it, each paid once. Append-only.

    The words are those of the day the statement was made: its file is drawn from them alone.
    """

    statement = models.ForeignKey(PaymentStatement, models.PROTECT, related_name="lines", verbose_name="état")
    position = models.PositiveSmallIntegerField("rang")
    indemnity = models.ForeignKey(Indemnity, models.PROTECT, related_name="lines", verbose_name="indemnité")
    correction = models.OneToOneField(
        IndemnityCorrection, models.PROTECT, null=True, related_name="line", verbose_name="correction"
    )
    tutor_name = models.CharField("tuteur", max_length=120)
    tutor_home = models.CharField("affectation du tuteur", max_length=200, blank=True)
    uai = models.CharField("UAI tutoré", max_length=8)
    establishment_name = models.CharField("établissement tutoré", max_length=160)
    days = models.PositiveSmallIntegerField("jours")
    rate = models.DecimalField("taux (€)", max_digits=8, decimal_places=2)
    amount = models.DecimalField("montant (€)", max_digits=8, decimal_places=2, default=Decimal("0"))
    reason = models.CharField("motif", max_length=300, blank=True)

    class Meta:
        verbose_name = "ligne de paiement"
        verbose_name_plural = "lignes de paiement"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["indemnity"], condition=Q(correction=None), name="indemnity_paid_once"),
            models.UniqueConstraint(fields=["statement", "position"], name="payment_line_once"),
        ]

    def __str__(self) -> str:
        return f"{self.statement} · {self.tutor_name}, {self.establishment_name}"
