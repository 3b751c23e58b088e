"""The two ways to count needs, what is covered by each, the load of the tutors, and what a tutor offers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import AuditEntry, User
from deployment.choices import Function, Sphere
from deployment.models import Academy, Establishment, Holder, Wave
from tests.factories import appoint
from tests.tutoring.conftest import make_agency, make_tutor
from tutoring.choices.candidates import NeedRule
from tutoring.figures.loads import tutor_loads
from tutoring.figures.needs import tutor_coverage, tutor_needs
from tutoring.models import Tutor
from tutoring.needs import AgencyNeed, _by_accountant, needs_of
from tutoring.services import rules, tutors
from tutoring.services.refusals import TutoringRefused

Signed = Callable[[User], Client]
ON = date(2024, 10, 8)
SINCE = date(2024, 9, 2)
RULES = "/grenoble/tutorat/regles/"
ACCOUNTING = Sphere.ACCOUNTING


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def shared(v7: Wave, seats: dict[str, Establishment]) -> dict[str, Establishment]:
    """« full » and « other » have one accountant, « vacant » none, « alone » another."""
    for name in ("full", "other"):
        appoint(seats[name], Function.ACCOUNTANT, "AC commun", "COMMUN@a.test" if name == "full" else "commun@a.test")
    return seats | {"alone": make_agency(v7.academy, "Romans")}


def serve(tutor: Tutor, wave: Wave, seat: Establishment, sphere: Sphere) -> None:
    tutors.note_tutorship(tutor, wave, seat, sphere, effective_on=SINCE, reason="Convenu", by=None)


def coverage(academy: Academy) -> dict[str, dict[str, int]]:
    return {line.key: dict(line.cells) for line in tutor_coverage(academy, on=ON, wave="V7").lines}


# --- the rule


def test_an_accountant_of_two_agencies_needs_one_tutor_by_the_other_rule(
    v7: Wave, shared: dict[str, Establishment]
) -> None:
    by_agency = tutor_needs(v7.academy, on=ON, wave="V7").data()
    by_accountant = tutor_needs(v7.academy, on=ON, wave="V7", rule="accountant").data()
    assert by_agency["accounting"] == {"min": 3, "max": 4} and by_agency["total"] == {"min": 7, "max": 8}
    assert by_accountant["accounting"] == {"min": 2, "max": 3} and by_accountant["total"] == {"min": 6, "max": 7}


def test_the_rule_of_the_academy_is_the_one_of_its_page_and_of_its_matching(
    v7: Wave, shared: dict[str, Establishment], nadia: User
) -> None:
    rules.choose_need_rule(v7.academy, NeedRule.ACCOUNTANT, by=nadia)
    assert tutor_needs(v7.academy, on=ON, wave="V7").data()["accounting"] == {"min": 2, "max": 3}
    carried = [line for line in needs_of(v7, on=ON) if line.is_certain(ACCOUNTING)]
    assert {line.seat for line in carried} == {shared["full"].uai, shared["alone"].uai}
    assert AuditEntry.objects.filter(act="tutoring.edit_rules", actor=nadia).count() == 1


def test_a_tutor_of_the_accountant_from_an_earlier_wave_covers_all_they_keep(
    v7: Wave, shared: dict[str, Establishment]
) -> None:
    v6 = v7.academy.waves.get(code="V6")
    serve(make_tutor(v7.academy, "Camille Ancien"), v6, shared["other"], ACCOUNTING)
    assert tutor_needs(v7.academy, on=ON, wave="V7").data()["accounting"] == {"min": 2, "max": 3}
    assert tutor_needs(v7.academy, on=ON, wave="V7", rule="accountant").data()["accounting"] == {"min": 1, "max": 2}


def test_an_unknown_rule_is_told(v7: Wave, client: Client, nadia: User, signed: Signed) -> None:
    assert signed(nadia).get("/grenoble/chiffres/tutor_needs/?wave=V7&rule=nothing").status_code == 404


keepers = st.lists(st.sampled_from(["a", "b", "c", ""]), min_size=1, max_size=8)


@given(keepers, st.sets(st.integers(0, 7)), st.sets(st.integers(0, 7)))
def test_by_accountant_counts_each_accountant_once(who: list[str], covered: set[int], served: set[int]) -> None:
    seats = [f"S{number}" for number in range(len(who))]
    told = {seats[n]: {ACCOUNTING} for n in covered if n < len(who)}
    lines = [
        AgencyNeed(
            seat,
            (seat,),
            not keeper,
            frozenset(told.get(seat, ())),
            frozenset([ACCOUNTING]) if number in served else frozenset(),
        )
        for number, (seat, keeper) in enumerate(zip(seats, who, strict=True))
    ]
    accountants = {s: Holder(k, f"{k}@a.test" if k else "") for s, k in zip(seats, who, strict=True)}
    found = _by_accountant(lines, accountants, told)
    certain = [line for line in found if line.is_certain(ACCOUNTING)]
    tutored = {who[n] for n in covered if n < len(who) and who[n]}
    assert len(certain) == len({k for k in who if k} - tutored)
    assert [line.is_certain(Sphere.ORDERING) for line in found] == [line.is_certain(Sphere.ORDERING) for line in lines]
    assert [line.is_waiting(ACCOUNTING) for line in found] == [line.is_waiting(ACCOUNTING) for line in lines]


def test_only_the_lead_changes_the_rule(
    v7: Wave, nadia: User, samir: User, lise: User, victor: User, signed: Signed
) -> None:
    assert "Un tuteur de chaque sphère par agence comptable" in text(signed(nadia).get(RULES))
    assert [signed(person).get(RULES).status_code for person in (samir, lise, victor)] == [403, 403, 404]
    assert signed(samir).post(RULES, {"need_rule": "accountant"}).status_code == 403
    assert signed(nadia).post(RULES, {"need_rule": "nothing"}).status_code == 400
    assert signed(nadia).post(RULES, {"need_rule": "accountant"}).status_code == 302
    assert "un tuteur comptable par agent comptable, moins ceux" in text(signed(nadia).get("/grenoble/tutorat/"))


# --- coverage and loads


def test_coverage_tells_both_rules(v7: Wave, shared: dict[str, Establishment], nadia: User, signed: Signed) -> None:
    tutor = make_tutor(v7.academy, "Camille Tuteur", capacity=4)
    serve(tutor, v7, shared["other"], ACCOUNTING)
    serve(tutor, v7, shared["full"], Sphere.ORDERING)
    assert coverage(v7.academy) == {
        "ordering": {"covered": 1, "uncovered": 3, "waiting": 0},
        "accounting_by_agency": {"covered": 1, "uncovered": 2, "waiting": 1},
        "accounting_by_accountant": {"covered": 1, "uncovered": 1, "waiting": 1},
    }
    rows = "/grenoble/chiffres/tutor_coverage/lignes/?wave=V7&cellule=accounting_by_agency/covered"
    assert shared["other"].name in text(signed(nadia).get(rows))


def test_loads_open_on_the_tutors_for_who_may_see_them(
    v7: Wave, seats: dict[str, Establishment], nadia: User, lise: User, signed: Signed
) -> None:
    make_tutor(v7.academy, "Dominique Libre")
    both, one = make_tutor(v7.academy, "Camille Double"), make_tutor(v7.academy, "Alix Simple")
    serve(both, v7, seats["full"], Sphere.ORDERING)
    serve(both, v7, seats["full"], ACCOUNTING)
    serve(both, v7, seats["other"], Sphere.ORDERING)
    serve(one, v7, seats["other"], ACCOUNTING)
    figure = tutor_loads(v7.academy, on=ON, wave="V7")
    assert figure.data() == {"tutors": 2, "by_establishments": {"2": 1, "4": 1}}
    rows = "/grenoble/chiffres/tutor_loads/lignes/?wave=V7&cellule=by_establishments/4"
    page = text(signed(nadia).get(rows))
    assert "Camille Double" in page and "Alix Simple" not in page
    assert "Camille Double" in signed(nadia).get(f"{rows}&format=csv").getvalue().decode()
    assert AuditEntry.objects.filter(actor=nadia, act="tutoring.view_tutors", kind="exported").count() == 1
    assert signed(lise).get(rows).status_code == 404


# --- what a tutor offers


def test_an_offer_changes_and_never_below_what_is_tutored(
    v7: Wave, seats: dict[str, Establishment], samir: User
) -> None:
    tutor = make_tutor(v7.academy, "Camille Tuteur", capacity=3)
    serve(tutor, v7, seats["full"], ACCOUNTING)
    serve(tutor, v7, seats["other"], ACCOUNTING)
    changed = tutors.change(tutor, by=samir, capacity=2, reach_km=40, remote_training_on=ON)
    assert (changed.capacity, changed.reach_km, changed.remote_training_on) == (2, 40, ON)
    with pytest.raises(TutoringRefused, match="assure déjà 2 tutorats"):
        tutors.change(tutor, by=samir, capacity=1)
    with pytest.raises(TutoringRefused, match="sphère comptable"):
        tutors.change(tutor, by=samir, spheres=[Sphere.ORDERING])
    with pytest.raises(ValueError, match="name"):
        tutors.change(tutor, by=samir, name="Autre")


def test_who_is_available_later_is_matched_later(v7: Wave, seats: dict[str, Establishment]) -> None:
    tutor = make_tutor(v7.academy, "Camille Plus-Tard", available_from=date(2024, 11, 4))
    refused = pytest.raises(TutoringRefused, match="disponible qu’à compter du 04/11/2024")
    with refused:
        serve(tutor, v7, seats["full"], ACCOUNTING)
    tutors.note_tutorship(
        tutor, v7, seats["full"], ACCOUNTING, effective_on=date(2024, 11, 4), reason="Convenu", by=None
    )


def test_the_offer_is_edited_on_its_page(v7: Wave, nadia: User, emma: User, victor: User, signed: Signed) -> None:
    tutor = make_tutor(v7.academy, "Camille Tuteur")
    url = f"/grenoble/tutorat/tuteurs/{tutor.pk}/modifier/"
    assert 'value="80"' in text(signed(nadia).get(url))
    assert [signed(person).get(url).status_code for person in (emma, victor)] == [403, 404]
    offer = {"spheres": ["accounting"], "capacity": "2", "reach_km": "601", "remote_training_on": "2024-10-02"}
    assert signed(nadia).post(url, offer).status_code == 400
    assert signed(nadia).post(url, offer | {"reach_km": "50"}).status_code == 302
    tutor.refresh_from_db()
    assert (tutor.spheres, tutor.reach_km, tutor.remote_training_on) == (["accounting"], 50, date(2024, 10, 2))
    assert "formation suivie le 2 octobre 2024" in text(signed(nadia).get(tutor.get_absolute_url()))
