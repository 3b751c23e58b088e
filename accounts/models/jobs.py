"""The queue of background jobs."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.choices import JobState
from accounts.models.people import User
from accounts.rights import Right


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
