"""The invented persons of the demonstration."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.choices import Role

PASSWORD = "Essai-Opale-2024"  # shown on the sign-in page of a demonstration; refused nowhere else to matter


@dataclass(frozen=True)
class Person:
    """One sign-in of the demonstration."""

    first_name: str
    last_name: str
    role: Role
    task: str

    @property
    def email(self) -> str:
        return f"{self.first_name.lower().replace('ï', 'i')}@demo.invalid"


CAST = (
    Person("Nadia", "Exemple", Role.LEAD, "responsable du service académique"),
    Person("Karim", "Exemple", Role.STAFF, "agent du service académique"),
    Person("Lise", "Exemple", Role.MEMBER, "membre du COSUI"),
    Person("Denis", "Exemple", Role.DSI, "direction des systèmes d’information"),
)


def sign_ins() -> list[tuple[str, str, str]]:
    """(e-mail, password, who) of each person, for the terminal."""
    return [(person.email, PASSWORD, f"{person.first_name}, {person.task}") for person in CAST]
