"""Tutors: those already there, and the end of a mission."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from accounts import audit
from accounts.models import User
from tutoring.models import Tutor
from tutoring.rights import MATCH_TUTORS
from tutoring.services.refusals import TutoringRefused


@transaction.atomic
def register(tutor: Tutor, *, by: User | None, reason: str) -> Tutor:
    """Note a tutor who has no application here: already there before, or come from another académie."""
    if not reason.strip():
        raise TutoringRefused("Indiquez d’où vient ce tuteur.")
    if tutor.establishment is None and not tutor.home_academy.strip():
        raise TutoringRefused("Indiquez l’établissement du tuteur, ou l’académie dont il vient.")
    if not tutor.spheres:
        raise TutoringRefused("Indiquez au moins une sphère.")
    tutor.save()
    audit.record(by, MATCH_TUTORS, tutor, academy=tutor.academy.slug, reason=reason.strip())
    return tutor


@transaction.atomic
def end_mission(tutor: Tutor, on: date, *, by: User, reason: str) -> Tutor:
    """From that day on, this tutor takes nothing new; what they do is ended pair by pair, in the register."""
    if not reason.strip():
        raise TutoringRefused("Indiquez le motif de la fin de mission.")
    tutor.ended_on = on
    tutor.save(update_fields=["ended_on"])
    details = {"reason": reason.strip(), "on": on.isoformat()}
    audit.record(by, MATCH_TUTORS, f"fin de mission · {tutor}", academy=tutor.academy.slug, **details)
    return tutor
