"""Indemnities: what is owed, attested, corrected and paid; and that no sequence of acts pays twice or too much."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, models, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from accounts import append_only
from accounts.models import AuditEntry, OutgoingEmail, User
from deployment.choices import Sphere
from deployment.models import Academy, AccountingAgency, AgencyMembership, Establishment, Wave
from tests.factories import make_establishment, place
from tests.tutoring.conftest import make_tutor
from tests.tutoring.test_pages import queries
from tests.tutoring.work import RATE, START, YEAR, make_call, make_own, make_place, serve, stop, token_of, visit
from tutoring.choices.work import IndemnityState
from tutoring.coverage import spells
from tutoring.figures.indemnities import tutor_indemnities
from tutoring.ledger import LedgerLine, accounts, ledger, share_of
from tutoring.models import Assignment, Indemnity, PaymentLine, PaymentStatement, Tutor, VisitLink
from tutoring.school_years import SchoolYear
from tutoring.services import indemnities, statements
from tutoring.services.refusals import TutoringRefused

Signed = Callable[[User], Client]
HOME = "/grenoble/tutorat/"
MONEY = f"{HOME}indemnites/"
MIDDLE = date(2024, 3, 1)
GROUND = "Compte rendu du service"


@pytest.fixture
def crest(v7: Wave) -> Establishment:
    make_call(v7.academy)
    return make_place(v7.academy)


@pytest.fixture
def lea(crest: Establishment) -> Tutor:
    """Tutor of Crest for the whole school year 2023-2024."""
    tutor = make_tutor(crest.academy, "Léa Tutrice", email="lea@exemple.invalid")
    serve(tutor, crest)
    return tutor


def attest(tutor: Tutor, spot: Establishment, reason: str = GROUND, year: SchoolYear = YEAR) -> Indemnity:
    return indemnities.attest(tutor, spot, year, by=None, reason=reason)


def attach(member: Establishment, seat: Establishment) -> None:
    agency = AccountingAgency.objects.get(seat=seat)
    AgencyMembership.objects.create(
        establishment=member, agency=agency, effective_on=START, recorded_at=timezone.now(), reason="Essai"
    )


def line_of(tutor: Tutor, spot: Establishment, year: SchoolYear = YEAR) -> LedgerLine:
    return next(line for line in ledger(tutor.academy, year, tutors=[tutor.pk]) if line.establishment == spot)


def text(response: Any) -> str:
    return str(response.content.decode())


# --- how much


@given(st.integers(0, 99_999_999), st.lists(st.integers(0, 366), max_size=8), st.integers(2015, 2040))
def test_parts_never_make_more_than_the_rate(cents: int, parts: list[int], first: int) -> None:
    """Whatever the days are split into: cents are cut, never rounded up, and less than one a part is lost."""
    rate, year, days = Decimal(cents) / 100, SchoolYear(first), []
    for part in parts:
        days.append(min(part, year.days - sum(days)))
    shares = [share_of(rate, number, year) for number in days]
    assert all(share == share.quantize(Decimal("0.01")) >= 0 for share in shares)
    whole = rate * sum(days) / year.days
    assert whole - Decimal("0.01") * len(shares) - Decimal("1e-9") <= sum(shares) <= rate
    assert share_of(rate, year.days, year) == rate


def test_a_whole_year_is_the_rate_and_a_replacement_shares_it(crest: Establishment, lea: Tutor) -> None:
    assert (line_of(lea, crest).days, line_of(lea, crest).amount) == (366, RATE)
    max_ = make_tutor(crest.academy, "Max Suivant")
    serve(max_, crest, since=MIDDLE)
    before, after = line_of(lea, crest), line_of(max_, crest)
    assert before.work and (before.work.starts_on, before.work.ends_on) == (START, MIDDLE - timedelta(days=1))
    assert (before.days, before.amount) == (182, Decimal("248.63"))
    assert (after.days, after.amount) == (184, Decimal("251.36"))
    assert before.amount + after.amount == Decimal("499.99")  # type: ignore[operator]


def test_both_spheres_of_one_establishment_are_one_indemnity(crest: Establishment, lea: Tutor) -> None:
    serve(lea, crest, Sphere.ACCOUNTING, since=MIDDLE)
    (line,) = ledger(crest.academy, YEAR)
    assert (line.days, line.amount) == (366, RATE)
    assert line.work and line.work.spheres == ["Sphère ordonnateur", "Sphère comptable"]


def test_what_cuts_a_tutorship_cuts_the_days(crest: Establishment, lea: Tutor) -> None:
    """Leaving the wave, closing, a mission that begins late or ends early: each counts from its own day."""
    place(crest, "V7", on=date(2024, 8, 1))
    assert line_of(lea, crest).days == 366 - 31
    Establishment.objects.filter(pk=crest.pk).update(closed_on=date(2024, 7, 1))
    assert line_of(lea, crest).days == 366 - 62
    Tutor.objects.filter(pk=lea.pk).update(available_from=date(2023, 10, 1), ended_on=date(2024, 6, 1))
    assert line_of(lea, crest).days == 366 - 62 - 30 - 30


def tutored_by_the_registers(academy: Academy, day: date) -> set[tuple[int, int, str]]:
    """The naive reading of one day: of each agency and sphere, the tutor of the wave, else of the last one before."""
    rows = Assignment.objects.in_force(day).select_related("need__agency__seat", "need__wave")
    cut = {wave.rank for wave in academy.waves.with_state(day) if wave.cutover_on and wave.cutover_on <= day}
    found = {}
    for row in sorted(rows, key=lambda row: row.need.wave.rank):
        need = row.need
        for spot in academy.establishments.with_wave(day).with_agency(day):
            goes_on = need.wave.rank < (spot.wave_rank or 0) in cut
            if (
                row.tutor_id
                and spot.agency_uai == need.agency.seat.uai
                and (need.wave.code == spot.wave_code or goes_on)
            ):
                found[spot.pk, need.sphere] = row.tutor_id
    return {(tutor, spot, sphere) for (spot, sphere), tutor in found.items()}


def test_spells_equal_a_day_by_day_reading(crest: Establishment, lea: Tutor) -> None:
    """The naive reading asks each register each day."""
    die = make_establishment(crest.academy, name="Collège Die")
    max_ = make_tutor(crest.academy, "Max Suivant")
    stop(crest, date(2023, 11, 3))
    serve(max_, crest, since=date(2024, 1, 8))
    serve(lea, crest, Sphere.ACCOUNTING, since=date(2024, 2, 1))
    place(crest, "V7", on=date(2024, 4, 1))
    place(crest, "V6", on=date(2024, 5, 1))
    place(die, "V6", on=START)
    late = make_establishment(crest.academy, name="Collège de la V7")
    attach(late, crest)
    place(late, "V7", on=START)
    serve(lea, crest, since=date(2024, 9, 20), code="V7")
    told = defaultdict(set)
    for spell in spells(crest.academy, START, date(2024, 12, 1)):
        told[spell.tutor, spell.establishment, spell.sphere] |= spell.days
    samples = {START + timedelta(days=n) for n in range(0, 457, 11)}
    edges = {row[-1] for row in Assignment.objects.values_list("effective_on")} | {date(2024, 4, 1), date(2024, 5, 1)}
    for day in samples | {edge + timedelta(days=n) for edge in edges for n in (-1, 0)} - {START - timedelta(days=1)}:
        assert {key for key, days in told.items() if day in days} == tutored_by_the_registers(crest.academy, day), day
    lost = {date(2024, 4, 1) + timedelta(days=n) for n in range(30)}
    assert told[lea.pk, crest.pk, "ordering"] == {START + timedelta(days=n) for n in range(63)}
    assert told[max_.pk, crest.pk, "ordering"] == {date(2024, 1, 8) + timedelta(days=n) for n in range(329)} - lost
    assert told[max_.pk, late.pk, "ordering"] == {date(2024, 9, 1) + timedelta(days=n) for n in range(19)}
    assert min(told[lea.pk, late.pk, "ordering"]) == date(2024, 9, 20)
    assert die.pk not in {establishment for _, establishment, _ in told}


# --- attesting


def test_the_service_is_attested_from_a_confirmed_visit(
    crest: Establishment, lea: Tutor, samir: User, signed: Signed
) -> None:
    url = f"{HOME}service-fait/{lea.pk}/{crest.uai}/2023-2024/"
    assert "Aucune visite n’est confirmée" in text(signed(samir).post(url, {"reason": " "}))
    row = visit(lea, crest)
    head = Client()
    head.get(f"/v/{token_of(OutgoingEmail.objects.get())}/")
    said = {"verdict": "exact", "rating": "3", "name": "Chef"}
    head.post(f"/visite/{VisitLink.objects.get().pk}/{row.pk}/", said)
    assert "1 sur 1" in text(signed(samir).get(f"{HOME}service-fait/"))
    assert signed(samir).post(url).status_code == 302
    owed = Indemnity.objects.get()
    assert (owed.days, owed.rate, owed.amount, owed.confirmed_visits) == (366, RATE, RATE, 1)
    assert owed.periods == {"ordering": [["2023-09-01", "2024-08-31"]]}
    assert "déjà attesté" in text(signed(samir).post(url, {"reason": "x"}))


def test_what_is_not_done_is_not_attested(crest: Establishment, lea: Tutor) -> None:
    with pytest.raises(TutoringRefused, match="pas encore fait"):
        attest(lea, crest, year=SchoolYear(2024))
    with pytest.raises(TutoringRefused, match="n’a pas tutoré"):
        attest(lea, make_place(crest.academy, "Die"))
    assert line_of(lea, crest, SchoolYear(2024)).state == IndemnityState.RUNNING
    stop(crest, date(2024, 10, 1))
    assert attest(lea, crest, year=SchoolYear(2024)).days == 30


def test_the_rate_is_the_tutor_s_own_call_or_the_last_one(crest: Establishment, lea: Tutor) -> None:
    make_call(crest.academy, reference="2", rate=Decimal("600"), published_on=date(2024, 1, 8),
              deadline_on=date(2024, 1, 22))  # fmt: skip
    make_call(crest.academy, reference="3", rate=Decimal("900"), state="draft")
    make_call(crest.academy, reference="4", rate=Decimal("900"), published_on=date(2024, 9, 2),
              deadline_on=date(2024, 9, 16))  # fmt: skip
    assert line_of(lea, crest).amount == Decimal("600")


def test_without_a_rate_it_is_refused(crest: Establishment, lea: Tutor) -> None:
    crest.academy.tutor_calls.update(rate=0)
    assert line_of(lea, crest).amount is None
    with pytest.raises(TutoringRefused, match="ne fixe le taux"):
        attest(lea, crest)


def test_a_day_is_owed_to_one_tutor_whatever_the_register_says_later(crest: Establishment, lea: Tutor) -> None:
    first = attest(lea, crest)
    max_ = make_tutor(crest.academy, "Max Suivant")
    serve(max_, crest, since=MIDDLE)
    with pytest.raises(TutoringRefused, match="déjà attestés pour Léa"):
        attest(max_, crest)
    assert line_of(lea, crest).gap == -184
    less = indemnities.correct(first, by=None, reason="Remplacée en mars")
    assert less.amount == Decimal("-251.37")
    assert attest(max_, crest).amount == Decimal("251.36")
    with pytest.raises(TutoringRefused, match="rien à corriger"):
        indemnities.correct(first, by=None, reason="Encore")


# --- paying


@pytest.fixture
def paid(crest: Establishment, lea: Tutor, hugo: User) -> PaymentStatement:
    attest(lea, crest)
    return statements.make(crest.academy, by=hugo)


def test_what_is_in_a_statement_is_in_no_other(paid: PaymentStatement, hugo: User, signed: Signed) -> None:
    assert "Rien n’est attesté" in text(signed(hugo).post(f"{MONEY}etats/arreter/", follow=True))
    assert (PaymentStatement.objects.count(), PaymentLine.objects.count()) == (1, 1)


def test_a_correction_is_a_signed_line_of_a_later_statement(
    paid: PaymentStatement, lea: Tutor, crest: Establishment, samir: User, hugo: User, signed: Signed
) -> None:
    row = Indemnity.objects.get()
    asked = {"is_void": "on", "reason": "Tutorat jamais commencé"}
    assert signed(hugo).post(f"{MONEY}{row.pk}/corriger/", asked).status_code == 403
    assert signed(samir).post(f"{MONEY}{row.pk}/corriger/", asked).status_code == 302
    assert signed(hugo).post(f"{MONEY}etats/arreter/").status_code == 302
    second = PaymentStatement.objects.get(number=2)
    assert [(line.amount, line.reason) for line in second.lines.all()] == [(-RATE, "Tutorat jamais commencé")]
    assert "−500" in text(signed(hugo).get(f"{MONEY}etats/{second.pk}/"))
    assert line_of(lea, crest).amount == 0
    back = indemnities.correct(row, by=samir, reason="Il avait commencé")
    assert back.amount == RATE
    assert paid.lines.get().amount == RATE


def test_a_payment_is_noted_once_and_the_tutor_sees_it(
    paid: PaymentStatement, lea: Tutor, hugo: User, nadia: User, signed: Signed
) -> None:
    theo = make_own(lea.academy, "Theo", lea)
    own = f"{HOME}moi/"
    assert "Dans l’état de paiement n° 1" in text(signed(theo).get(own))
    url = f"{MONEY}etats/{paid.pk}/paiement/"
    assert signed(nadia).post(url, {"on": "2024-10-08"}).status_code == 403
    assert "entre le jour de l’état et aujourd’hui" in text(signed(hugo).post(url, {"on": "2024-10-09"}))
    assert signed(hugo).post(url, {"on": "2024-10-08"}).status_code == 302
    assert "déjà payé" in text(signed(hugo).post(url, {"on": "2024-10-08"}))
    assert "Payée le 08/10/2024 (état n° 1)" in text(signed(theo).get(own))


def test_the_file_is_the_one_whose_hash_is_shown(paid: PaymentStatement, hugo: User, signed: Signed) -> None:
    url = f"{MONEY}etats/{paid.pk}/"
    first, again = (signed(hugo).get(f"{url}fichier/") for _ in range(2))
    assert first.content == again.content
    assert hashlib.sha256(first.content).hexdigest() == paid.sha256
    assert paid.sha256 in text(signed(hugo).get(url))
    traces = AuditEntry.objects.filter(kind="exported", target=str(paid))
    assert [trace.details["sha256"] for trace in traces] == [paid.sha256] * 2
    Establishment.objects.update(name="Renommé")
    Tutor.objects.update(name="Renommée")
    assert signed(hugo).get(f"{url}fichier/").content == first.content


def test_a_file_that_would_differ_is_refused(paid: PaymentStatement, hugo: User, signed: Signed) -> None:
    PaymentStatement.objects.update(sha256="0" * 64)
    assert "empreinte diffère" in text(signed(hugo).get(f"{MONEY}etats/{paid.pk}/fichier/", follow=True))


def test_the_file_holds_numbers_and_texts_and_no_formula(crest: Establishment, lea: Tutor, hugo: User) -> None:
    Tutor.objects.filter(pk=lea.pk).update(name='=HYPERLINK("http://x")')
    attest(lea, crest)
    content = statements.content(statements.make(crest.academy, by=hugo))
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet and "mergeCell" not in sheet
        assert {entry.date_time for entry in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    heading, row = load_workbook(io.BytesIO(content)).active.iter_rows()  # type: ignore[union-attr]
    assert [cell.value for cell in heading][:4] == ["État n°", "Rang", "Année scolaire", "Tuteur"]
    assert row[3].value == '=HYPERLINK("http://x")' and row[3].data_type == "s"
    assert [(cell.value, cell.data_type) for cell in row[7:11]] == [(366, "n"), (366, "n"), (500, "n"), (500, "n")]


# --- who


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("indemnites/", {"nadia", "hugo"}),
        ("indemnites/etats/{}/", {"nadia", "hugo"}),
        ("service-fait/", {"nadia", "samir"}),
    ],
)
def test_who_sees_the_money_and_who_sees_the_work(
    path: str, allowed: set[str], paid: PaymentStatement, request: pytest.FixtureRequest, signed: Signed
) -> None:
    url = f"{HOME}{path.format(paid.pk)}"
    people = ("nadia", "samir", "hugo", "emma", "claire", "lise", "denis", "alice", "tom")
    codes = {name: signed(request.getfixturevalue(name)).get(url).status_code for name in people}
    assert {name for name, code in codes.items() if code == 200} == allowed
    assert set(codes.values()) == {200, 403}
    assert signed(request.getfixturevalue("victor")).get(url).status_code == 404
    assert Client().get(url).status_code == 302


def test_another_academy_s_statement_is_unknown(paid: PaymentStatement, victor: User, signed: Signed) -> None:
    for path in ("", "fichier/"):
        assert signed(victor).get(f"/lyon/tutorat/indemnites/etats/{paid.pk}/{path}").status_code == 404


def test_the_bonus_is_for_human_resources_only(
    crest: Establishment, lea: Tutor, nadia: User, hugo: User, signed: Signed
) -> None:
    assert "coefficient 3" in text(signed(hugo).get(MONEY))
    assert "coefficient" not in text(signed(nadia).get(MONEY))
    assert "établissement <em>tutoré</em>" in text(signed(hugo).get(MONEY))


def test_human_resources_see_no_motivation_nor_pending_decision(
    paid: PaymentStatement, hugo: User, signed: Signed
) -> None:
    for path in ("candidatures/", "tuteurs/", f"tuteurs/{Tutor.objects.get().pk}/", "visites/"):
        assert signed(hugo).get(f"{HOME}{path}").status_code == 403
    assert "/tuteurs/" not in text(signed(hugo).get(MONEY))


# --- the figure


def test_the_figure_tells_each_state_and_opens_on_its_rows(paid: PaymentStatement, crest: Establishment) -> None:
    die = make_place(crest.academy, "Die")
    serve(make_tutor(crest.academy, "Max"), die, since=MIDDLE)
    figure = tutor_indemnities(crest.academy, on=crest.academy.today)
    assert figure.data() == {
        "total": 2,
        "running": 0,
        "to_attest": 1,
        "attested": 0,
        "in_statement": 1,
        "paid": 0,
        "cents": {"total": 75136, "running": 0, "to_attest": 25136, "attested": 0, "in_statement": 50000, "paid": 0},
    }
    assert figure.rows["to_attest"] == (die.uai,)
    assert figure.population.size == 2 and "2 tuteurs" in figure.population.label
    before = tutor_indemnities(crest.academy, on=date(2024, 9, 30))
    assert before.data()["to_attest"] == 2


@pytest.mark.parametrize(("path", "number"), [("indemnites/", 27), ("service-fait/", 21)])
def test_queries_do_not_grow(
    path: str, number: int, crest: Establishment, nadia: User, hugo: User, signed: Signed
) -> None:
    browser = signed(nadia)
    for name in ("Un", "Deux", "Trois"):
        spot, tutor = make_place(crest.academy, name), make_tutor(crest.academy, f"Tuteur {name}")
        serve(tutor, spot)
        attest(tutor, spot)
        statements.make(crest.academy, by=hugo)
        if name != "Deux":
            assert queries(browser, f"{HOME}{path}") == number


# --- never twice


def check(academy: Academy) -> None:
    """Whatever was done: each indemnity paid once, each day of a sphere owed once, never above the rate."""
    owed: dict[tuple[int, int, str], list[set[str]]] = defaultdict(list)
    for account in accounts(academy):
        row = account.indemnity
        assert 0 <= account.amount <= row.rate
        assert account.amount == share_of(row.rate, account.days, row.year)
        assert sum(line.correction_id is None for line in account.lines) <= 1
        listed = sum((line.amount for line in account.lines), Decimal(0))
        assert 0 <= listed <= row.rate and listed + account.unlisted == account.amount
        for sphere, stretches in account.periods.items():
            days = {str(date.fromisoformat(first) + timedelta(days=n)) for first, last in stretches
                    for n in range((date.fromisoformat(last) - date.fromisoformat(first)).days + 1)}  # fmt: skip
            owed[row.establishment_id, row.school_year, sphere].append(days)
    for groups in owed.values():
        assert len(set().union(*groups)) == sum(len(days) for days in groups)
    numbers = list(PaymentStatement.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


def act_at_random(chance: Random, spots: list[Establishment], people: list[Tutor], hugo: User) -> None:
    """One act of anybody, which may be refused."""
    spot, tutor = chance.choice(spots), chance.choice(people)
    day, sphere = START + timedelta(days=chance.randrange(420)), chance.choice(list(Sphere))
    rows = list(Indemnity.objects.select_related("tutor__academy", "establishment"))
    acts: list[Callable[[], Any]] = [
        lambda: serve(tutor, spot, sphere, since=day),
        lambda: serve(tutor, spot, sphere, since=day),
        lambda: stop(spot, day, sphere),
        lambda: statements.make(spot.academy, by=hugo),
        lambda: statements.mark_paid(PaymentStatement.objects.latest("pk"), spot.academy.today, by=hugo),
        *(lambda who=who: attest(who, spot, year=SchoolYear(chance.choice((2023, 2023, 2024)))) for who in people),
        *(lambda row=row: indemnities.correct(row, by=None, reason="Essai") for row in rows),
        *(lambda row=row: indemnities.correct(row, by=None, reason="Essai", is_void=True) for row in rows[:1]),
    ]
    with suppress(TutoringRefused, PaymentStatement.DoesNotExist):
        chance.choice(acts)()


@pytest.mark.parametrize("seed", range(4))
def test_no_sequence_pays_twice_or_too_much(seed: int, crest: Establishment, lea: Tutor, hugo: User) -> None:
    chance = Random(seed)
    spots = [crest, make_place(crest.academy, "Die")]
    people = [lea, make_tutor(crest.academy, "Max", capacity=9), make_tutor(crest.academy, "Zoé", capacity=9)]
    for _ in range(40):
        act_at_random(chance, spots, people, hugo)
        check(crest.academy)
    assert Indemnity.objects.exists() and PaymentLine.objects.exists()


def together(academy: Academy, people: list[User]) -> list[str]:
    """Statements made at the same instant; what each person is told."""
    gate = Barrier(len(people))

    def one(person: User) -> str:
        gate.wait()
        try:
            return str(statements.make(academy, by=person))
        except TutoringRefused as refusal:
            return str(refusal)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(people)) as pool:
        return sorted(pool.map(one, people))


@pytest.mark.django_db(transaction=True)
def test_two_agents_at_once_make_one_payment(crest: Establishment, lea: Tutor, hugo: User, nadia: User) -> None:
    attest(lea, crest)
    told = together(crest.academy, [hugo, nadia])
    assert told == ["Rien n’est attesté qui ne soit déjà dans un état de paiement.", "État de paiement n° 1"]
    assert PaymentLine.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_agents_at_once_attest_once(crest: Establishment, lea: Tutor) -> None:
    def one(_: int) -> bool:
        try:
            attest(lea, crest)
        except TutoringRefused:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, range(2))) == [False, True]
    assert Indemnity.objects.count() == 1


def everything(account: Any) -> list[None]:
    """As `unlisted`, blind to the statements that hold the indemnity already."""
    return [None]


def test_the_database_refuses_what_a_blind_service_pays_twice(
    paid: PaymentStatement, hugo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "unlisted", everything)
    with pytest.raises(TutoringRefused, match="déjà dans un état"):
        statements.make(paid.academy, by=hugo)
    assert PaymentLine.objects.count() == 1


def constraint(model: type[models.Model], name: str) -> models.UniqueConstraint:
    found = next(one for one in model._meta.constraints if one.name == name)
    assert isinstance(found, models.UniqueConstraint)
    return found


@pytest.mark.django_db(transaction=True)
def test_without_constraint_nor_guard_it_is_paid_twice(
    crest: Establishment, lea: Tutor, hugo: User, nadia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant twin: with both taken away, the test above sees two payments."""
    attest(lea, crest)
    once = constraint(PaymentLine, "indemnity_paid_once")
    monkeypatch.setattr(statements, "unlisted", everything)
    with connection.schema_editor() as editor:
        editor.execute(editor._delete_index_sql(PaymentLine, once.name))  # type: ignore[attr-defined]
    try:
        assert together(crest.academy, [hugo, nadia]) == ["État de paiement n° 1", "État de paiement n° 2"]
        assert sum(PaymentLine.objects.values_list("amount", flat=True)) == 2 * RATE
        with pytest.raises(AssertionError):
            check(crest.academy)
    finally:
        emptied(PaymentLine)
        with connection.schema_editor() as editor:
            editor.execute(once.create_sql(PaymentLine, editor))


def emptied(model: type[models.Model]) -> None:
    """So that the constraint can be put back."""
    with append_only.unlocked(model._meta.db_table):
        model._default_manager.all()._raw_delete(connection.alias)


def test_the_database_holds_one_indemnity_a_tutor_place_and_year(crest: Establishment, lea: Tutor) -> None:
    row = attest(lea, crest)
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)
