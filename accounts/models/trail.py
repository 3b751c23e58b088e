"""The trail of what was done, seen and exported."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


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
