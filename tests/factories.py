"""Rows for tests: plain functions, valid by default; what changes over time is written through the services."""

from datetime import date
from itertools import count
from typing import Any

from django.utils import timezone

from accounts.choices import Role
from accounts.models import Grant, User
from accounts.words import normalise
from deployment.choices import Function, Kind
from deployment.models import Academy, AccountingAgency, AgencyMembership, Establishment, PostHolding, Wave
from deployment.services import posts, wave_states, waves
from deployment.services.posts import Appointment
from deployment.services.wave_states import Ruling

UAI_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_numbers = (number for number in count(1) if number != 33)  # 0380033E is named by tests


def make_academy(slug: str = "grenoble", label: str = "Grenoble", **fields: Any) -> Academy:
    return Academy.objects.get_or_create(slug=slug, defaults={"label": label, **fields})[0]


def make_person(first_name: str, role: Role, academy: Academy, *, scope: str = "") -> User:
    """A person with one role in one académie; without a password, so tests sign in with `signed(person)`."""
    email = f"{first_name.lower()}@{academy.slug}.test"
    user = User.objects.create_user(email, first_name=first_name, last_name=academy.label)
    Grant.objects.create(user=user, role=role, academy=academy.slug, scope=scope)
    return user


def uai(digits: int | str) -> str:
    """The UAI of these seven digits, with its check letter."""
    text = f"{int(digits):07d}"
    return text + UAI_LETTERS[int(text) % 23]


def make_establishment(academy: Academy, **fields: Any) -> Establishment:
    """A collège of the Isère, unless `fields` say otherwise."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "uai": uai(380_000 + number),
        "kind": Kind.COLLEGE,
        "name": f"Collège {number:04d}",
        "town": "Grenoble",
        "departement": "038",
        "departement_label": "Isère",
    } | fields
    values.setdefault("sort_name", normalise(f"{values['name']} {values['town']}"))
    return Establishment.objects.create(academy=academy, **values)


def make_wave(academy: Academy, code: str = "V8", **ruling: Any) -> Wave:
    """An open wave, opened through the service on 1 January 2024 unless `ruling` says otherwise."""
    cutover_on = ruling.pop("cutover_on", date(2025, 1, 1))
    values: dict[str, Any] = {"effective_on": date(2024, 1, 1), "reason": "Essai", "by": None} | ruling
    return wave_states.open_wave(academy, code, Ruling(**values), cutover_on=cutover_on)


def place(establishment: Establishment, code: str, *, on: date = date(2024, 6, 28), reason: str = "Essai") -> None:
    """Put an establishment in a wave from a day on, opening the wave if need be."""
    academy = establishment.academy
    wave = academy.waves.filter(code=code).first()
    wave = wave or make_wave(academy, code, effective_on=min(on, date(2024, 1, 1)))
    waves.place(academy, {establishment: wave}, effective_on=on, reason=reason, by=None)


def gather(seat: Establishment, *others: Establishment, on: date = date(2023, 9, 1)) -> AccountingAgency:
    """The accounting agency of a seat and its other members, from a day on."""
    agency = AccountingAgency.objects.create(academy=seat.academy, seat=seat)
    for member in (seat, *others):
        AgencyMembership.objects.create(
            establishment=member, agency=agency, effective_on=on, recorded_at=timezone.now(), reason="Essai"
        )
    return agency


def appoint(
    establishment: Establishment, function: Function, name: str, email: str = "", *, on: date = date(2023, 9, 1)
) -> list[PostHolding]:
    """Put a person in a post from a day on; an empty name makes it vacant."""
    appointment = Appointment(establishment, function, name, email, on)
    return posts.appoint(establishment.academy, [appointment], by=None, reason="Essai")
