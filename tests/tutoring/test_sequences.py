"""Whatever is proposed, chosen and accepted, in any order, by one person or by two: no hard rule is ever broken."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from random import Random

import pytest
from django.db import connections

from accounts.models import User
from deployment.choices import Sphere
from deployment.models import Establishment, Wave
from tests.factories import make_establishment
from tests.tutoring.conftest import make_tutor
from tutoring.matching import broken_rule
from tutoring.models import Assignment, Proposal
from tutoring.services import matchings
from tutoring.services.refusals import TutoringRefused
from tutoring.tutorships import standing_rows

DAYS = (date(2024, 9, 2), date(2024, 10, 8), date(2024, 11, 4))


def check(wave: Wave) -> None:
    """What is proposed and what is registered obey every rule."""
    board = matchings.board(wave, on=wave.academy.today)
    needs = {need.key: need for need in board.problem.needs}
    tutors = {tutor.key: tutor for tutor in board.problem.tutors}
    assert not [pair for pair in board.solution.pairs.items() if broken_rule(needs[pair[0]], tutors[pair[1]])]
    for key, number in Counter(board.solution.pairs.values()).items():
        assert number <= tutors[key].capacity
    rows = standing_rows(wave.academy, wave.academy.today)
    assert len({row.need_id for row in rows}) == len(rows)
    for tutor, number in Counter(row.tutor for row in rows).items():
        assert tutor and number <= tutor.capacity
    for row in rows:
        assert row.tutor and row.need.sphere in row.tutor.spheres
        assert row.tutor.establishment_id != row.need.agency.seat_id


@pytest.mark.parametrize("seed", range(6))
def test_no_sequence_breaks_a_rule(seed: int, v7: Wave, seats: dict[str, Establishment], nadia: User) -> None:
    chance = Random(seed)
    people = [
        make_tutor(v7.academy, "Un", capacity=1),
        make_tutor(v7.academy, "Deux", capacity=2, spheres=[Sphere.ORDERING]),
        make_tutor(v7.academy, "Du lieu", capacity=3, establishment=seats["full"]),
        make_tutor(v7.academy, "Loin", establishment=make_establishment(v7.academy, x=100_000.0, y=6_000_000.0)),
    ]
    keys = [f"{seat.uai}/{sphere}" for seat in seats.values() for sphere in Sphere]
    today = v7.academy.today
    for _ in range(14):
        with suppress(TutoringRefused):
            act = chance.choice(("propose", "choose", "choose", "unlock", "accept"))
            proposal = Proposal.objects.filter(wave=v7).first()
            if act == "propose":
                matchings.propose(v7, on=today, by=nadia)
            elif act in ("choose", "unlock"):
                tutor = str(chance.choice(people).pk) if act == "choose" else ""
                matchings.choose(v7, chance.choice(keys), tutor, on=today, by=nadia)
            elif proposal and proposal.pairs:
                seen = dict(chance.sample(sorted(proposal.pairs.items()), chance.randint(1, len(proposal.pairs))))
                matchings.accept(v7, seen, effective_on=chance.choice(DAYS), reason="Essai", by=nadia)
        check(v7)


@pytest.mark.django_db(transaction=True)
def test_two_agents_who_accept_the_same_pair_make_one_tutorship(
    v7: Wave, seats: dict[str, Establishment], nadia: User, samir: User
) -> None:
    make_tutor(v7.academy, "Seul", capacity=9)
    matchings.propose(v7, on=v7.academy.today, by=None)
    need, tutor = next(iter(Proposal.objects.get().pairs.items()))

    def accept(person: User) -> str:
        try:
            matchings.accept(v7, {need: tutor}, effective_on=v7.academy.today, reason="Essai", by=person)
        except TutoringRefused as refusal:
            return str(refusal)
        finally:
            connections.close_all()
        return "inscrit"

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(accept, (nadia, samir)))
    assert told == ["Ces paires ne sont plus dans la proposition : rechargez la page.", "inscrit"]
    assert Assignment.objects.count() == 1
