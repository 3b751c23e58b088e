"""Letters and orders: what they say is frozen, numbered once, followed step by step, never issued twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEntry, User
from deployment.choices import Sphere
from deployment.models import Academy, AccountingAgency, AgencyMembership, Establishment, Wave
from tests.factories import make_establishment, make_wave, place
from tests.tutoring.conftest import BOTH, TODAY, make_application, make_tutor
from tutoring.choices.candidates import TutorFunction
from tutoring.choices.papers import PaperKind, PaperState
from tutoring.models import Paper, PaperEvent, PaperTemplate, Tutor, TutorCall
from tutoring.paper_texts import DEFAULTS, FIELDS, PaperText
from tutoring.school_years import SchoolYear
from tutoring.services import paper_templates, papers, tutors
from tutoring.services.refusals import TutoringRefused

YEAR = SchoolYear(2024)
LETTER, ORDER = PaperKind.MISSION_LETTER, PaperKind.TRAVEL_ORDER
KINDS = (LETTER, ORDER)
HOSTILE = "<script>alert(1)</script> {{7*7}} {fin} =1+1 🌊 שלום"


def issue(*people: Tutor, kinds: Any = KINDS, year: SchoolYear = YEAR, on: date = TODAY, by: Any = None) -> list[Paper]:
    return papers.issue(people, kinds, year, on=on, by=by)


def move(paper: Paper, *states: PaperState, **fields: Any) -> Paper:
    given = {"on": TODAY, "by": None, "person": "La rectrice", "note": "Essai"} | fields
    for state in states:
        papers.step([paper], state, **given)
    return Paper.objects.with_state().get(pk=paper.pk)


def serve(tutor: Tutor, wave: Wave, seat: Establishment, sphere: Sphere = Sphere.ORDERING) -> None:
    when = {"effective_on": date(2024, 9, 2), "reason": "Convenu", "by": None}
    tutors.note_tutorship(tutor, wave, seat, sphere, **when)


def numbers() -> list[str]:
    return [paper.number for paper in Paper.objects.order_by("kind", "sequence")]


# --- what is issued


def test_papers_tell_what_the_registers_say_that_day(v7: Wave, seats: dict[str, Establishment], samir: User) -> None:
    call = TutorCall.objects.create(
        academy=v7.academy,
        reference="R",
        title="T",
        published_on=TODAY,
        deadline_on=TODAY,
        recipients="x",
        rate="500",
        mission_ends_on=date(2025, 8, 31),
        state="closed",
    )
    tutor = make_tutor(v7.academy, "Camille Tuteur", function=TutorFunction.DEPUTY_ACCOUNTANT)
    serve(tutor, v7, seats["full"])
    letter, order = issue(tutor, by=samir)
    assert (letter.number, order.number) == ("LM-2024-2025-001", "OMP-2024-2025-001")
    assert (letter.valid_from, letter.valid_to) == (date(2024, 9, 1), date(2025, 8, 31))
    assert order.valid_from == TODAY, "an order cannot authorise a trip made before it"
    told = letter.content
    agency = f"Agence comptable : Lycée Crest ({seats['full'].uai})"
    assert told["rules"] == [[agency, "Sphère ordonnateur : Collège Crest (Grenoble) et Lycée Crest (Crest)"]]
    assert told["addressees"][:2] == ["Camille Tuteur", "fondé de pouvoir"]
    assert any("une indemnité de 500 € par établissement tutoré" in p for p in told["closing"])
    assert any("du 1er septembre 2024 au 31 août 2025" in p for p in told["paragraphs"])
    assert not [p for p in told["paragraphs"] + told["closing"] if "{" in p]
    assert set(letter.values) == set(FIELDS)
    (entry,) = AuditEntry.objects.filter(act="tutoring.issue_papers")
    assert entry.details["numbers"] == [letter.number, order.number] and entry.actor == samir
    call.rate = 0
    call.save()
    assert "textes en vigueur" in papers.replace(letter, reason="Barème", on=TODAY, by=None).values["indemnite"]


def test_an_issued_paper_does_not_change_when_the_world_does(v7: Wave, seats: dict[str, Establishment]) -> None:
    tutor = make_tutor(v7.academy, "Avant")
    (letter,) = issue(tutor, kinds=[LETTER])
    before = Paper.objects.get().content
    serve(tutor, v7, seats["full"])
    Tutor.objects.update(name="Après")
    text = PaperText(title="Autre", body="Autre", signatory="Autre")
    paper_templates.write(v7.academy, LETTER, text, seen=1, by=None)  # type: ignore[arg-type]
    assert Paper.objects.get().content == before
    assert "que le service lui confiera" in str(before) and "Avant" in str(before)
    after = papers.replace(letter, reason="Nouveau tutorat", on=TODAY, by=None)
    assert (after.content["title"], after.values["tuteur"]) == ("Autre", "Après")
    assert "Lycée Crest" in after.values["tutorats"]


def test_the_establishments_of_a_later_wave_follow_the_agency_unless_another_tutors_them(
    v7: Wave, seats: dict[str, Establishment]
) -> None:
    late = make_establishment(v7.academy, name="Collège Tardif", town="")
    make_wave(v7.academy, "V8", cutover_on=date(2024, 10, 1))
    place(late, "V8")
    agency = AccountingAgency.objects.get(seat=seats["full"])
    member = {"establishment": late, "agency": agency, "effective_on": TODAY, "recorded_at": timezone.now()}
    AgencyMembership.objects.create(reason="Essai", **member)
    from_v6 = make_tutor(v7.academy, "De la V6")
    v6 = v7.academy.waves.get(code="V6")
    serve(from_v6, v6, seats["full"])
    (letter,) = issue(from_v6, kinds=[LETTER])
    assert "Lycée Crest" in letter.values["tutorats"] and "Tardif" in letter.values["tutorats"]
    newer = make_tutor(v7.academy, "De la V7")
    serve(newer, v7, seats["full"])
    told = papers.replace(letter, reason="Autre tuteur", on=TODAY, by=None).values["tutorats"]
    assert "Collège Crest" not in told and "Tardif" not in told
    (other,) = issue(newer, kinds=[LETTER])
    assert "Collège Crest" in other.values["tutorats"] and "Tardif" in other.values["tutorats"]


def test_an_end_already_written_is_not_in_the_paper_of_the_next_year(
    v7: Wave, seats: dict[str, Establishment], nadia: User
) -> None:
    tutor = make_tutor(v7.academy, "Camille")
    serve(tutor, v7, seats["full"])
    tutors.end_tutorship(tutor.assignments.get(), date(2025, 7, 1), by=nadia, reason="Fin d’année")
    this, following = issue(tutor, kinds=[LETTER])[0], issue(tutor, kinds=[LETTER], year=YEAR.next)[0]
    assert "Crest" in this.values["tutorats"] and "Crest" not in following.values["tutorats"]
    assert (following.number, following.valid_from) == ("LM-2025-2026-001", date(2025, 9, 1))


@pytest.mark.parametrize(
    ("fields", "year"),
    [
        ({"available_from": date(2025, 9, 1)}, YEAR),
        ({"ended_on": date(2024, 9, 1)}, YEAR),
        ({"ended_on": date(2024, 10, 8)}, YEAR),  # nothing left to authorise from today on
        ({}, SchoolYear(2026)),
        ({}, SchoolYear(2023)),
    ],
)
def test_no_paper_outside_the_mission_nor_for_a_far_year(fields: dict[str, date], year: SchoolYear, v7: Wave) -> None:
    tutor = make_tutor(v7.academy, "Camille")
    Tutor.objects.update(**fields)
    with pytest.raises(TutoringRefused):
        issue(tutor, year=year)
    assert not Paper.objects.exists() and not PaperTemplate.objects.exists()


def test_a_mission_within_the_year_bounds_the_paper(v7: Wave) -> None:
    tutor = make_tutor(v7.academy, "Camille")
    Tutor.objects.update(available_from=date(2024, 11, 1), ended_on=date(2025, 3, 1))
    for paper in issue(tutor):
        assert (paper.valid_from, paper.valid_to) == (date(2024, 11, 1), date(2025, 2, 28))


# --- numbers


def test_asking_twice_issues_none_twice_and_numbers_follow_names(v7: Wave) -> None:
    people = [make_tutor(v7.academy, name) for name in ("Zoé", "Ana", "Léo")]
    assert [p.values["tuteur"] for p in issue(*people, kinds=[LETTER])] == ["Ana", "Léo", "Zoé"]
    assert issue(*people, kinds=[LETTER]) == []
    late = make_tutor(v7.academy, "Bob")
    assert [p.number for p in issue(*people, late)] == [
        *("LM-2024-2025-004", "OMP-2024-2025-001", "OMP-2024-2025-002", "OMP-2024-2025-003", "OMP-2024-2025-004")
    ]
    assert len(issue(*people, late, year=YEAR.next)) == 8 and issue(*people, late, year=YEAR.next) == []


def test_the_database_itself_refuses_a_second_first_paper_and_a_number_given_twice(v7: Wave) -> None:
    (letter,) = issue(make_tutor(v7.academy, "Ana"), kinds=[LETTER])
    other = make_tutor(v7.academy, "Bob")
    for changes in ({"sequence": 9}, {"tutor": other}):
        letter.pk = None
        letter._state.adding = True
        for name, value in changes.items():
            setattr(letter, name, value)
        with pytest.raises(IntegrityError), transaction.atomic():
            letter.save()
        letter.sequence = 1


def test_a_former_paper_is_told_replaced_and_its_number_never_comes_back(v7: Wave) -> None:
    (first,) = issue(make_tutor(v7.academy, "Ana"), kinds=[LETTER])
    move(first, PaperState.CANCELLED)
    assert issue(first.tutor, kinds=[LETTER]) == [], "a cancelled paper is replaced on purpose, never by a renewal"
    second = papers.replace(first, reason="Erreur de nom", on=TODAY, by=None)
    assert (second.number, second.replaces) == ("LM-2024-2025-002", first)
    told = list(first.events.values_list("state", flat=True))
    assert told == [PaperState.ISSUED, PaperState.CANCELLED, PaperState.REPLACED]
    assert first.events.last().note == "par LM-2024-2025-002 : Erreur de nom"
    with pytest.raises(TutoringRefused, match="déjà remplacé"):
        papers.replace(first, reason="Encore", on=TODAY, by=None)
    with pytest.raises(TutoringRefused, match="motif"):
        papers.replace(second, reason=" ", on=TODAY, by=None)
    assert numbers() == ["LM-2024-2025-001", "LM-2024-2025-002"]


def test_numbers_are_of_one_academy(v7: Wave, lyon: Academy) -> None:
    issue(make_tutor(v7.academy, "Ana"), kinds=[LETTER])
    (foreign,) = issue(make_tutor(lyon, "Bob"), kinds=[LETTER])
    assert foreign.number == "LM-2024-2025-001"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(st.sampled_from(["issue", "replace", "cancel"]), st.integers(0, 3)), max_size=8))
def test_whatever_is_done_numbers_have_no_duplicate_and_one_paper_is_live(
    acts: list[tuple[str, int]], v7: Wave
) -> None:
    with transaction.atomic():
        people = [make_tutor(v7.academy, f"Tuteur {n}") for n in range(4)]
        for act, who in acts:
            held = Paper.objects.filter(tutor=people[who]).with_state().order_by("pk").last()
            try:
                if act == "issue":
                    issue(*people[: who + 1])
                elif held and act == "replace":
                    papers.replace(held, reason="Essai", on=TODAY, by=None)
                elif held:
                    move(held, PaperState.CANCELLED)
            except TutoringRefused:
                assert act != "issue"
        found = numbers()
        assert len(found) == len(set(found))
        for kind in KINDS:
            given_numbers = sorted(Paper.objects.filter(kind=kind).values_list("sequence", flat=True))
            assert given_numbers == list(range(1, len(given_numbers) + 1))
        live = Paper.objects.with_state().live().order_by().values_list("tutor", "kind")
        assert len(live) == len(set(live))
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_two_agents_at_once_share_no_number_and_issue_none_twice(v7: Wave) -> None:
    people = [make_tutor(v7.academy, f"Tuteur {n}") for n in range(6)]
    gate = Barrier(2)

    def ask(some: list[Tutor]) -> int:
        try:
            gate.wait()
            return len(papers.issue(some, KINDS, YEAR, on=TODAY, by=None))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(ask, [people[:4], people[2:]]))
    assert sum(made) == 12 and Paper.objects.count() == 12
    assert numbers() == [f"{p}-2024-2025-{n:03d}" for p in ("LM", "OMP") for n in range(1, 7)]
    assert PaperTemplate.objects.count() == 2


def test_forty_papers_cost_as_many_queries_as_two(v7: Wave, seats: dict[str, Establishment]) -> None:
    def cost(*people: Tutor) -> int:
        with CaptureQueriesContext(connection) as told:
            issue(*people)
        return len(told)

    paper_templates.kept(v7.academy, LETTER), paper_templates.kept(v7.academy, ORDER)
    home = make_establishment(v7.academy, name="Lycée commun")
    one = cost(make_tutor(v7.academy, "Seul", establishment=home))
    assert cost(*[make_tutor(v7.academy, f"T{n}", establishment=home) for n in range(20)]) == one == 17


# --- signature


def test_a_paper_is_sent_then_signed_by_somebody_on_a_day(v7: Wave, samir: User) -> None:
    (paper,) = issue(make_tutor(v7.academy, "Ana"), kinds=[LETTER])
    move(paper, PaperState.SENT, by=samir)
    signed = move(paper, PaperState.SIGNED, on=TODAY, person="La secrétaire générale", by=samir)
    assert signed.state == PaperState.SIGNED and signed.next_steps == (PaperState.CANCELLED,)
    last = paper.events.last()
    assert last and (last.on, last.person, last.author) == (TODAY, "La secrétaire générale", samir)


@pytest.mark.parametrize(
    ("before", "state", "fields", "said"),
    [
        ([], PaperState.SIGNED, {}, "n’est pas possible pour LM-2024-2025-001"),
        ([PaperState.SENT], PaperState.SENT, {}, "n’est pas possible"),
        ([PaperState.SENT, PaperState.REFUSED], PaperState.SIGNED, {}, "n’est pas possible"),
        ([PaperState.CANCELLED], PaperState.SENT, {}, "n’est pas possible"),
        ([], PaperState.REPLACED, {}, "n’est pas possible"),
        ([PaperState.SENT], PaperState.SIGNED, {"person": " "}, "qui a signé"),
        ([PaperState.SENT], PaperState.REFUSED, {"note": ""}, "motif"),
        ([], PaperState.CANCELLED, {"note": ""}, "motif"),
        ([], PaperState.SENT, {"on": date(2024, 10, 7)}, "précède l’émission"),
        ([], PaperState.SENT, {"on": date(2024, 10, 9)}, "à venir"),
    ],
)
def test_a_step_that_cannot_be(
    before: list[PaperState], state: PaperState, fields: dict[str, Any], said: str, v7: Wave
) -> None:
    (paper,) = issue(make_tutor(v7.academy, "Ana"), kinds=[LETTER])
    move(paper, *before)
    known = PaperEvent.objects.count()
    with pytest.raises(TutoringRefused, match=said):
        move(paper, state, **fields)
    assert PaperEvent.objects.count() == known


def test_many_are_sent_at_once_or_none(v7: Wave) -> None:
    first, second = issue(make_tutor(v7.academy, "Ana"), make_tutor(v7.academy, "Bob"), kinds=[LETTER])
    move(first, PaperState.SENT)
    with pytest.raises(TutoringRefused, match="LM-2024-2025-001"):
        papers.step([first, second], PaperState.SENT, on=TODAY, by=None)
    assert second.events.count() == 1
    papers.step([second], PaperState.SENT, on=TODAY, by=None)
    assert len(papers.step([first, second], PaperState.SIGNED, on=TODAY, by=None, person="La rectrice")) == 2


# --- ending


def ending(academy: Academy, on: date) -> list[str]:
    return sorted(paper.number for paper in Paper.objects.filter(academy=academy).to_renew(on))


def test_sixty_days_before_the_end_a_paper_is_to_renew_until_it_is(v7: Wave, nadia: User) -> None:
    tutor, leaving = make_tutor(v7.academy, "Ana"), make_tutor(v7.academy, "Bob")
    issue(tutor, leaving, kinds=[LETTER])
    assert ending(v7.academy, date(2025, 7, 1)) == []  # 61 days before 31 August
    both = ["LM-2024-2025-001", "LM-2024-2025-002"]
    assert ending(v7.academy, date(2025, 7, 2)) == ending(v7.academy, date(2026, 1, 1)) == both
    tutors.end_mission(leaving, date(2025, 7, 1), by=nadia, reason="Mutation")
    assert ending(v7.academy, date(2025, 7, 2)) == both[:1]
    (renewed,) = issue(tutor, kinds=[LETTER], year=YEAR.next)
    assert ending(v7.academy, date(2025, 7, 2)) == []
    move(renewed, PaperState.CANCELLED)
    assert ending(v7.academy, date(2025, 7, 2)) == both[:1], "a cancelled renewal renews nothing"
    move(Paper.objects.get(year=2024, tutor=tutor), PaperState.CANCELLED)
    assert ending(v7.academy, date(2025, 7, 2)) == []


def test_a_tutor_has_only_own_papers(v7: Wave) -> None:
    ana, bob = make_tutor(v7.academy, "Ana"), make_tutor(v7.academy, "Bob")
    issue(ana, bob)
    mine = list(Paper.objects.for_tutors([ana]))
    assert {paper.tutor for paper in mine} == {ana} and len(mine) == 2
    assert {paper.state for paper in mine} == {PaperState.ISSUED}


# --- texts


def test_texts_are_kept_version_by_version(v7: Wave, nadia: User) -> None:
    (first,) = issue(make_tutor(v7.academy, "Ana"), kinds=[ORDER])
    assert first.template.version == 1 and first.template.author is None
    text = PaperText(title="Ordre", body="Pour {tuteur}", signatory="Moi")
    with pytest.raises(TutoringRefused, match="autre personne"):
        paper_templates.write(v7.academy, ORDER, text, seen=0, by=nadia)
    second = paper_templates.write(v7.academy, ORDER, text, seen=1, by=nadia)
    assert second.version == 2 and paper_templates.in_use(v7.academy, ORDER) == second
    with pytest.raises(TutoringRefused, match="Rien n’a changé"):
        paper_templates.write(v7.academy, ORDER, text, seen=2, by=nadia)
    assert Paper.objects.get(pk=first.pk).template.title == DEFAULTS[ORDER].title


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"body": "Bonjour {prenom}"}, "{prenom}"),
        ({"body": "{{7*7}}"}, "{7*7}"),
        ({"title": "{% now %} {x}"}, "{x}"),
        ({"signatory": "{tuteur.password}"}, "{tuteur.password}"),
        ({"routing": "{}"}, "{}"),
        ({"copies": "{ }"}, "{ }"),
        ({"title": " "}, "obligatoires"),
        ({"body": "\n\n"}, "obligatoires"),
        ({"body": "{tutorats}\n\nDeux fois\n\n{ tutorats }"}, "une fois"),
    ],
)
def test_a_text_that_asks_for_what_is_not_a_field_is_refused(
    fields: dict[str, str], said: str, grenoble: Academy, nadia: User
) -> None:
    text = PaperText(**{"title": "T", "body": "B", "signatory": "S"} | fields)
    with pytest.raises(TutoringRefused) as refusal:
        paper_templates.write(grenoble, LETTER, text, seen=0, by=nadia)
    assert said in str(refusal.value)
    assert not PaperTemplate.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_the_proposed_texts_are_valid(kind: PaperKind) -> None:
    DEFAULTS[kind].check()


def test_a_name_is_never_read_for_fields(v7: Wave) -> None:
    paper_templates.write(v7.academy, LETTER, PaperText("{tuteur}", "Pour {tuteur}.", "S"), seen=0, by=None)  # type: ignore[arg-type]
    (letter,) = issue(make_tutor(v7.academy, HOSTILE, spheres=BOTH), kinds=[LETTER])
    assert letter.content["title"] == HOSTILE
    assert letter.content["paragraphs"] == [f"Pour {HOSTILE}."]


def test_the_rate_is_that_of_the_call_answered(v7: Wave) -> None:
    fields = {
        "academy": v7.academy,
        "title": "T",
        "published_on": TODAY,
        "deadline_on": TODAY,
        "recipients": "x",
        "mission_ends_on": date(2025, 8, 31),
    }
    TutorCall.objects.create(reference="brouillon", rate=900, state="draft", **fields)
    answered = TutorCall.objects.create(reference="A", rate="512.50", state="closed", **fields)
    application = make_application(v7.academy, "Ana")
    application.call = answered
    application.save()
    tutor = make_tutor(v7.academy, "Ana", application=application)
    (letter,) = issue(tutor, kinds=[LETTER])
    assert letter.values["indemnite"] == "une indemnité de 512,50 € par établissement tutoré"
