"""The register of the difficulty that the users of each establishment meet."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from deployment.models.register import RegisterEntry, RegisterQuerySet
from tutoring.choices.work import DifficultyLevel


class Difficulty(RegisterEntry):
    """From a day on, the users of this establishment are at this level. Append-only."""

    establishment = models.ForeignKey(
        "deployment.Establishment", models.PROTECT, related_name="difficulties", verbose_name="établissement"
    )
    level = models.PositiveSmallIntegerField("niveau de difficulté", choices=DifficultyLevel)

    objects: ClassVar[RegisterQuerySet[Difficulty]] = RegisterQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "niveau de difficulté"
        verbose_name_plural = "niveaux de difficulté"
        indexes = [RegisterEntry.index("establishment", "difficulty_in_force")]
        constraints = [
            models.CheckConstraint(condition=Q(level__in=DifficultyLevel.values), name="difficulty_known_level")
        ]

    def __str__(self) -> str:
        return f"{self.establishment} : {self.get_level_display()} à compter du {self.effective_on:%d/%m/%Y}"
