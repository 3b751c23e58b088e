"""Posts: who holds which function in an establishment, from when, and which are vacant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from deployment.choices import AGENCY_FUNCTIONS, Function
from deployment.models.agencies import AgencyMembership
from deployment.models.register import RegisterEntry, RegisterQuerySet
from deployment.models.territory import Academy


class Post(models.Model):
    """One function in one establishment. Several persons may share one (deputies): `number` tells the posts apart."""

    establishment = models.ForeignKey(
        "deployment.Establishment", models.PROTECT, related_name="posts", verbose_name="établissement"
    )
    function = models.CharField("fonction", max_length=30, choices=Function)
    number = models.PositiveSmallIntegerField("numéro", default=1)

    class Meta:
        verbose_name = "poste"
        verbose_name_plural = "postes"
        constraints = [
            models.UniqueConstraint(fields=["establishment", "function", "number"], name="post_once"),
            models.CheckConstraint(condition=Q(function__in=Function.values), name="post_known_function"),
        ]

    def __str__(self) -> str:
        return f"{self.get_function_display()} · {self.establishment}"

    @property
    def key(self) -> tuple[int, Function, int]:
        """What makes it that post and no other."""
        return self.establishment_id, Function(self.function), self.number


@dataclass(frozen=True)
class Holder:
    """Who holds a post on a day; a vacant post has neither name nor address. `number` is the post's."""

    name: str
    email: str
    number: int = field(default=1, compare=False)

    @property
    def is_vacant(self) -> bool:
        return not self.name


class PostHoldingQuerySet(RegisterQuerySet["PostHolding"]):
    def holders(
        self, establishments: Iterable[int], on: date, known_at: datetime | None = None
    ) -> dict[int, dict[Function, list[Holder]]]:
        """For each establishment (keys are theirs), who holds which function on that day, in two queries.

        The accountant and the deputies of an establishment are those of the seat of its agency. A function of which
        the register says nothing is absent; a vacant post is told by a holder without a name.
        """
        asked = set(establishments)
        memberships = AgencyMembership.objects.filter(establishment__in=asked).in_force(on, known_at)
        seats = dict(memberships.values_list("establishment_id", "agency__seat_id"))
        rows = self.filter(post__establishment__in=asked | {seat for seat in seats.values() if seat})
        own: dict[int, dict[Function, list[Holder]]] = {}
        of_agency: dict[int | None, dict[Function, list[Holder]]] = {}
        read = ("post__establishment", "post__function", "post__number", "name", "email", "is_withdrawn")
        in_order = rows.in_force(on, known_at).order_by("post__number").values_list(*read)
        for place, function, number, name, email, is_withdrawn in in_order:
            if not is_withdrawn:
                held = of_agency if function in AGENCY_FUNCTIONS else own
                held.setdefault(place, {}).setdefault(Function(function), []).append(Holder(name, email, number))
        return {key: {**own.get(key, {}), **of_agency.get(seats.get(key), {})} for key in asked}

    def accountants(self, academy: Academy, on: date, known_at: datetime | None = None) -> dict[str, Holder]:
        """Who holds each accountant's post on that day, by UAI of its establishment; one told vacant has no name."""
        rows = self.filter(post__establishment__academy=academy, post__function=Function.ACCOUNTANT)
        in_force = rows.in_force(on, known_at).select_related("post__establishment")
        return {row.post.establishment.uai: row.holder for row in in_force if row.holder}


class PostHolding(RegisterEntry):
    """From a day on, this person holds this post; no name means that it is vacant. Append-only.

    A withdrawn row says that the register knows nothing of the post any more: what it said was undone.
    """

    SUBJECT: ClassVar[str] = "post"

    post = models.ForeignKey(Post, models.PROTECT, related_name="holdings", verbose_name="poste")
    name = models.CharField("nom", max_length=120, blank=True)
    email = models.EmailField("adresse électronique", blank=True)
    is_withdrawn = models.BooleanField("retirée", default=False)

    objects: ClassVar[PostHoldingQuerySet] = PostHoldingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "prise de poste"
        verbose_name_plural = "prises de poste"
        indexes = [RegisterEntry.index("post", "post_holding_in_force")]
        constraints = [
            models.CheckConstraint(condition=~Q(name="") | Q(email=""), name="vacant_post_has_no_address"),
            models.CheckConstraint(condition=Q(is_withdrawn=False) | Q(name=""), name="withdrawn_post_has_no_name"),
        ]

    @property
    def holder(self) -> Holder | None:
        """Who holds the post by this row; None when the row withdraws what was said."""
        return None if self.is_withdrawn else Holder(self.name, self.email, self.post.number)

    def __str__(self) -> str:
        return f"{self.post} : {self.name or 'poste vacant'} à compter du {self.effective_on:%d/%m/%Y}"
