"""Accounting agencies, and which establishment belongs to which, from when."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from deployment.models.register import RegisterEntry, RegisterQuerySet


class AccountingAgency(models.Model):
    """A grouping of establishments whose accounts one accountant keeps, named after its seat (art. R. 421-62)."""

    academy = models.ForeignKey("deployment.Academy", models.PROTECT, related_name="agencies", verbose_name="académie")
    seat = models.OneToOneField(
        "deployment.Establishment", models.PROTECT, related_name="seated_agency", verbose_name="établissement siège"
    )

    class Meta:
        verbose_name = "agence comptable"
        verbose_name_plural = "agences comptables"

    def __str__(self) -> str:
        return f"Agence comptable {self.seat.name}"


class AgencyMembership(RegisterEntry):
    """From a day on, this establishment belongs to this agency; no agency means that it left one. Append-only."""

    establishment = models.ForeignKey(
        "deployment.Establishment", models.PROTECT, related_name="memberships", verbose_name="établissement"
    )
    agency = models.ForeignKey(
        AccountingAgency, models.PROTECT, null=True, related_name="memberships", verbose_name="agence comptable"
    )

    objects: ClassVar[RegisterQuerySet[AgencyMembership]] = RegisterQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "rattachement"
        verbose_name_plural = "rattachements"
        indexes = [RegisterEntry.index("establishment", "membership_in_force")]

    def __str__(self) -> str:
        return f"{self.establishment} → {self.agency or 'aucune agence'} à compter du {self.effective_on:%d/%m/%Y}"
