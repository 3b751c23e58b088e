"""Files taken in: what each changed, and what is needed to undo it."""

from __future__ import annotations

import uuid
from datetime import date

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from deployment.choices import ImportKind, ImportState

SAID = {
    "decided_on": "Décision du",
    "effective_on": "À compter du",
    "reason": "Motif",
    "decision_reference": "Référence de la décision",
}
SAID_DAYS = ("decided_on", "effective_on")


class ImportBatch(models.Model):
    """One file: previewed, confirmed in one transaction, perhaps undone. `operation` marks its register rows."""

    academy = models.ForeignKey("deployment.Academy", models.PROTECT, related_name="imports", verbose_name="académie")
    kind = models.CharField("nature", max_length=14, choices=ImportKind)
    state = models.CharField("état", max_length=9, choices=ImportState, default=ImportState.PREVIEWED)
    file_name = models.CharField("fichier", max_length=160)
    sha256 = models.CharField("empreinte SHA-256", max_length=64, db_index=True)
    stored_as = models.CharField("copie", max_length=80, blank=True)
    parameters = models.JSONField("paramètres", default=dict)
    report = models.JSONField("compte rendu", default=dict)
    operation = models.UUIDField("opération", default=uuid.uuid4, editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="auteur"
    )
    created_at = models.DateTimeField("déposé le", default=timezone.now, editable=False)
    confirmed_at = models.DateTimeField("importé le", null=True)
    undone_at = models.DateTimeField("annulé le", null=True)

    class Meta:
        verbose_name = "importation"
        verbose_name_plural = "importations"
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.file_name}"

    def get_absolute_url(self) -> str:
        return reverse("deployment:import_detail", args=[self.academy.slug, self.pk])

    @property
    def said(self) -> list[tuple[str, str]]:
        """What was said with the file, in words for a screen."""
        given = {name: self.parameters.get(name) or "" for name in SAID}
        days = {name: f"{date.fromisoformat(given[name]):%d/%m/%Y}" for name in SAID_DAYS if given[name]}
        return [(label, {**given, **days}[name]) for name, label in SAID.items() if given[name]]


class ImportChange(models.Model):
    """One row that an import added (`before` is null) or changed, so that the import can be undone while untouched."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="changes", verbose_name="importation")
    key = models.CharField("clé", max_length=60)
    before = models.JSONField("avant", null=True)
    after = models.JSONField("après")

    class Meta:
        verbose_name = "modification importée"
        verbose_name_plural = "modifications importées"
        constraints = [models.UniqueConstraint(fields=["batch", "key"], name="import_change_once")]

    def __str__(self) -> str:
        return f"{self.batch_id} · {self.key}"
