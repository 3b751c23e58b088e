"""One establishment has one wave at a time, always: random histories against a model written the naive way."""

from datetime import date, datetime, timedelta

from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from deployment.choices import WaveStatus
from deployment.figures.volumetry import volumetry
from deployment.models import Establishment, Wave, WaveMove
from deployment.services import wave_states, waves
from deployment.services.wave_states import Ruling
from deployment.services.waves import WaveRefused
from tests.factories import make_academy, make_establishment, make_wave

START = date(2024, 9, 1)
LAST = 3  # days after START
CODES = ("V1", "V2", "V3", "V4")
DAYS = st.integers(0, LAST).map(lambda days: START + timedelta(days=days))
MEMBERS = st.sets(st.integers(0, 3), min_size=1)
WAVES = st.sampled_from((*CODES, None))
REFERENCES = st.sampled_from(("", "Arrêté"))
Row = tuple[date, int, int, str | None]  # effective, order of recording, establishment, wave


class History(RuleBasedStateMachine):
    """Moves, corrections, undoings, freezes and abolitions, in any order and with dates in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    @initialize()
    def territory(self) -> None:
        self.academy = make_academy("grenoble", "Grenoble", observed_on=START + timedelta(days=LAST))
        self.academy.observed_on = START + timedelta(days=LAST)
        self.academy.save()
        self.establishments = [make_establishment(self.academy) for _ in range(4)]
        opened = {"effective_on": START - timedelta(days=30)}
        self.waves = {code: make_wave(self.academy, code, **opened) for code in CODES}
        self.rows: list[Row] = []
        self.operations: list[WaveMove] = []
        self.snapshots: list[tuple[datetime, int]] = []

    def learn(self, moves: list[WaveMove]) -> None:
        """The model only copies what was written; which row counts is its own affair."""
        places = {e.pk: i for i, e in enumerate(self.establishments)}
        for written in moves:
            code = written.wave.code if written.wave else None
            self.rows.append((written.effective_on, len(self.rows), places[written.establishment_id], code))
        self.operations += moves[:1]
        if moves:
            self.snapshots.append((moves[0].recorded_at, len(self.rows)))

    def model(self, index: int, day: date, rows: list[Row]) -> str | None:
        own = [row for row in rows if row[2] == index and row[0] <= day]
        return max(own)[3] if own else None

    @rule(members=MEMBERS, code=WAVES, day=DAYS, reference=REFERENCES)
    def move(self, members: set[int], code: str | None, day: date, reference: str) -> None:
        placements = {self.establishments[i]: self.waves[code] if code else None for i in members}
        statuses = {w.code: w.status for w in Wave.objects.with_state(self.academy.today)}
        before = [self.model(i, day, self.rows) for i in members]
        leaving = {wave for wave in before if wave != code}
        touched = leaving | {code} if leaving else set()
        locked = any(statuses.get(wave) in waves.LOCKED_STATUSES for wave in touched)
        try:
            moves = waves.place(
                self.academy, placements, effective_on=day, reason="M", by=None, decision_reference=reference
            )
        except WaveRefused:
            assert (locked and not reference) or statuses.get(code) == WaveStatus.ABOLISHED
            return
        assert reference or not locked
        assert len(moves) == sum(wave != code for wave in before)
        self.learn(moves)

    @rule(data=st.data(), reference=REFERENCES)
    def undo(self, data: st.DataObject, reference: str) -> None:
        if self.operations:
            chosen = data.draw(st.sampled_from(self.operations))
            try:
                moves = waves.undo(self.academy, chosen.operation, by=None, decision_reference=reference)
            except WaveRefused:
                return
            self.learn(moves)

    @rule(code=st.sampled_from(CODES), day=DAYS, act=st.sampled_from(("freeze", "reopen", "switch")))
    def decide(self, code: str, day: date, act: str) -> None:
        try:
            getattr(wave_states, act)(self.waves[code], Ruling(day, "D", None, "Arrêté"))
        except WaveRefused:
            return

    @rule(code=st.sampled_from(CODES), receiver=st.sampled_from(CODES), day=DAYS)
    def abolish(self, code: str, receiver: str, day: date) -> None:
        try:
            ruling = Ruling(day, "S", None, "Arrêté")
            moves = wave_states.abolish(self.waves[code], ruling, to=self.waves[receiver])
        except WaveRefused:
            return
        self.learn(moves)

    @invariant()
    def every_read_agrees_with_the_model(self) -> None:
        for offset in range(LAST + 1):
            day = START + timedelta(days=offset)
            expected = [self.model(i, day, self.rows) for i in range(4)]
            annotated = dict(Establishment.objects.with_wave(day).values_list("pk", "wave_code"))
            in_force = dict(WaveMove.objects.in_force(day).values_list("establishment_id", "wave__code"))
            assert [annotated[e.pk] for e in self.establishments] == expected
            assert [in_force.get(e.pk) for e in self.establishments] == expected
        figure = volumetry(self.academy, on=day)
        assert figure.total == sum(code is not None for code in expected)
        assert {code: figure.column_total(code) for code, _ in figure.columns if figure.column_total(code)} == {
            code: expected.count(code) for code in set(expected) - {None}
        }

    @invariant()
    def nobody_stays_in_an_abolished_wave(self) -> None:
        for offset in range(LAST + 1):
            day = START + timedelta(days=offset)
            gone = Wave.objects.with_state(day).in_status(WaveStatus.ABOLISHED).values_list("code", flat=True)
            held = set(Establishment.objects.with_wave(day).values_list("wave_code", flat=True))
            assert not held & set(gone)

    @invariant()
    def the_past_is_still_known(self) -> None:
        for instant, length in self.snapshots[-3:]:
            day = START + timedelta(days=LAST)
            known = dict(Establishment.objects.with_wave(day, instant).values_list("pk", "wave_code"))
            expected = [self.model(i, day, self.rows[:length]) for i in range(4)]
            assert [known[e.pk] for e in self.establishments] == expected


def test_one_wave_at_a_time_whatever_the_history(db: None) -> None:
    run_state_machine_as_test(History, settings=settings(max_examples=25, stateful_step_count=10, deadline=None))
