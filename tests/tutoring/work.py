"""Rows of the work for tests: a call with a rate, a tutorship over a year, a visit, all through the services."""

from datetime import date
from decimal import Decimal
from typing import Any

from accounts.choices import Role
from accounts.models import Grant, OutgoingEmail, User
from deployment.choices import Function, Sphere
from deployment.models import Academy, Establishment, Wave
from tests.factories import appoint, gather, make_establishment, place
from tests.tutoring import factories
from tutoring.choices.work import VisitMode
from tutoring.models import Tutor, TutorCall, Visit
from tutoring.school_years import SchoolYear
from tutoring.services import matchings, visits

YEAR = SchoolYear(2023)
START, END = YEAR.starts_on, YEAR.ends_on
RATE = Decimal("500")


def make_call(academy: Academy, **fields: Any) -> TutorCall:
    """The call under which they work, out since the school year began."""
    values = {"reference": "SAEPL/23-1", "published_on": date(2023, 9, 4), "deadline_on": date(2023, 9, 18)} | fields
    return factories.make_call(academy, token=str(values["reference"]), **{"rate": RATE, **values})


def make_place(academy: Academy, name: str = "Crest", code: str = "V6", **fields: Any) -> Establishment:
    """An establishment alone in its agency, in the wave since the school year began, with a head."""
    spot = make_establishment(academy, name=f"Collège {name}", **fields)
    gather(spot)
    place(spot, code, on=START)
    appoint(spot, Function.HEAD, f"Chef {name}", f"chef.{spot.uai.lower()}@exemple.invalid")
    return spot


def serve(
    tutor: Tutor, spot: Establishment, sphere: Sphere = Sphere.ORDERING, *, since: date = START, code: str = "V6"
) -> None:
    """From a day on, this tutor serves the agency of that establishment."""
    wave = Wave.objects.select_related("academy").get(academy=spot.academy, code=code)
    asked = {"effective_on": since, "reason": "Essai", "by": None}
    matchings.assign(wave, {f"{spot.uai}/{sphere}": str(tutor.pk)}, **asked)


def stop(spot: Establishment, on: date, sphere: Sphere = Sphere.ORDERING, *, code: str = "V6") -> None:
    wave = Wave.objects.select_related("academy").get(academy=spot.academy, code=code)
    matchings.assign(wave, {f"{spot.uai}/{sphere}": ""}, effective_on=on, reason="Essai", by=None)


def visit(tutor: Tutor, spot: Establishment, *, by: User | None = None, **fields: Any) -> Visit:
    values: dict[str, Any] = {
        "on": date(2024, 6, 3),
        "mode": VisitMode.ON_SITE,
        "minutes": 90,
        "subject": "Premier paiement",
    } | fields
    return visits.record(Visit(tutor=tutor, establishment=spot, **values), by=by)


def make_own(academy: Academy, first_name: str, tutor: Tutor) -> User:
    """The account of that tutor."""
    user = User.objects.create_user(f"{first_name.lower()}@{academy.slug}.test", first_name=first_name, last_name="T")
    Grant.objects.create(user=user, role=Role.TUTOR, academy=academy.slug)
    Tutor.objects.filter(pk=tutor.pk).update(user=user)
    tutor.user = user
    return user


def token_of(mail: OutgoingEmail) -> str:
    """The token of the link that this mail carries."""
    return mail.secret.rstrip("/").rpartition("/")[2]
