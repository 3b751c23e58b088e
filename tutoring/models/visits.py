"""Tables of the visits: what a tutor did, the links that let the establishment confirm it, and what it answered."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.rights import Right
from tutoring.choices.work import FeedbackVerdict, Rating, VisitMode
from tutoring.models.tutors import Tutor

SHORTEST, LONGEST = 5, 600  # minutes
NEWEST_FIRST = ("-on", "-pk")


class VisitQuerySet(models.QuerySet["Visit"]):
    def for_user(self, user: User, right: Right, academy: str) -> VisitQuerySet:
        """Visits of that académie, if the person holds the right there."""
        return self.filter(tutor__academy__slug=academy) if user.may(right, academy) else self.none()

    def of_person(self, user: User, academy: str) -> VisitQuerySet:
        """Those of the tutor who signs in with this account."""
        return self.filter(tutor__user=user, tutor__academy__slug=academy)

    def standing(self) -> VisitQuerySet:
        """Not cancelled."""
        return self.filter(cancelled_at=None)

    def with_feedback(self) -> VisitQuerySet:
        """Annotate `verdict`, `rating` and `comment` of the last answer of the establishment, None without."""
        last = Feedback.objects.filter(visit=models.OuterRef("pk")).order_by("-number")
        told = {name: models.Subquery(last.values(name)[:1]) for name in ("verdict", "rating", "comment")}
        return self.annotate(**told)

    def confirmed(self) -> VisitQuerySet:
        """Not cancelled, and said exact by the establishment: its last answer counts."""
        return self.standing().with_feedback().filter(Q(("verdict", FeedbackVerdict.EXACT)))

    def unanswered(self) -> VisitQuerySet:
        """Not cancelled, and of which the establishment has said nothing yet."""
        return self.standing().filter(~models.Exists(Feedback.objects.filter(visit=models.OuterRef("pk"))))


class Visit(models.Model):
    """One visit or remote session. It is never edited: a wrong one is cancelled, its row kept, and noted again.

    `reason` tells why staff noted an establishment that the register does not give to this tutor on that day.
    """

    tutor = models.ForeignKey(Tutor, models.PROTECT, related_name="visits", verbose_name="tuteur")
    establishment = models.ForeignKey(
        "deployment.Establishment", models.PROTECT, related_name="+", verbose_name="établissement"
    )
    on = models.DateField("date")
    mode = models.CharField("forme", max_length=7, choices=VisitMode)
    minutes = models.PositiveSmallIntegerField("durée (minutes)")
    subject = models.CharField("objet", max_length=200)
    reason = models.CharField("motif hors registre", max_length=300, blank=True)
    recorded_at = models.DateTimeField("notée le", default=timezone.now, editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="auteur"
    )
    cancelled_at = models.DateTimeField("annulée le", null=True)
    cancelled_reason = models.CharField("motif de l’annulation", max_length=300, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="annulée par"
    )

    verdict: str | None  # these three by `with_feedback`
    rating: int | None
    comment: str | None
    warning: str  # by the page that lists them

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = "visite"
        verbose_name_plural = "visites"
        ordering = NEWEST_FIRST
        indexes = [models.Index(fields=["tutor", "establishment", "on"], name="visits_of_a_tutorship")]
        constraints = [
            models.UniqueConstraint(
                fields=["tutor", "establishment", "on", "mode", "minutes", "subject"],
                condition=Q(cancelled_at=None),
                name="visit_noted_once",
            ),
            models.CheckConstraint(condition=Q(mode__in=VisitMode.values), name="visit_known_mode"),
            models.CheckConstraint(condition=Q(minutes__range=(SHORTEST, LONGEST)), name="visit_lasts_some_minutes"),
        ]

    def __str__(self) -> str:
        return f"{self.tutor}, {self.establishment.name}, {self.on:%d/%m/%Y}"

    def get_absolute_url(self) -> str:
        return reverse("tutoring:visit_detail", args=[self.tutor.academy.slug, self.pk])

    @property
    def rating_label(self) -> str:
        """The words of the annotated rating."""
        return str(Rating(self.rating).label) if self.rating else ""

    @property
    def is_untrained(self) -> bool:
        """A remote session by a tutor who had not followed the training to it by that day: told, not refused."""
        trained_on = self.tutor.remote_training_on
        return self.mode == VisitMode.REMOTE and (trained_on is None or trained_on > self.on)


class VisitLink(models.Model):
    """A personal link: its bearer confirms what one tutor did in one establishment during one school year.

    The token is known to nobody but the bearer: its SHA-256 is kept.
    """

    tutor = models.ForeignKey(Tutor, models.PROTECT, related_name="visit_links", verbose_name="tuteur")
    establishment = models.ForeignKey(
        "deployment.Establishment", models.PROTECT, related_name="+", verbose_name="établissement"
    )
    school_year = models.PositiveSmallIntegerField("année scolaire (première année civile)")
    name = models.CharField("destinataire", max_length=160)
    email = models.EmailField("adresse électronique")
    mail_key = models.CharField("clé du message", max_length=200)
    token_hash = models.CharField("empreinte", max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField("créé le", default=timezone.now, editable=False)
    revoked_at = models.DateTimeField("retiré le", null=True)
    disowned_at = models.DateTimeField("« ce n’est pas mon établissement » le", null=True)
    disowned_note = models.CharField("précision", max_length=300, blank=True)

    class Meta:
        verbose_name = "lien de confirmation"
        verbose_name_plural = "liens de confirmation"
        indexes = [models.Index(fields=["tutor", "establishment", "school_year"], name="links_of_a_tutorship")]

    def __str__(self) -> str:
        return f"{self.tutor} · {self.establishment.name}"


class Feedback(models.Model):
    """What the establishment answered about a visit. Append-only: the last version counts, the others stay."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="feedbacks", verbose_name="visite")
    link = models.ForeignKey(VisitLink, models.PROTECT, related_name="+", verbose_name="lien")
    number = models.PositiveSmallIntegerField("version")
    verdict = models.CharField("réponse", max_length=5, choices=FeedbackVerdict)
    rating = models.PositiveSmallIntegerField("utilité", choices=Rating, null=True)
    comment = models.CharField("commentaire", max_length=1000, blank=True)
    name = models.CharField("répondant", max_length=120)
    at = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "avis de l’établissement tutoré"
        verbose_name_plural = "avis des établissements tutorés"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "number"], name="feedback_version_once"),
            models.CheckConstraint(condition=Q(verdict__in=FeedbackVerdict.values), name="feedback_known_verdict"),
            models.CheckConstraint(
                condition=Q(verdict=FeedbackVerdict.WRONG, rating=None)
                | Q(verdict=FeedbackVerdict.EXACT, rating__in=Rating.values),
                name="feedback_rates_what_is_exact",
            ),
            models.CheckConstraint(
                condition=Q(verdict=FeedbackVerdict.EXACT) | ~Q(comment=""), name="feedback_says_what_is_wrong"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} · {self.visit}"

    @property
    def content(self) -> tuple[str, int | None, str, str]:
        """What was said: the same said twice is one version."""
        return self.verdict, self.rating, self.comment, self.name
