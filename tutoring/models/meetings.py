"""Tables of the meetings of tutors: what they report about the support plan, and the actions that follow."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.rights import Right
from tutoring.choices.work import ActionState
from tutoring.models.tutors import Tutor


class TutorMeetingQuerySet(models.QuerySet["TutorMeeting"]):
    def for_user(self, user: User, right: Right, academy: str) -> TutorMeetingQuerySet:
        """Meetings of that académie, if the person holds the right there."""
        return self.filter(academy__slug=academy) if user.may(right, academy) else self.none()


class TutorMeeting(models.Model):
    """Tutors gathered by the service and the school of continuing training (EAFC)."""

    academy = models.ForeignKey("deployment.Academy", models.PROTECT, related_name="+", verbose_name="académie")
    held_on = models.DateField("date")
    title = models.CharField("objet", max_length=120)
    organisers = models.CharField("organisateurs", max_length=200)
    present = models.ManyToManyField(Tutor, related_name="meetings", verbose_name="tuteurs présents")

    objects = TutorMeetingQuerySet.as_manager()

    class Meta:
        verbose_name = "réunion de tuteurs"
        verbose_name_plural = "réunions de tuteurs"
        ordering = ["-held_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["academy", "held_on", "title"], name="tutor_meeting_once"),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.held_on:%d/%m/%Y}"

    def get_absolute_url(self) -> str:
        return reverse("tutoring:meeting_detail", args=[self.academy.slug, self.pk])


class Remark(models.Model):
    """What a tutor reports about the support plan; without establishment, of all of them. Append-only."""

    meeting = models.ForeignKey(TutorMeeting, models.PROTECT, related_name="remarks", verbose_name="réunion")
    tutor = models.ForeignKey(Tutor, models.PROTECT, related_name="remarks", verbose_name="tuteur")
    establishment = models.ForeignKey(
        "deployment.Establishment", models.PROTECT, null=True, related_name="+", verbose_name="établissement"
    )
    text = models.TextField("remarque", max_length=2000)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="auteur"
    )
    at = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "remarque de tuteur"
        verbose_name_plural = "remarques de tuteurs"
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.tutor} · {self.text[:60]}"


class ImprovementActionQuerySet(models.QuerySet["ImprovementAction"]):
    def for_user(self, user: User, right: Right, academy: str) -> ImprovementActionQuerySet:
        """Actions of that académie, if the person holds the right there."""
        return self.filter(meeting__academy__slug=academy) if user.may(right, academy) else self.none()

    def with_state(self) -> ImprovementActionQuerySet:
        """Annotate `state` and `outcome`, told by the last event."""
        last = ActionEvent.objects.filter(action=models.OuterRef("pk")).order_by("-number")
        told = {"state": "state", "outcome": "text"}
        return self.annotate(**{name: models.Subquery(last.values(field)[:1]) for name, field in told.items()})

    def late(self, today: date) -> ImprovementActionQuerySet:
        """Due before that day and not closed."""
        return self.filter(due_on__lt=today).with_state().exclude(Q(("state", ActionState.CLOSED)))


class ImprovementAction(models.Model):
    """Something to do so that the support plan fits its users better, by whom and until when."""

    meeting = models.ForeignKey(TutorMeeting, models.PROTECT, related_name="actions", verbose_name="réunion")
    title = models.CharField("action", max_length=200)
    owner = models.CharField("responsable", max_length=120)
    due_on = models.DateField("échéance")

    state: str  # these two by `with_state`
    outcome: str

    objects = ImprovementActionQuerySet.as_manager()

    class Meta:
        verbose_name = "action d’amélioration"
        verbose_name_plural = "actions d’amélioration"
        ordering = ["due_on", "pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def state_label(self) -> str:
        return str(ActionState(self.state).label)

    @property
    def is_closed(self) -> bool:
        return self.state == ActionState.CLOSED


class ActionEvent(models.Model):
    """From an instant on, the action is in this state; `text` is the progress, or the outcome. Append-only."""

    action = models.ForeignKey(ImprovementAction, models.PROTECT, related_name="events", verbose_name="action")
    number = models.PositiveSmallIntegerField("rang")
    state = models.CharField("état", max_length=11, choices=ActionState)
    text = models.CharField("ce qui a été fait", max_length=500, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="auteur"
    )
    at = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "étape d’une action d’amélioration"
        verbose_name_plural = "étapes des actions d’amélioration"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["action", "number"], name="action_event_once"),
            models.CheckConstraint(condition=Q(state__in=ActionState.values), name="action_event_known_state"),
            models.CheckConstraint(
                condition=~Q(state=ActionState.CLOSED) | ~Q(text=""), name="action_closes_with_an_outcome"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} · {self.action}"
