"""Needs of a wave: one tutor of each sphere an agency, less those already there, a range where posts are vacant."""

from datetime import date

import pytest

from accounts.models import User
from deployment.choices import Function, Kind, Sphere
from deployment.models import Academy, Establishment
from tests.factories import appoint, gather, make_establishment, make_wave, place
from tutoring.figures.needs import tutor_needs
from tutoring.models import Assignment, Tutor
from tutoring.services import matchings, tutors
from tutoring.services.refusals import TutoringRefused

ON = date(2024, 10, 1)


@pytest.fixture
def agencies(grenoble: Academy) -> dict[str, Establishment]:
    """Three agencies with establishments of V7 on 1 October 2024: the accountant of the third is to be recruited."""
    grenoble.observed_on = date(2024, 10, 8)
    grenoble.save()
    make_wave(grenoble, "V6")
    seats = {}
    for name in ("full", "served", "vacant"):
        seat = make_establishment(grenoble, name=f"Lycée {name}", kind=Kind.LYCEE, x=900_000.0, y=6_400_000.0)
        member = make_establishment(grenoble, name=f"Collège {name}", x=905_000.0, y=6_400_000.0)
        gather(seat, member)
        for establishment in (seat, member):
            place(establishment, "V7")
        holder = "" if name == "vacant" else f"AC {name}"
        appoint(seat, Function.ACCOUNTANT, holder, "" if name == "vacant" else f"{name}@a.test")
        seats[name] = seat
    return seats


def serve(seat: Establishment, code: str, sphere: Sphere) -> Tutor:
    academy = seat.academy
    home = make_establishment(academy, name="Lycée du tuteur", x=890_000.0, y=6_400_000.0)
    tutor = Tutor(academy=academy, name="Camille Tuteur", establishment=home, spheres=[sphere], capacity=3)
    tutors.register(tutor, by=None, reason="Déjà présent")
    wave = academy.waves.get(code=code)
    pairs = {f"{seat.uai}/{sphere}": str(tutor.pk)}
    matchings.assign(wave, pairs, effective_on=date(2024, 1, 8), reason="Déjà présent", by=None)
    return tutor


def test_no_tutorship_begins_before_its_wave(agencies: dict[str, Establishment]) -> None:
    tutor = serve(agencies["full"], "V7", Sphere.ORDERING)
    wave = tutor.academy.waves.get(code="V7")
    pairs = {f"{agencies['served'].uai}/{Sphere.ORDERING}": str(tutor.pk)}
    with pytest.raises(TutoringRefused, match="ouverte depuis le 01/01/2024"):
        matchings.assign(wave, pairs, effective_on=date(1974, 1, 8), reason="Une faute de frappe", by=None)
    assert Assignment.objects.filter(need__wave=wave).count() == 1


def test_a_vacant_post_makes_a_range(agencies: dict[str, Establishment]) -> None:
    figure = tutor_needs(agencies["full"].academy, on=ON, wave="V7")
    assert figure.data() == {
        "establishments": 6,
        "ordering": 3,
        "accounting": {"min": 2, "max": 3},
        "total": {"min": 5, "max": 6},
        "agencies_without_accountant": 1,
    }
    assert figure.rows["agencies_without_accountant"] == (agencies["vacant"].uai,)


def test_a_tutor_already_there_counts_first(agencies: dict[str, Establishment]) -> None:
    serve(agencies["served"], "V6", Sphere.ACCOUNTING)
    data = tutor_needs(agencies["full"].academy, on=ON, wave="V7").data()
    assert (data["ordering"], data["accounting"], data["total"]) == (3, {"min": 1, "max": 2}, {"min": 4, "max": 5})


def test_a_tutor_of_the_wave_itself_does_not_lower_the_need(agencies: dict[str, Establishment]) -> None:
    serve(agencies["full"], "V7", Sphere.ORDERING)
    assert tutor_needs(agencies["full"].academy, on=ON, wave="V7").data()["ordering"] == 3


def test_a_tutor_who_left_counts_no_more(agencies: dict[str, Establishment]) -> None:
    seat = agencies["served"]
    serve(seat, "V6", Sphere.ACCOUNTING)
    wave = seat.academy.waves.get(code="V6")
    end = {f"{seat.uai}/{Sphere.ACCOUNTING}": ""}
    matchings.assign(wave, end, effective_on=date(2024, 9, 30), reason="Mutation", by=None)
    before = tutor_needs(seat.academy, on=date(2024, 9, 29), wave="V7").data()["accounting"]
    assert (before, tutor_needs(seat.academy, on=ON, wave="V7").data()["accounting"]) == (
        {"min": 1, "max": 2},
        {"min": 2, "max": 3},
    )


def test_a_post_filled_later_ends_the_range(agencies: dict[str, Establishment], nadia: User) -> None:
    appoint(agencies["vacant"], Function.ACCOUNTANT, "AC nouveau", "n@a.test", on=date(2024, 11, 1))
    academy = agencies["vacant"].academy
    assert tutor_needs(academy, on=ON, wave="V7").data()["accounting"] == {"min": 2, "max": 3}
    assert tutor_needs(academy, on=date(2024, 11, 2), wave="V7").data()["accounting"] == {"min": 3, "max": 3}
