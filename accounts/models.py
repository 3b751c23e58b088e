"""People, what they may do, the trail of what was done, and the queue of background jobs."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone

from accounts.choices import JobState, Role
from accounts.rights import EVERYWHERE, Right, Scopes

RESERVED_DOMAINS = (".example", ".invalid", ".test")


class UserManager(BaseUserManager["User"]):
    """Django's sign-in asks a manager for these names."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def invented(self) -> models.QuerySet[User]:
        """Persons whose address can be nobody's (RFC 2606): those of the demonstration and of tests."""
        reserved = models.Q()
        for domain in RESERVED_DOMAINS:
            reserved |= models.Q(email__endswith=domain)
        return self.filter(reserved, is_active=True).order_by("pk")


class User(AbstractBaseUser):
    """A person who signs in. What they may do is in their grants, never on this row."""

    email = models.EmailField("adresse électronique", unique=True)
    first_name = models.CharField("prénom", max_length=80)
    last_name = models.CharField("nom", max_length=80)
    is_active = models.BooleanField("actif", default=True)
    created_at = models.DateTimeField("créé le", default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "personne"
        verbose_name_plural = "personnes"

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email

    @cached_property
    def held_grants(self) -> list[Grant]:
        """One query a request, whatever the number of `may()`."""
        return list(self.grants.all())

    @property
    def academies(self) -> list[str]:
        """Slugs of the académies where this person holds at least one role, in alphabetical order."""
        return sorted({grant.academy for grant in self.held_grants})

    def scopes(self, right: Right, academy: str) -> Scopes:
        """UAIs over which this person holds the right in that académie; `EVERYWHERE` if a grant has no scope."""
        scopes = {g.scope for g in self.held_grants if g.academy == academy and g.role in right.roles}
        return EVERYWHERE if "" in scopes else frozenset(scopes)

    def may(self, right: Right, academy: str) -> bool:
        """Whether at least one grant in that académie gives the right."""
        return bool(self.scopes(right, academy))


class Grant(models.Model):
    """One person holds one role in one académie, over one establishment (`scope` is its UAI) or all (empty)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="grants", verbose_name="personne")
    role = models.CharField("rôle", max_length=12, choices=Role)
    academy = models.SlugField("académie", max_length=40)
    scope = models.CharField("périmètre (UAI)", max_length=8, blank=True)
    created_at = models.DateTimeField("accordé le", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "habilitation"
        verbose_name_plural = "habilitations"
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "academy", "scope"], name="grant_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="grant_known_role"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.academy}{' · ' + self.scope if self.scope else ''}"


class AuditEntry(models.Model):
    """Who did, saw or exported what, when, why and from where. Append-only: a database trigger refuses the rest."""

    at = models.DateTimeField("le", default=timezone.now, editable=False, db_index=True)
    academy = models.SlugField("académie", max_length=40, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="auteur"
    )
    act = models.CharField("acte", max_length=80)
    target = models.CharField("objet", max_length=200)
    details = models.JSONField("précisions", default=dict)

    class Meta:
        verbose_name = "trace"
        verbose_name_plural = "traces"
        indexes = [models.Index(fields=["academy", "-at"], name="audit_by_academy")]

    def __str__(self) -> str:
        return f"{self.at:%d/%m/%Y %H:%M} {self.act} {self.target}"


class JobQuerySet(models.QuerySet["Job"]):
    def claimable(self, now: datetime) -> JobQuerySet:
        """Waiting jobs whose time has come."""
        return self.filter(state=JobState.WAITING, not_before__lte=now)

    def unheard(self, now: datetime, after: timedelta) -> JobQuerySet:
        """Claimable jobs that no worker was told of, or told so long ago that the broker must have lost the message."""
        stale = models.Q(published_at=None) | models.Q(published_at__lt=now - after)
        return self.claimable(now).filter(stale).order_by("pk")

    def for_user(self, user: User, right: Right, academy: str) -> JobQuerySet:
        """Jobs of that académie, if the person holds the right there."""
        return self.filter(academy=academy) if user.may(right, academy) else self.none()


class Job(models.Model):
    """A background act. The row is the queue: the broker only wakes a worker, and a sweeper re-publishes."""

    task = models.CharField("tâche Celery", max_length=100)
    label = models.CharField("intitulé", max_length=200)
    academy = models.SlugField("académie", max_length=40)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="demandé par"
    )
    parameters = models.JSONField("paramètres", default=dict)
    state = models.CharField("état", max_length=8, choices=JobState, default=JobState.WAITING)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    fence = models.PositiveIntegerField("jeton de clôture", default=0)
    leased_until = models.DateTimeField("bail jusqu’à", null=True)
    holder = models.CharField("processus", max_length=80, blank=True)
    published_at = models.DateTimeField("annoncé le", null=True)
    not_before = models.DateTimeField("pas avant", default=timezone.now)
    progress_done = models.PositiveIntegerField("étapes faites", default=0)
    progress_total = models.PositiveIntegerField("étapes en tout", default=0)
    progress_label = models.CharField("étape", max_length=200, blank=True)
    error = models.TextField("erreur", blank=True)
    created_at = models.DateTimeField("demandé le", default=timezone.now, editable=False)
    started_at = models.DateTimeField("commencé le", null=True)
    finished_at = models.DateTimeField("terminé le", null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = "traitement"
        verbose_name_plural = "traitements"
        indexes = [models.Index(fields=["state", "not_before"], name="job_queue")]

    def __str__(self) -> str:
        return self.label

    @property
    def is_over(self) -> bool:
        return self.state in (JobState.DONE, JobState.FAILED)

    @property
    def percent(self) -> int:
        """Progress from 0 to 100."""
        if self.state == JobState.DONE:
            return 100
        return round(100 * self.progress_done / self.progress_total) if self.progress_total else 0
