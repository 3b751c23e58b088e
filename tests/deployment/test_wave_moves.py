"""Moving establishments between waves: the rules, one by one."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, User
from deployment.choices import WaveStatus
from deployment.models import Academy, Establishment, Wave, WaveMove, WaveState
from deployment.services import wave_states, waves
from deployment.services.wave_states import Ruling
from deployment.services.waves import WaveRefused
from tests.factories import make_establishment, make_wave

JUNE, SEPTEMBER, OCTOBER = date(2024, 6, 28), date(2024, 9, 20), date(2024, 10, 1)


def move(establishment: Establishment, wave: Wave | None, on: date, by: User, reference: str = "") -> list[WaveMove]:
    return waves.place(
        establishment.academy,
        {establishment: wave},
        effective_on=on,
        reason="Enquête",
        by=by,
        decision_reference=reference,
    )


def wave_on(establishment: Establishment, on: date, **known: object) -> str | None:
    return Establishment.objects.with_wave(on, **known).get(pk=establishment.pk).wave_code


@pytest.fixture
def v8(grenoble: Academy) -> Wave:
    return make_wave(grenoble, "V8")


@pytest.fixture
def v10(grenoble: Academy) -> Wave:
    return make_wave(grenoble, "V10")


@pytest.fixture
def college(grenoble: Academy) -> Establishment:
    return make_establishment(grenoble)


def test_move_takes_effect_on_its_day_and_is_traced(college: Establishment, v8: Wave, v10: Wave, nadia: User) -> None:
    move(college, v8, JUNE, nadia)
    move(college, v10, OCTOBER, nadia)

    assert wave_on(college, JUNE - timedelta(days=1)) is None
    assert wave_on(college, OCTOBER - timedelta(days=1)) == "V8"
    assert wave_on(college, OCTOBER) == "V10"
    trail = AuditEntry.objects.filter(act="deployment.move_waves").order_by("pk").last()
    assert trail is not None
    assert (trail.actor, trail.details["effective_on"]) == (nadia, "2024-10-01")


def test_register_answers_as_it_was_known(college: Establishment, v8: Wave, v10: Wave, nadia: User) -> None:
    move(college, v8, JUNE, nadia)
    before = timezone.now()
    move(college, v10, JUNE, nadia)

    assert wave_on(college, JUNE, known_at=before) == "V8"
    assert wave_on(college, JUNE) == "V10"
    assert WaveMove.objects.filter(establishment=college).count() == 2


def test_move_to_the_wave_already_in_force_writes_nothing(college: Establishment, v8: Wave, nadia: User) -> None:
    move(college, v8, JUNE, nadia)

    assert move(college, v8, OCTOBER, nadia) == []
    assert WaveMove.objects.count() == 1


def test_move_without_a_reason_is_refused(college: Establishment, v8: Wave, nadia: User) -> None:
    with pytest.raises(WaveRefused, match="motif"):
        waves.place(college.academy, {college: v8}, effective_on=JUNE, reason="  ", by=nadia)


def test_wave_of_another_academy_is_refused(college: Establishment, lyon: Academy, nadia: User) -> None:
    with pytest.raises(WaveRefused, match="n’appartient pas"):
        move(college, make_wave(lyon, "V8"), JUNE, nadia)


@pytest.mark.parametrize("direction", ["in", "out"])
def test_frozen_wave_refuses_a_move_without_a_decision_reference(
    direction: str, college: Establishment, v8: Wave, v10: Wave, nadia: User
) -> None:
    origin, target = (v10, v8) if direction == "in" else (v8, v10)
    move(college, origin, JUNE, nadia)
    wave_states.freeze(v8, Ruling(SEPTEMBER, "Remontée au ministère", nadia))

    with pytest.raises(WaveRefused, match=r"V8 \(gelée\).*référence"):
        move(college, target, OCTOBER, nadia)
    assert wave_on(college, OCTOBER) == origin.code

    move(college, target, OCTOBER, nadia, reference="Relevé de décisions du 8 octobre 2024")
    assert wave_on(college, OCTOBER) == target.code


def test_reopened_wave_takes_moves_again(college: Establishment, v8: Wave, nadia: User) -> None:
    wave_states.freeze(v8, Ruling(SEPTEMBER, "Remontée", nadia))
    with pytest.raises(WaveRefused, match="référence"):
        wave_states.reopen(v8, Ruling(SEPTEMBER, "Erreur", nadia))
    wave_states.reopen(v8, Ruling(SEPTEMBER, "Erreur", nadia, "Mail du ministère"))

    assert move(college, v8, OCTOBER, nadia)


def test_abolition_moves_everyone_to_named_targets_in_one_operation(
    grenoble: Academy, v8: Wave, v10: Wave, nadia: User
) -> None:
    v12 = make_wave(grenoble, "V12")
    staying, named, planned, other = (make_establishment(grenoble) for _ in range(4))
    waves.place(grenoble, {staying: v10, named: v10, planned: v8, other: v8}, effective_on=JUNE, reason="L", by=nadia)
    move(planned, v10, OCTOBER, nadia)
    ruling = Ruling(SEPTEMBER, "Suppression nationale", nadia, "EP@C national du 27 mai")

    wave_states.abolish(v10, ruling, to=v12, others={named: v8})

    assert [wave_on(e, OCTOBER) for e in (staying, named, planned, other)] == ["V12", "V8", "V12", "V8"]
    assert wave_on(planned, SEPTEMBER) == "V8"
    rows = WaveMove.objects.filter(operation=ruling.operation)
    assert rows.count() == 3
    assert rows.values("recorded_at").distinct().count() == 1
    assert Wave.objects.with_state(OCTOBER).get(pk=v10.pk).status == WaveStatus.ABOLISHED


def test_abolished_wave_takes_nobody_beyond_its_end(college: Establishment, v8: Wave, v10: Wave, nadia: User) -> None:
    wave_states.abolish(v10, Ruling(OCTOBER, "Suppression", nadia, "Arrêté"), to=v8)

    for day in (JUNE, OCTOBER):
        with pytest.raises(WaveRefused, match="supprimée à compter du 01/10/2024"):
            move(college, v10, day, nadia, reference="Arrêté")


def test_past_stay_in_a_wave_abolished_later_can_be_corrected(
    college: Establishment, v8: Wave, v10: Wave, nadia: User
) -> None:
    wave_states.abolish(v10, Ruling(OCTOBER, "Suppression", nadia, "Arrêté"), to=v8)
    move(college, v8, SEPTEMBER, nadia)

    move(college, v10, JUNE, nadia)

    assert (wave_on(college, JUNE), wave_on(college, SEPTEMBER)) == ("V10", "V8")


@pytest.mark.parametrize("case", ["no reference", "itself", "abolished target"])
def test_abolition_is_refused(case: str, grenoble: Academy, v8: Wave, v10: Wave, nadia: User) -> None:
    target, reference = v8, "Arrêté"
    if case == "no reference":
        reference = ""
    elif case == "itself":
        target = v10
    else:
        wave_states.abolish(v8, Ruling(SEPTEMBER, "S", nadia, "A"), to=make_wave(grenoble, "V9"))
    with pytest.raises(WaveRefused):
        wave_states.abolish(v10, Ruling(OCTOBER, "Suppression", nadia, reference), to=target)
    assert Wave.objects.with_state(OCTOBER).get(pk=v10.pk).status == WaveStatus.OPEN


def test_undo_restores_each_establishment_and_the_wave(grenoble: Academy, v8: Wave, v10: Wave, nadia: User) -> None:
    college, newcomer = make_establishment(grenoble), make_establishment(grenoble)
    move(college, v10, JUNE, nadia)
    written = waves.place(grenoble, {college: v8, newcomer: v8}, effective_on=OCTOBER, reason="Vœux", by=nadia)
    waves.undo(grenoble, written[0].operation, by=nadia)
    assert (wave_on(college, OCTOBER), wave_on(newcomer, OCTOBER)) == ("V10", None)

    ruling = Ruling(OCTOBER, "Suppression", nadia, "Arrêté")
    wave_states.abolish(v10, ruling, to=v8)
    assert wave_on(college, OCTOBER) == "V8"
    waves.undo(grenoble, ruling.operation, by=nadia)
    assert wave_on(college, OCTOBER) == "V10"
    assert Wave.objects.with_state(OCTOBER).get(pk=v10.pk).status == WaveStatus.OPEN


def test_undo_is_refused_once_touched(college: Establishment, v8: Wave, v10: Wave, nadia: User) -> None:
    first = move(college, v8, JUNE, nadia)
    move(college, v10, OCTOBER, nadia)

    with pytest.raises(WaveRefused, match="déplacé depuis"):
        waves.undo(college.academy, first[0].operation, by=nadia)


def test_undo_of_an_operation_of_another_academy_is_refused(
    college: Establishment, v8: Wave, lyon: Academy, nadia: User
) -> None:
    written = move(college, v8, JUNE, nadia)

    for academy, operation in ((lyon, written[0].operation), (college.academy, uuid4())):
        with pytest.raises(WaveRefused, match="introuvable"):
            waves.undo(academy, operation, by=nadia)


def test_page_shown_before_a_colleague_moved_is_told_so(
    college: Establishment, v8: Wave, nadia: User, samir: User
) -> None:
    seen_at = timezone.now()
    waves.refuse_changed_since([college], seen_at)
    move(college, v8, JUNE, samir)

    with pytest.raises(WaveRefused, match="Samir"):
        waves.refuse_changed_since([college], seen_at)


@pytest.mark.parametrize("code", ["V12/2", "..", "/", "V 12 É", "V12?", "%2F", "-V12"])
def test_code_that_no_address_can_hold_is_refused(grenoble: Academy, code: str) -> None:
    with pytest.raises(WaveRefused, match="lettres sans accent"):
        make_wave(grenoble, code)
    assert not Wave.objects.exists()


@pytest.mark.parametrize(
    ("typed", "code"), [(" v 12 ", "V12"), ("V12-2", "V12-2"), ("v12.b", "V12.B"), ("Test", "TEST")]
)
def test_code_is_written_one_way_and_has_a_page(grenoble: Academy, typed: str, code: str) -> None:
    wave = make_wave(grenoble, typed)
    assert wave.code == code
    assert wave.get_absolute_url() == f"/grenoble/vagues/{code}/"


def test_reschedule_keeps_the_former_date_in_the_register(v8: Wave, nadia: User) -> None:
    wave_states.reschedule(v8, Ruling(OCTOBER, "Report", nadia), cutover_on=date(2025, 9, 1), legal_basis="Note DAF")

    assert Wave.objects.with_state(SEPTEMBER).get(pk=v8.pk).cutover_on == date(2025, 1, 1)
    moved = Wave.objects.with_state(OCTOBER).get(pk=v8.pk)
    assert (moved.cutover_on, moved.legal_basis, moved.status) == (date(2025, 9, 1), "Note DAF", WaveStatus.OPEN)
    assert WaveState.objects.filter(wave=v8).count() == 2


@pytest.mark.parametrize("count", [1, 3])
def test_place_costs_the_same_whatever_the_number(
    count: int, grenoble: Academy, v8: Wave, nadia: User, django_assert_num_queries: object
) -> None:
    placements = {make_establishment(grenoble): v8 for _ in range(count)}
    with django_assert_num_queries(9):  # type: ignore[operator]
        waves.place(grenoble, placements, effective_on=JUNE, reason="Liste", by=nadia)
