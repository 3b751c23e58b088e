"""Table of the rules that an académie follows in its tutoring."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tutoring.choices.candidates import NeedRule


class TutoringRules(models.Model):
    """How one académie counts its needs; without a row, one tutor of each sphere an agency."""

    academy = models.OneToOneField(
        "deployment.Academy", models.PROTECT, related_name="tutoring_rules", verbose_name="académie"
    )
    need_rule = models.CharField("décompte des besoins", max_length=10, choices=NeedRule, default=NeedRule.AGENCY)

    class Meta:
        verbose_name = "règles de tutorat"
        verbose_name_plural = "règles de tutorat"
        constraints = [models.CheckConstraint(condition=Q(need_rule__in=NeedRule.values), name="known_need_rule")]

    def __str__(self) -> str:
        return f"Règles de tutorat · {self.academy}"
