"""Tutors: those already there, the tutorships agreed outside the matching, and the ends."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from accounts import audit
from accounts.models import User
from deployment.choices import Sphere
from deployment.models import Academy, Establishment, Wave
from deployment.services.waves import lock
from tutoring.models import Assignment, Tutor
from tutoring.rights import MATCH_TUTORS
from tutoring.services import matchings
from tutoring.services.refusals import TutoringRefused
from tutoring.tutorships import standing_rows


@transaction.atomic
def register(tutor: Tutor, *, by: User | None, reason: str) -> Tutor:
    """Note a tutor who has no application here: already there before, or come from another académie."""
    if not reason.strip():
        raise TutoringRefused("Indiquez d’où vient ce tuteur.")
    if tutor.establishment is None and not tutor.home_academy.strip():
        raise TutoringRefused("Indiquez l’établissement du tuteur, ou l’académie dont il vient.")
    if not tutor.spheres:
        raise TutoringRefused("Indiquez au moins une sphère.")
    lock(tutor.academy)
    same = Tutor.objects.filter(academy=tutor.academy, establishment=tutor.establishment, name__iexact=tutor.name)
    if same.filter(home_academy__iexact=tutor.home_academy, ended_on=None).exists():
        raise TutoringRefused(f"{tutor} est déjà dans la liste des tuteurs.")
    tutor.save()
    audit.record(by, MATCH_TUTORS, tutor, academy=tutor.academy.slug, reason=reason.strip())
    return tutor


@transaction.atomic
def note_tutorship(
    tutor: Tutor, wave: Wave, seat: Establishment, sphere: Sphere, *, effective_on: date, reason: str, by: User | None
) -> Assignment:
    """Write down a tutorship agreed outside the matching. Every rule holds but the distance, which was agreed."""
    lock(tutor.academy)
    fresh = Tutor.objects.select_related("establishment").get(pk=tutor.pk)
    rows = standing_rows(tutor.academy, effective_on)
    key = f"{seat.uai}/{sphere}"
    if any(row.need.wave_id == wave.pk and row.need.key == key for row in rows):
        raise TutoringRefused("Cette agence a déjà un tuteur de cette sphère pour cette vague : mettez-y fin d’abord.")
    if refusal := _forbidden(fresh, seat, sphere, effective_on):
        raise TutoringRefused(f"{fresh} {refusal}.")
    if len({row.need_id for row in rows if row.tutor_id == fresh.pk}) >= fresh.capacity:
        raise TutoringRefused(f"{fresh} a déjà tout ce qui a été accepté ({fresh.capacity}).")
    return matchings.assign(wave, {key: str(fresh.pk)}, effective_on=effective_on, reason=reason, by=by)[0]


def _forbidden(tutor: Tutor, seat: Establishment, sphere: Sphere, on: date) -> str:
    """The hard rule that this tutorship would break, in words; empty when none."""
    if not tutor.is_available(on):
        return "n’est plus en mission ce jour-là"
    if sphere not in tutor.spheres:
        return "n’est pas dans cette sphère"
    if tutor.establishment is None:
        return ""
    own = Establishment.objects.with_agency(on).get(pk=tutor.establishment.pk)
    return "relève de cette agence comptable" if seat.uai in (own.uai, own.agency_uai) else ""


@transaction.atomic
def end_tutorship(assignment: Assignment, on: date, *, by: User, reason: str) -> Assignment:
    """From that day on nobody serves this need any more; refused if somebody else has changed it meanwhile."""
    wave = Wave.objects.select_related("academy").get(pk=assignment.need.wave_id)
    lock(wave.academy)
    day = max(on, assignment.effective_on)
    if day != on:
        raise TutoringRefused("Ce tutorat commence après ce jour : choisissez une fin à compter de son début.")
    rows = Assignment.objects.filter(need=assignment.need).replayed(date.max)
    last = max(rows, key=lambda row: (row.effective_on, row.recorded_at, row.pk))
    if last.pk != assignment.pk:
        raise TutoringRefused("Ce tutorat vient d’être changé : rechargez la page.")
    return matchings.assign(wave, {assignment.need.key: ""}, effective_on=on, reason=reason, by=by)[0]


@transaction.atomic
def end_mission(tutor: Tutor, on: date, *, by: User, reason: str) -> Tutor:
    """From that day on, this tutor takes nothing new; what they do is ended pair by pair, in the register."""
    if not reason.strip():
        raise TutoringRefused("Indiquez le motif de la fin de mission.")
    lock(Academy.objects.get(pk=tutor.academy_id))
    fresh = Tutor.objects.select_related("academy").get(pk=tutor.pk)
    if fresh.ended_on:
        raise TutoringRefused(f"La mission de {fresh} a déjà une fin, le {fresh.ended_on:%d/%m/%Y}.")
    fresh.ended_on = on
    fresh.save(update_fields=["ended_on"])
    details = {"reason": reason.strip(), "on": on.isoformat()}
    audit.record(by, MATCH_TUTORS, f"fin de mission · {fresh}", academy=fresh.academy.slug, **details)
    return fresh
