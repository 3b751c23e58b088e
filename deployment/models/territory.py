"""Académies and their establishments."""

from __future__ import annotations

from datetime import date, datetime

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.rights import EVERYWHERE, Right
from accounts.words import normalise
from deployment.choices import GretaRule, Kind, OpeningStatus
from deployment.filters import NONE_OF_THEM, EstablishmentFilters
from deployment.models.agencies import AgencyMembership
from deployment.models.register import first_value
from deployment.models.waves import WaveMove
from figures.french import of_name


class Academy(models.Model):
    """One of the thirty académies, with the words and rules that are its own."""

    slug = models.SlugField("identifiant", max_length=40, unique=True)
    label = models.CharField("libellé officiel", max_length=60)
    service_name = models.CharField("nom du service", max_length=120, default="Service d’appui aux EPLE")
    service_acronym = models.CharField("sigle du service", max_length=30, default="SA EPLE")
    ministry_block = models.TextField(
        "bloc ministère (une ligne par ligne)", default="Ministère\nde l’Éducation\nnationale"
    )
    greta_rule = models.CharField("décompte des GRETA", max_length=8, choices=GretaRule, default=GretaRule.IN_HOST)
    greta_noted_from = models.DateField(
        "GRETA détaillés à compter du",
        null=True,
        blank=True,
        help_text="Avant ce jour, les GRETA sont comptés sans être détaillés. Vide : toujours détaillés.",
    )
    initial_volumetry_on = models.DateField(
        "volumétrie initiale arrêtée au",
        null=True,
        blank=True,
        help_text="Le jour auquel toute volumétrie est comparée.",
    )
    observed_on = models.DateField(
        "jour d’observation",
        null=True,
        blank=True,
        help_text="Tenu pour aujourd’hui sur les écrans (démonstration, formation). Vide : le vrai jour.",
    )
    solicitations_per_week = models.PositiveSmallIntegerField(
        "messages d’enquête par personne et par semaine",
        default=3,
        help_text="Au-delà, toutes enquêtes confondues, il faut un motif pour écrire encore à la même personne.",
    )
    is_demonstration = models.BooleanField("données de démonstration", default=False)

    class Meta:
        verbose_name = "académie"
        verbose_name_plural = "académies"

    def __str__(self) -> str:
        return f"Académie {of_name(self.label)}"

    @property
    def full_name(self) -> str:
        """Inside a sentence: « académie d’Aix-Marseille »."""
        return f"académie {of_name(self.label)}"

    @property
    def today(self) -> date:
        """The day that pages take as today."""
        return self.observed_on or timezone.localdate()

    @property
    def ministry_lines(self) -> tuple[str, ...]:
        return tuple(line.strip() for line in self.ministry_block.splitlines() if line.strip())


