"""The invented persons of the demonstration."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.choices import Role
from accounts.models import Grant, User
from deployment.models import Academy

PASSWORD = "Essai-Opale-2024"  # printed at the start of a demonstration: these persons exist nowhere else


@dataclass(frozen=True)
class Person:
    """One sign-in of the demonstration."""

    first_name: str
    last_name: str
    role: Role
    task: str

    @property
    def email(self) -> str:
        return f"{self.first_name.lower()}@demo.invalid"


CAST = (
    Person("Nadia", "Exemple", Role.LEAD, "responsable du service académique"),
    Person("Karim", "Exemple", Role.STAFF, "agent du service académique"),
    Person("Lise", "Exemple", Role.MEMBER, "membre du COSUI"),
    Person("Denis", "Exemple", Role.DSI, "direction des systèmes d’information"),
)


def load(academy: Academy) -> None:
    """The persons, each with one role in that académie."""
    for person in CAST:
        user = User.objects.create_user(
            person.email, PASSWORD, first_name=person.first_name, last_name=person.last_name
        )
        Grant.objects.create(user=user, role=person.role, academy=academy.slug)


def sign_ins() -> list[tuple[str, str, str]]:
    """(e-mail, password, who) of each person, for the terminal."""
    return [(person.email, PASSWORD, f"{person.first_name}, {person.task}") for person in CAST]
