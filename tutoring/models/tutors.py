"""Tables of the tutors, of what has to be tutored, and the register of who tutors whom."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.rights import Right
from deployment.choices import Sphere
from deployment.models.register import RegisterEntry, RegisterQuerySet
from tutoring.choices.candidates import TutorFunction
from tutoring.models.applications import Application


class TutorQuerySet(models.QuerySet["Tutor"]):
    def for_user(self, user: User, right: Right, academy: str) -> TutorQuerySet:
        """Tutors of that académie, if the person holds the right there."""
        return self.filter(academy__slug=academy) if user.may(right, academy) else self.none()


class Tutor(models.Model):
    """A person accepted as tutor, with what they offer. `reach_km` is the farthest they go."""

    academy = models.ForeignKey("deployment.Academy", models.PROTECT, related_name="tutors", verbose_name="académie")
    application = models.OneToOneField(
        Application, models.PROTECT, null=True, related_name="tutor", verbose_name="candidature"
    )
    name = models.CharField("nom", max_length=120)
    email = models.EmailField("adresse électronique", blank=True)
    function = models.CharField("fonction", max_length=30, choices=TutorFunction, blank=True)
    establishment = models.ForeignKey(
        "deployment.Establishment", models.PROTECT, null=True, related_name="+", verbose_name="établissement"
    )
    home_academy = models.CharField(
        "autre académie d’origine", max_length=60, blank=True, help_text="Pour un tuteur venu d’une autre académie."
    )
    spheres = models.JSONField("sphères", default=list)
    capacity = models.PositiveSmallIntegerField("tutorats acceptés", default=1)
    reach_km = models.PositiveSmallIntegerField("distance acceptée (km)", default=80)
    available_from = models.DateField("disponible à compter du", null=True, blank=True)
    remote_training_on = models.DateField("formé à la prise en main à distance le", null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="compte"
    )
    ended_on = models.DateField("fin de mission", null=True, blank=True)

    load: int  # by the page that lists them

    objects = TutorQuerySet.as_manager()

    class Meta:
        verbose_name = "tuteur"
        verbose_name_plural = "tuteurs"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["academy", "user"], name="tutor_one_account", condition=Q(ended_on=None))
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("tutoring:tutor_detail", args=[self.academy.slug, self.pk])

    @property
    def sphere_labels(self) -> list[str]:
        return [str(Sphere(value).label) for value in self.spheres]

    def is_available(self, on: date) -> bool:
        """Whether the mission has begun by that day, and is not over."""
        has_begun = self.available_from is None or self.available_from <= on
        return has_begun and (self.ended_on is None or self.ended_on > on)

    @property
    def origin(self) -> str:
        """Where the person comes from, in words."""
        return self.home_academy or (self.establishment.name if self.establishment else "")


class TutoringNeed(models.Model):
    """One tutorship that can be provided: one agency, one sphere, for the establishments of one wave."""

    wave = models.ForeignKey("deployment.Wave", models.PROTECT, related_name="+", verbose_name="vague")
    agency = models.ForeignKey(
        "deployment.AccountingAgency", models.PROTECT, related_name="tutoring_needs", verbose_name="agence comptable"
    )
    sphere = models.CharField("sphère", max_length=10, choices=Sphere)

    class Meta:
        verbose_name = "besoin de tutorat"
        verbose_name_plural = "besoins de tutorat"
        constraints = [models.UniqueConstraint(fields=["wave", "agency", "sphere"], name="tutoring_need_once")]

    def __str__(self) -> str:
        return f"{self.agency} · {self.get_sphere_display()} · {self.wave}"

    @property
    def key(self) -> str:
        """How the matching names it; needs the seat of the agency."""
        return f"{self.agency.seat.uai}/{self.sphere}"


class Assignment(RegisterEntry):
    """From a day on, this tutor serves this need; no tutor means that nobody does any more. Append-only."""

    SUBJECT: ClassVar[str] = "need"

    need = models.ForeignKey(TutoringNeed, models.PROTECT, related_name="assignments", verbose_name="besoin")
    tutor = models.ForeignKey(Tutor, models.PROTECT, null=True, related_name="assignments", verbose_name="tuteur")

    objects: ClassVar[RegisterQuerySet[Assignment]] = RegisterQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "tutorat"
        verbose_name_plural = "tutorats"
        indexes = [RegisterEntry.index("need", "assignment_in_force")]

    def __str__(self) -> str:
        return f"{self.need} → {self.tutor or 'personne'} à compter du {self.effective_on:%d/%m/%Y}"


class Proposal(models.Model):
    """What the solver proposed last for a wave, on what it was asked: a person accepts, changes or locks."""

    wave = models.OneToOneField("deployment.Wave", models.PROTECT, related_name="+", verbose_name="vague")
    pairs = models.JSONField("paires", default=dict)
    locked = models.JSONField("paires verrouillées", default=dict)
    made_at = models.DateTimeField("calculée le", default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="calculée par"
    )

    class Meta:
        verbose_name = "proposition d’appariement"
        verbose_name_plural = "propositions d’appariement"

    def __str__(self) -> str:
        return f"Appariement de {self.wave}"