class EstablishmentQuerySet(models.QuerySet["Establishment"]):
    def for_user(self, user: User, right: Right, academy: str) -> EstablishmentQuerySet:
        """Establishments of that académie over which the person holds the right."""
        rows = self.filter(academy__slug=academy)
        scopes = user.scopes(right, academy)
        return rows if scopes is EVERYWHERE else rows.filter(uai__in=scopes)

    def with_wave(self, on: date, known_at: datetime | None = None) -> EstablishmentQuerySet:
        """Annotate `wave_code` and `wave_rank`, None where no wave is in force on that day."""
        moves = WaveMove.objects.up_to(on, known_at)
        codes = first_value(moves, "establishment", "wave__code")
        ranks = first_value(moves, "establishment", "wave__rank")
        return self.annotate(**{"wave_code": codes, "wave_rank": ranks})

    def with_agency(self, on: date, known_at: datetime | None = None) -> EstablishmentQuerySet:
        """Annotate `agency_uai` and `agency_name`, the seat of the accounting agency in force on that day."""
        memberships = AgencyMembership.objects.up_to(on, known_at)
        uais = first_value(memberships, "establishment", "agency__seat__uai")
        names = first_value(memberships, "establishment", "agency__seat__name")
        return self.annotate(**{"agency_uai": uais, "agency_name": names})

    def in_agency(self, seat: str | None, on: date, known_at: datetime | None = None) -> EstablishmentQuerySet:
        """Those whose accounting agency on that day is the one seated at this UAI; nobody when there is none."""
        ever = AgencyMembership.objects.filter(agency__seat__uai=seat).values("establishment")
        return self.filter(pk__in=ever).with_agency(on, known_at).filter(**{"agency_uai": seat})

    def named(self, text: str) -> EstablishmentQuerySet:
        """Every word of the text is in the name or the town, or begins the UAI; accents and case do not count."""
        rows = self
        for word in normalise(text).split():
            rows = rows.filter(Q(sort_name__contains=word) | Q(uai__startswith=word.upper()))
        return rows

    def matching(self, filters: EstablishmentFilters) -> EstablishmentQuerySet:
        """Rows that a person asked for, with the wave and the agency of the day asked."""
        rows = self.named(filters.text)
        for name in ("kind", "departement", "status"):
            if value := getattr(filters, name):
                rows = rows.filter(**{name: value})
        rows = rows.with_wave(filters.on, filters.known_at)
        if filters.wave:
            rows = rows.filter(
                **({"wave_code__isnull": True} if filters.wave == NONE_OF_THEM else {"wave_code": filters.wave})
            )
        if filters.agency and filters.agency != NONE_OF_THEM:
            return rows.in_agency(filters.agency, filters.on, filters.known_at)
        rows = rows.with_agency(filters.on, filters.known_at)
        return rows.filter(**{"agency_uai__isnull": True}) if filters.agency else rows

    def existing_on(self, on: date) -> EstablishmentQuerySet:
        """Not closed on that day."""
        return self.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=on))


class Establishment(models.Model):
    """A public local teaching establishment (EPLE), or a GRETA carried by one (`host`)."""

    academy = models.ForeignKey(Academy, models.PROTECT, related_name="establishments", verbose_name="académie")
    uai = models.CharField("UAI", max_length=8, unique=True)
    kind = models.CharField("type", max_length=8, choices=Kind)
    nature = models.CharField("nature", max_length=60, blank=True)
    name = models.CharField("nom", max_length=160)
    sort_name = models.CharField("nom normalisé", max_length=240, editable=False)
    host = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="hosted", verbose_name="établissement support"
    )
    status = models.CharField("état", max_length=8, choices=OpeningStatus, default=OpeningStatus.OPEN)
    opened_on = models.DateField("ouvert le", null=True, blank=True)
    closed_on = models.DateField("fermé le", null=True, blank=True)
    siret = models.CharField("SIRET", max_length=14, blank=True)
    email = models.EmailField("adresse électronique", blank=True)
    phone = models.CharField("téléphone", max_length=20, blank=True)
    address = models.CharField("adresse", max_length=300, blank=True)
    postcode = models.CharField("code postal", max_length=5, blank=True)
    town = models.CharField("commune", max_length=80, blank=True)
    departement = models.CharField("code du département", max_length=3)
    departement_label = models.CharField("département", max_length=40)
    x = models.FloatField("abscisse Lambert-93 (m)", null=True, blank=True)
    y = models.FloatField("ordonnée Lambert-93 (m)", null=True, blank=True)

    wave_code: str | None  # these two by `with_wave`
    wave_rank: int | None
    agency_uai: str | None  # by `with_agency`

    objects = EstablishmentQuerySet.as_manager()

    class Meta:
        verbose_name = "établissement"
        verbose_name_plural = "établissements"
        ordering = ["sort_name", "uai"]
        indexes = [models.Index(fields=["academy", "sort_name"], name="establishment_list")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=Kind.GRETA, host__isnull=False) | (~Q(kind=Kind.GRETA) & Q(host__isnull=True)),
                name="only_a_greta_has_a_host",
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="establishment_known_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.uai})"

    def get_absolute_url(self) -> str:
        return reverse("deployment:establishment_detail", args=[self.academy.slug, self.uai])
