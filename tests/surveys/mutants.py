"""The product with one of its guards taken away, to prove that the history checker sees it. `MUTANT` chooses.

`seen`: a form that showed an old version overwrites the new one. `lock`: nothing is locked while a version is numbered.
`lost`: one answer in ten is acknowledged and not kept. Served by gunicorn as `tests.surveys.mutants`.
"""

from __future__ import annotations

import os
import random
import time
from typing import Any

from django.db import transaction

from opale_pilot.wsgi import application
from surveys.prepared import Prepared, update
from surveys.services import answers

__all__ = ("application",)


def no_lock(entry: int, **part: Any) -> Any:
    """As `_locked`, with the time that a race needs; nothing is locked any more."""
    found = locked(entry, **part)
    time.sleep(0.1)
    return found


def not_first(answer: Any, names: Any, **before: Any) -> bool:
    """As `update_from`, with the time that a race needs, whoever was there first."""
    time.sleep(0.1)
    update(answer, names)
    return True


def unlocked(entry: object) -> Any:
    """As `_expected`, without the lock."""
    rows = expected(entry)
    rows.query.select_for_update = False
    return rows


def not_seen(answer: Any, submission: Any) -> Any:
    """As `_already_kept`, blind to what the form showed."""
    return answer.versions.filter(submission=submission.identifier).first()


def sometimes_lost(keep: Any) -> Any:
    """As `submit` or `submit_over`, which forgets one in ten."""

    def lost(asked: Any, submission: Any) -> Any:
        with transaction.atomic():
            kept = keep(asked, submission)
            if random.random() < 0.1:
                transaction.set_rollback(True)
        return kept

    return lost


locked, expected = answers._locked, answers._expected
match os.environ["MUTANT"]:
    case "lock":
        answers.EXPECTED = Prepared(unlocked, "entry")
        answers._locked = no_lock
        answers.update_from = not_first  # type: ignore[assignment]
    case "seen":
        answers._already_kept = not_seen
    case "lost":
        answers.submit = sometimes_lost(answers.submit)
        answers.submit_over = sometimes_lost(answers.submit_over)
