"""Waves, their dated states, and the register of wave moves."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse

from deployment.choices import WaveStatus
from deployment.models.register import RegisterEntry, RegisterQuerySet, first_value


class WaveQuerySet(models.QuerySet["Wave"]):
    def with_state(self, on: date, known_at: datetime | None = None) -> WaveQuerySet:
        """Annotate `status`, `cutover_on` and `legal_basis` in force on that day; None before the wave exists."""
        states = WaveState.objects.up_to(on, known_at)
        return self.annotate(
            **{name: first_value(states, "wave", name) for name in ("status", "cutover_on", "legal_basis")}
        )

    def in_status(self, *statuses: WaveStatus) -> WaveQuerySet:
        """Among waves `with_state`, those that have one of these statuses."""
        return self.filter(Q(("status__in", statuses)))


class Wave(models.Model):
    """A group of establishments that cut over on one date. Date, status and legal basis are in `WaveState`."""

    academy = models.ForeignKey("deployment.Academy", models.PROTECT, related_name="waves", verbose_name="académie")
    code = models.CharField("code", max_length=10)
    rank = models.PositiveSmallIntegerField("rang")

    status: str | None  # these three by `with_state`
    cutover_on: date | None
    legal_basis: str | None

    objects = WaveQuerySet.as_manager()

    class Meta:
        verbose_name = "vague"
        verbose_name_plural = "vagues"
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(fields=["academy", "code"], name="wave_code_once"),
            models.UniqueConstraint(fields=["academy", "rank"], name="wave_rank_once"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def status_label(self) -> str:
        """The French word of the annotated `status`; « Pas encore ouverte » before the wave exists."""
        return WaveStatus(self.status).label if self.status else "Pas encore ouverte"

    def get_absolute_url(self) -> str:
        return reverse("deployment:wave_detail", args=[self.academy.slug, self.code])


class WaveState(RegisterEntry):
    """From a day on, this wave has this status, this planned cutover date and this legal basis. Append-only."""

    SUBJECT: ClassVar[str] = "wave"

    wave = models.ForeignKey(Wave, models.PROTECT, related_name="states", verbose_name="vague")
    status = models.CharField("statut", max_length=9, choices=WaveStatus)
    cutover_on = models.DateField("bascule prévue le", null=True)
    legal_basis = models.CharField("fondement", max_length=200, blank=True)

    objects: ClassVar[RegisterQuerySet[WaveState]] = RegisterQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "état de vague"
        verbose_name_plural = "états de vague"
        indexes = [RegisterEntry.index("wave", "wave_state_in_force")]
        constraints = [models.CheckConstraint(condition=Q(status__in=WaveStatus.values), name="wave_known_status")]

    def __str__(self) -> str:
        return f"{self.wave} · {self.get_status_display()} à compter du {self.effective_on:%d/%m/%Y}"


class WaveMove(RegisterEntry):
    """From a day on, this establishment is in this wave; no wave means that it left the deployment. Append-only."""

    establishment = models.ForeignKey(
        "deployment.Establishment", models.PROTECT, related_name="wave_moves", verbose_name="établissement"
    )
    wave = models.ForeignKey(Wave, models.PROTECT, null=True, related_name="moves", verbose_name="vague")

    objects: ClassVar[RegisterQuerySet[WaveMove]] = RegisterQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "mouvement de vague"
        verbose_name_plural = "mouvements de vague"
        indexes = [RegisterEntry.index("establishment", "wave_move_in_force")]

    def __str__(self) -> str:
        return f"{self.establishment} → {self.wave or 'hors déploiement'} à compter du {self.effective_on:%d/%m/%Y}"
