"""The invented persons of the demonstration."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from accounts.choices import Role
from accounts.models import Grant, User
from accounts.words import normalise
from deployment.models import Academy
from surveys.models import Link
from surveys.models.invitations import hash_token
from tutoring.models import TutorCall

SECOND_ACADEMY = "aix-marseille"
PASSWORD = "Essai-Opale-2024"  # printed at the start of a demonstration: these persons exist nowhere else
CALL_TOKEN = "essai-demonstration-aix-marseille-appel-tuteurs"  # opens the form of one call, for anybody
TRIAL_TOKEN = "essai-demonstration-grenoble-chef-etablissement"  # printed too: opens the page of one invented head


@dataclass(frozen=True)
class Person:
    """One sign-in of the demonstration."""

    first_name: str
    last_name: str
    role: Role
    task: str
    is_everywhere: bool = False  # in the second académie too

    @property
    def email(self) -> str:
        return f"{normalise(self.first_name)}@demo.invalid"


CAST = (
    Person("Nadia", "Exemple", Role.LEAD, "responsable du service académique", is_everywhere=True),
    Person("Karim", "Exemple", Role.STAFF, "agent du service académique", is_everywhere=True),
    Person("Lise", "Exemple", Role.MEMBER, "membre du COSUI"),
    Person("Hélène", "Exemple", Role.HR, "ressources humaines (DIEPAT)", is_everywhere=True),
    Person("Théo", "Exemple", Role.TUTOR, "tuteur"),
    Person("Denis", "Exemple", Role.DSI, "direction des systèmes d’information"),
)


def load(academy: Academy) -> User:
    """The persons, each with one role in that académie, some in the second too; returns the first, who leads."""
    people = []
    for person in CAST:
        user = User.objects.create_user(
            person.email, PASSWORD, first_name=person.first_name, last_name=person.last_name
        )
        Grant.objects.create(user=user, role=person.role, academy=academy.slug)
        if person.is_everywhere:
            Grant.objects.create(user=user, role=person.role, academy=SECOND_ACADEMY)
        people.append(user)
    return people[0]


def sign_ins() -> list[tuple[str, str, str]]:
    """(e-mail, password, who) of each person, for the terminal."""
    return [(person.email, PASSWORD, f"{person.first_name}, {person.task}") for person in CAST]


def trial_path() -> str:
    """The path of the page of one head of establishment, who answers without account; empty once it is closed."""
    is_open = Link.objects.filter(token_hash=hash_token(TRIAL_TOKEN), revoked_at__isnull=True).exists()
    return reverse("reply_enter", args=[TRIAL_TOKEN]) if is_open else ""


def call_path() -> str:
    """The path of the form of a call for tutors, which anybody may fill in; empty once its link has changed."""
    is_open = TutorCall.objects.filter(token_hash=hash_token(CALL_TOKEN)).exists()
    return reverse("apply_enter", args=[CALL_TOKEN]) if is_open else ""
