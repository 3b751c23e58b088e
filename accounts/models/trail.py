"""The trail of what was done, seen and exported."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.choices import AuditKind
from accounts.models.people import User
from accounts.rights import Right
from accounts.words import normalise


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def for_user(self, user: User, right: Right, academy: str) -> AuditEntryQuerySet:
        """What concerns that académie: its own lines, and what its people do outside any (signing in)."""
        if not user.may(right, academy):
            return self.none()
        of_its_people = models.Q(academy="", actor__in=User.objects.filter(grants__academy=academy))
        return self.filter(models.Q(academy=academy) | of_its_people)

    def containing(self, text: str) -> AuditEntryQuerySet:
        """Lines in which every word is found, whatever the case and the accents."""
        rows = self
        for word in normalise(text).split():
            rows = rows.filter(search_text__contains=word)
        return rows


class AuditEntry(models.Model):
    """Who did, saw or exported what, when, why and from where. Append-only: a database trigger refuses the rest."""

    at = models.DateTimeField("le", default=timezone.now, editable=False, db_index=True)
    academy = models.SlugField("académie", max_length=40, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="auteur"
    )
    kind = models.CharField("nature", max_length=8, choices=AuditKind, default=AuditKind.DONE)
    act = models.CharField("acte", max_length=80)
    target = models.CharField("objet", max_length=200)
    details = models.JSONField("précisions", default=dict)
    origin = models.GenericIPAddressField("depuis", null=True)
    search_text = models.TextField("texte de recherche", editable=False)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "trace"
        verbose_name_plural = "traces"
        indexes = [models.Index(fields=["academy", "-at"], name="audit_by_academy")]

    def __str__(self) -> str:
        return f"{self.at:%d/%m/%Y %H:%M} {self.act} {self.target}"
