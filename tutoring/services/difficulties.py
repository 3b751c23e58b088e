"""The difficulty level of each establishment: a register that only grows."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from accounts import audit
from accounts.models import User
from deployment.models import Establishment
from deployment.services import registers
from deployment.services.waves import lock
from tutoring.choices.work import DifficultyLevel
from tutoring.coverage import tutored_on
from tutoring.models import Difficulty, Tutor
from tutoring.rights import RECORD_WORK, SEE_OWN_TUTORING
from tutoring.services.refusals import TutoringRefused


@transaction.atomic
def note(
    establishment: Establishment, level: DifficultyLevel, *, effective_on: date, reason: str, by: User | None
) -> Difficulty:
    """From a day on, the users of this establishment are at this level. A tutor says it of their own only."""
    academy = establishment.academy
    lock(academy)
    if not reason.strip():
        raise TutoringRefused("Indiquez ce qui le fait dire.")
    if effective_on > academy.today:
        raise TutoringRefused("Un niveau se constate : choisissez un jour passé, ou aujourd’hui.")
    right = RECORD_WORK
    if by and not by.may(RECORD_WORK, academy.slug):
        right = SEE_OWN_TUTORING
        own = Tutor.objects.filter(academy=academy, user=by).values_list("pk", flat=True)
        if not any(establishment.pk in tutored_on(academy, tutor, effective_on) for tutor in own):
            raise TutoringRefused("Vous ne tutorez pas cet établissement ce jour-là.")
    row = Difficulty.objects.create(
        establishment=establishment,
        level=level,
        effective_on=effective_on,
        recorded_at=registers.next_instant(Difficulty.objects.filter(establishment__academy=academy)),
        reason=reason.strip()[:300],
        author=by,
    )
    audit.record(by, right, f"difficulté · {row}", academy=academy.slug, reason=reason.strip())
    return row
