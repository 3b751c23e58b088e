"""A territory to tutor: three agencies of V7, the third without accountant, and tutors around them."""

from datetime import date
from typing import Any

import pytest

from deployment.choices import Function, Kind, Sphere
from deployment.models import Academy, Establishment, Wave
from tests.factories import appoint, gather, make_establishment, make_wave, place
from tutoring.models import Application, Tutor
from tutoring.services import applications, tutors

TODAY = date(2024, 10, 8)
BOTH = [Sphere.ORDERING, Sphere.ACCOUNTING]


def make_agency(academy: Academy, name: str, *, code: str = "V7", holder: str = "AC", **fields: Any) -> Establishment:
    """The seat of an agency of two, both in the wave; an empty `holder` leaves the accountant's post vacant."""
    values = {"name": f"Lycée {name}", "town": name, "kind": Kind.LYCEE, "x": 900_000.0, "y": 6_400_000.0} | fields
    seat = make_establishment(academy, **values)
    member = make_establishment(academy, name=f"Collège {name}", x=905_000.0, y=6_400_000.0)
    gather(seat, member)
    for establishment in (seat, member):
        place(establishment, code)
    appoint(seat, Function.ACCOUNTANT, f"{holder} {name}" if holder else "", "a@b.test" if holder else "")
    return seat


def make_tutor(academy: Academy, name: str, **fields: Any) -> Tutor:
    """A tutor of both spheres, 10 km away, at home in an establishment of no agency."""
    values = {"spheres": BOTH, "capacity": 3} | fields
    if "establishment" not in values:
        values["establishment"] = make_establishment(academy, name=f"Lycée de {name}", x=890_000.0, y=6_400_000.0)
    return tutors.register(Tutor(academy=academy, name=name, **values), by=None, reason="Déjà présent")


def make_application(academy: Academy, name: str = "Ana Volontaire", **fields: Any) -> Application:
    values = {"function": Function.SECRETARY_GENERAL, "spheres": [Sphere.ORDERING], "capacity": 2} | fields
    if "establishment" not in values:
        values["establishment"] = make_establishment(academy, name=f"Collège de {name}", x=890_000.0, y=6_400_000.0)
    return applications.enter(Application(academy=academy, name=name, **values), by=None)


@pytest.fixture
def v7(grenoble: Academy) -> Wave:
    """V7, which has cut over: « full » and « other » want two tutors each, « vacant » one and one later."""
    grenoble.observed_on = TODAY
    grenoble.save()
    make_wave(grenoble, "V6", cutover_on=date(2024, 1, 1), effective_on=date(2023, 9, 1))
    wave = make_wave(grenoble, "V7", cutover_on=date(2024, 9, 1), effective_on=date(2023, 9, 1))
    return wave


@pytest.fixture
def seats(v7: Wave) -> dict[str, Establishment]:
    return {
        "full": make_agency(v7.academy, "Crest"),
        "other": make_agency(v7.academy, "Die", x=910_000.0),
        "vacant": make_agency(v7.academy, "Nyons", x=920_000.0, holder=""),
    }
