"""How often a door was tried."""

from django.db import models


class AttemptCount(models.Model):
    """Tries of one kind by one account or from one address, since the first of a window. See accounts/limits.py."""

    key = models.CharField("clé", max_length=80, unique=True)
    count = models.PositiveIntegerField("essais")
    ends_at = models.PositiveBigIntegerField("fin (secondes depuis 1970)", db_index=True)

    class Meta:
        verbose_name = "compte d’essais"
        verbose_name_plural = "comptes d’essais"

    def __str__(self) -> str:
        return f"{self.key} · {self.count}"
