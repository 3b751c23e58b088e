"""The register of posts: who holds which function on a day, what is refused, and the figure of the vacancies."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import AuditEntry, User
from deployment.choices import Function, Kind
from deployment.figures.posts import vacant_accountants
from deployment.models import Academy, AgencyMembership, Establishment, Holder, Post, PostHolding
from deployment.services import agencies, posts
from deployment.services.agencies import Placement
from deployment.services.posts import Appointment, PostRefused
from opale_pilot.privacy import people
from opale_pilot.privacy.identity import Identity
from tests.factories import appoint, gather, make_academy, make_establishment, make_person, place

FIRST = date(2024, 1, 1)
SEPTEMBER = date(2024, 9, 1)
OCTOBER = date(2024, 10, 8)
ANNE, BAKARI = Holder("Anne Aulne", "anne.aulne@demo.invalid"), Holder("Bakari Houx", "bakari.houx@demo.invalid")
VACANT = Holder("", "")


def held(establishment: Establishment, on: date = OCTOBER) -> dict[Function, list[Holder]]:
    return PostHolding.objects.holders([establishment.pk], on)[establishment.pk]


@pytest.fixture
def seat(grenoble: Academy) -> Establishment:
    return make_establishment(grenoble, name="Lycée du siège", kind=Kind.LYCEE)


@pytest.fixture
def member(grenoble: Academy, seat: Establishment) -> Establishment:
    member = make_establishment(grenoble, name="Collège rattaché")
    gather(seat, member, on=FIRST)
    return member


# --- the register


def test_a_person_holds_a_post_from_the_day_on_and_a_vacancy_ends_it(seat: Establishment) -> None:
    appoint(seat, Function.HEAD, ANNE.name, ANNE.email, on=FIRST)
    appoint(seat, Function.HEAD, "", on=SEPTEMBER)
    assert held(seat, FIRST - timedelta(days=1)) == {}
    assert held(seat, FIRST) == {Function.HEAD: [ANNE]}
    assert held(seat, SEPTEMBER) == {Function.HEAD: [VACANT]}
    assert held(seat, SEPTEMBER)[Function.HEAD][0].is_vacant


def test_the_accountant_of_a_member_is_the_one_of_the_seat(seat: Establishment, member: Establishment) -> None:
    appoint(seat, Function.ACCOUNTANT, ANNE.name, ANNE.email, on=FIRST)
    appoint(seat, Function.DEPUTY_ACCOUNTANT, BAKARI.name, BAKARI.email, on=FIRST)
    appoint(seat, Function.HEAD, "Chef du siège", on=FIRST)
    assert held(member) == {Function.ACCOUNTANT: [ANNE], Function.DEPUTY_ACCOUNTANT: [BAKARI]}
    assert Function.HEAD in held(seat)


def test_who_left_the_agency_has_no_accountant(grenoble: Academy, seat: Establishment, member: Establishment) -> None:
    appoint(seat, Function.ACCOUNTANT, ANNE.name, ANNE.email, on=FIRST)
    agencies.attach(grenoble, [Placement(member, None, SEPTEMBER)], by=None, reason="Essai")
    assert held(member, SEPTEMBER - timedelta(days=1)) == {Function.ACCOUNTANT: [ANNE]}
    assert held(member) == {}


def test_deputies_have_a_post_each(grenoble: Academy, seat: Establishment, member: Establishment) -> None:
    two = [
        Appointment(seat, Function.DEPUTY_ACCOUNTANT, person.name, person.email, FIRST, number)
        for number, person in ((2, BAKARI), (1, ANNE))
    ]
    posts.appoint(grenoble, two, by=None, reason="Essai")
    assert held(member)[Function.DEPUTY_ACCOUNTANT] == [ANNE, BAKARI]
    assert [holder.number for holder in held(member)[Function.DEPUTY_ACCOUNTANT]] == [1, 2]


def test_what_is_held_already_is_not_written_again(seat: Establishment) -> None:
    appoint(seat, Function.HEAD, ANNE.name, ANNE.email, on=FIRST)
    assert appoint(seat, Function.HEAD, "  Anne  Aulne ", f" {ANNE.email}", on=SEPTEMBER) == []
    assert PostHolding.objects.count() == 1
    assert Post.objects.count() == 1


def test_a_correction_is_a_new_row_and_the_past_stays_readable(seat: Establishment) -> None:
    (first,) = appoint(seat, Function.HEAD, ANNE.name, ANNE.email, on=FIRST)
    appoint(seat, Function.HEAD, BAKARI.name, BAKARI.email, on=FIRST)
    assert held(seat) == {Function.HEAD: [BAKARI]}
    before = PostHolding.objects.holders([seat.pk], OCTOBER, first.recorded_at)
    assert before == {seat.pk: {Function.HEAD: [ANNE]}}


def test_an_agency_left_for_another_changes_the_accountant(
    grenoble: Academy, seat: Establishment, member: Establishment
) -> None:
    other = make_establishment(grenoble)
    gather(other, on=FIRST)
    appoint(seat, Function.ACCOUNTANT, ANNE.name, ANNE.email, on=FIRST)
    appoint(other, Function.ACCOUNTANT, BAKARI.name, BAKARI.email, on=FIRST)
    agencies.attach(grenoble, [Placement(member, other, SEPTEMBER)], by=None, reason="Essai")
    assert held(member, FIRST) == {Function.ACCOUNTANT: [ANNE]}
    assert held(member) == {Function.ACCOUNTANT: [BAKARI]}
    assert AgencyMembership.objects.filter(establishment=member).count() == 2


@pytest.mark.parametrize("count", [1, 3])
def test_holders_are_read_in_two_queries(grenoble: Academy, count: int, django_assert_num_queries: Any) -> None:
    places = []
    for _ in range(count):
        seat, other = make_establishment(grenoble), make_establishment(grenoble)
        gather(seat, other, on=FIRST)
        appoint(seat, Function.ACCOUNTANT, ANNE.name, ANNE.email, on=FIRST)
        places += [seat.pk, other.pk]
    with django_assert_num_queries(2):
        found = PostHolding.objects.holders(places, OCTOBER)
    assert found == {pk: {Function.ACCOUNTANT: [ANNE]} for pk in places}


@pytest.mark.parametrize("count", [1, 3])
def test_appointing_costs_the_same_whatever_the_number(
    grenoble: Academy, count: int, django_assert_num_queries: Any
) -> None:
    places = [make_establishment(grenoble) for _ in range(count)]
    for one in places:
        gather(one, on=FIRST)
    wanted = [
        Appointment(one, function, ANNE.name, ANNE.email, FIRST)
        for one in places
        for function in (Function.HEAD, Function.ACCOUNTANT)
    ]
    with django_assert_num_queries(11):
        assert len(posts.appoint(grenoble, wanted, by=None, reason="Essai")) == 2 * count


# --- what is refused


@pytest.mark.parametrize(
    ("function", "name", "email", "number", "sentence"),
    [
        (Function.ACCOUNTANT, "Anne Aulne", "", 1, "n’est pas le siège d’une agence comptable le 01/09/2024"),
        (Function.DEPUTY_ACCOUNTANT, "", "", 1, "n’est pas le siège"),
        (Function.HEAD, "", "anne@demo.invalid", 1, "une adresse sans nom"),
        (Function.HEAD, "Anne Aulne", "anne", 1, "n’est pas une adresse électronique"),
        (Function.HEAD, "Anne Aulne", "a@" + "b" * 260 + ".fr", 1, "adresse"),
        (Function.HEAD, "0476", "", 1, "n’est pas un nom"),
        (Function.HEAD, "anne@demo.invalid", "", 1, "n’est pas un nom"),
        (Function.HEAD, "A" * 121, "", 1, "n’est pas un nom"),
        (Function.HEAD, "Anne Aulne", "", 2, "ce numéro de poste n’est pas possible"),
        (Function.BURSARY_STAFF, "Anne Aulne", "", 0, "ce numéro de poste n’est pas possible"),
        (Function.BURSARY_STAFF, "Anne Aulne", "", 100, "ce numéro de poste n’est pas possible"),
    ],
)
def test_what_makes_no_sense_is_refused(
    grenoble: Academy, member: Establishment, function: Function, name: str, email: str, number: int, sentence: str
) -> None:
    with pytest.raises(PostRefused, match=sentence):
        wanted = Appointment(member, function, name, email, SEPTEMBER, number)
        posts.appoint(grenoble, [wanted], by=None, reason="Essai")
    assert Post.objects.count() == 0


def test_an_accountant_is_refused_on_a_day_when_there_is_no_agency_yet(
    seat: Establishment, member: Establishment
) -> None:
    with pytest.raises(PostRefused, match="n’est pas le siège d’une agence comptable le 31/12/2023"):
        appoint(seat, Function.ACCOUNTANT, ANNE.name, ANNE.email, on=FIRST - timedelta(days=1))


def test_an_accountant_may_leave_an_agency_that_is_gone(grenoble: Academy, seat: Establishment) -> None:
    gather(seat, on=FIRST)
    appoint(seat, Function.ACCOUNTANT, ANNE.name, ANNE.email, on=FIRST)
    agencies.attach(grenoble, [Placement(seat, None, SEPTEMBER)], by=None, reason="Essai")
    assert len(appoint(seat, Function.ACCOUNTANT, "", on=SEPTEMBER)) == 1
    with pytest.raises(PostRefused, match="n’est pas le siège"):
        appoint(seat, Function.ACCOUNTANT, BAKARI.name, on=OCTOBER)


def test_strangers_gretas_and_silence_are_refused(grenoble: Academy, lyon: Academy, seat: Establishment) -> None:
    wanted = Appointment(seat, Function.HEAD, ANNE.name, ANNE.email, FIRST)
    with pytest.raises(PostRefused, match="une autre académie"):
        posts.appoint(lyon, [wanted], by=None, reason="Essai")
    greta = make_establishment(grenoble, kind=Kind.GRETA, host=seat, name="GRETA")
    with pytest.raises(PostRefused, match="est un GRETA"):
        appoint(greta, Function.HEAD, ANNE.name)
    with pytest.raises(PostRefused, match="Indiquez le motif"):
        posts.appoint(grenoble, [wanted], by=None, reason="  ")
    with pytest.raises(PostRefused, match="deux personnes pour un même poste le même jour"):
        other = Appointment(seat, Function.HEAD, BAKARI.name, BAKARI.email, FIRST)
        posts.appoint(grenoble, [wanted, other], by=None, reason="Essai")
    assert PostHolding.objects.count() == 0


@pytest.mark.parametrize(
    "statement", ["UPDATE deployment_postholding SET name = 'X'", "DELETE FROM deployment_postholding"]
)
def test_the_register_only_grows(seat: Establishment, statement: str) -> None:
    appoint(seat, Function.HEAD, ANNE.name)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert PostHolding.objects.get().name == ANNE.name


# --- undoing, trail, erasure


def test_undoing_gives_back_what_held_and_withdraws_what_did_not(
    grenoble: Academy, seat: Establishment, member: Establishment
) -> None:
    appoint(seat, Function.HEAD, ANNE.name, ANNE.email, on=FIRST)
    wanted = [
        Appointment(seat, Function.HEAD, BAKARI.name, BAKARI.email, SEPTEMBER),
        Appointment(seat, Function.ACCOUNTANT, BAKARI.name, BAKARI.email, FIRST),
        Appointment(seat, Function.ACCOUNTANT, "", "", SEPTEMBER),
    ]
    operation = uuid4()
    posts.appoint(grenoble, wanted, by=None, reason="Essai", operation=operation)
    posts.undo(grenoble, operation, by=None)
    for day in (FIRST, SEPTEMBER, OCTOBER):
        assert held(seat, day) == {Function.HEAD: [ANNE]}
    assert vacant_accountants(grenoble, on=OCTOBER).value == 0
    assert PostHolding.objects.count() == 1 + 3 + 3


def test_undoing_is_refused_once_a_post_changed_again(grenoble: Academy, lyon: Academy, seat: Establishment) -> None:
    (row,) = appoint(seat, Function.HEAD, ANNE.name, on=FIRST)
    with pytest.raises(PostRefused, match="introuvable"):
        posts.undo(lyon, row.operation, by=None)
    appoint(seat, Function.HEAD, BAKARI.name, on=SEPTEMBER)
    with pytest.raises(PostRefused, match="inscrivez qui le tient maintenant"):
        posts.undo(grenoble, row.operation, by=None)


def test_the_trail_tells_the_posts_and_not_the_persons(grenoble: Academy, nadia: User, seat: Establishment) -> None:
    wanted = Appointment(seat, Function.HEAD, ANNE.name, ANNE.email, FIRST)
    posts.appoint(grenoble, [wanted], by=nadia, reason="Rentrée")
    entry = AuditEntry.objects.filter(act="deployment.edit_posts").get()
    assert entry.actor == nadia
    assert "Chef d’établissement" in str(vars(entry))
    assert "Aulne" not in str(vars(entry))


def test_erasing_a_person_redacts_the_locked_register(grenoble: Academy, seat: Establishment) -> None:
    anne = make_person("Anne", "staff", grenoble)  # type: ignore[arg-type]
    appoint(seat, Function.HEAD, f"{anne.first_name} {anne.last_name}", anne.email)
    appoint(seat, Function.SECRETARY_GENERAL, BAKARI.name, BAKARI.email)
    people.erase(Identity.of(anne))
    rows = PostHolding.objects.order_by("pk").values_list("name", "email")
    assert list(rows) == [("Personne effacée", f"anonyme-{anne.pk}@invalid"), (BAKARI.name, BAKARI.email)]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        PostHolding.objects.update(name="X")


# --- the figure


def test_vacant_accountants_are_those_that_the_register_says_vacant(grenoble: Academy) -> None:
    told = {}
    for name, code, persons in (
        ("vacant", "V7", {FIRST: ANNE.name, SEPTEMBER: ""}),
        ("held", "V7", {FIRST: ANNE.name}),
        ("unknown", "V7", {}),
        ("elsewhere", "V8", {FIRST: ""}),
    ):
        told[name] = seat = make_establishment(grenoble)
        gather(seat, on=FIRST)
        place(seat, code, on=FIRST)
        for day, person in persons.items():
            appoint(seat, Function.ACCOUNTANT, person, on=day)
    figure = vacant_accountants(grenoble, on=OCTOBER, wave="V7")
    assert (figure.value, figure.rows) == (1, {"total": (told["vacant"].uai,)})
    assert (figure.population.size, [e.size for e in figure.population.exclusions]) == (2, [1])
    assert vacant_accountants(grenoble, on=OCTOBER).value == 2
    assert vacant_accountants(grenoble, on=FIRST, wave="V7").value == 0
    assert vacant_accountants(grenoble, on=OCTOBER, wave="V99").population.size == 0


@pytest.mark.django_db(transaction=True)
def test_the_same_change_at_the_same_time_is_written_once() -> None:
    place = make_establishment(make_academy())
    written: list[int] = []

    def run() -> None:
        try:
            written.append(len(appoint(place, Function.HEAD, ANNE.name, ANNE.email)))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(written) == [0, 0, 0, 1]
    assert PostHolding.objects.count() == 1
