"""Indemnities: the service attested, then corrected when its days turn out to be others. Nothing is overwritten."""

from __future__ import annotations

from decimal import Decimal

from django.db import IntegrityError, transaction

from accounts import audit
from accounts.models import User
from deployment.models import Academy, Establishment
from deployment.services.waves import lock
from surveys.clock import current
from tutoring.ledger import Periods, Work, accounts, call_of, last_call, share_of, works
from tutoring.models import Indemnity, IndemnityCorrection, Tutor, Visit
from tutoring.rights import ATTEST_WORK
from tutoring.school_years import SchoolYear
from tutoring.services.refusals import TutoringRefused

TWICE = "Le service de {} pour cet établissement est déjà attesté pour {}."


@transaction.atomic
def attest(
    tutor: Tutor, establishment: Establishment, year: SchoolYear, *, by: User | None, reason: str = ""
) -> Indemnity:
    """« Service fait » : what the registers tell becomes owed. Without a confirmed visit, it needs a reason."""
    academy = tutor.academy
    lock(academy)
    if Indemnity.objects.filter(tutor=tutor, establishment=establishment, school_year=year.first).exists():
        raise TutoringRefused(TWICE.format(tutor, year))
    work = _done(tutor, establishment, year)
    call = call_of(tutor, last_call(academy, year))
    if call is None:
        raise TutoringRefused("Aucun appel à candidatures publié ne fixe le taux de l’indemnité.")
    visits = Visit.objects.filter(tutor=tutor, establishment=establishment, on__range=(year.starts_on, year.ends_on))
    confirmed = visits.confirmed().count()
    if not confirmed and not reason.strip():
        raise TutoringRefused("Aucune visite n’est confirmée : indiquez ce qui établit le service fait.")
    _refuse_overlap(academy, year, establishment, work.periods, besides=tutor)
    row = Indemnity(
        tutor=tutor,
        establishment=establishment,
        school_year=year.first,
        call=call,
        rate=call.rate,
        days=work.days,
        amount=share_of(call.rate, work.days, year),
        periods=work.periods,
        confirmed_visits=confirmed,
        reason="" if confirmed else reason.strip()[:300],
        attested_at=current(academy),
        attested_by=by,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise TutoringRefused(TWICE.format(tutor, year)) from None
    audit.record(by, ATTEST_WORK, f"service fait · {row}", academy=academy.slug, days=row.days, reason=row.reason)
    return row


@transaction.atomic
def correct(indemnity: Indemnity, *, by: User | None, reason: str, is_void: bool = False) -> IndemnityCorrection:
    """Owe what the registers tell today, or nothing (`is_void`): the difference is a line of the next statement."""
    academy, year = indemnity.tutor.academy, indemnity.year
    lock(academy)
    if not reason.strip():
        raise TutoringRefused("Indiquez le motif de la correction.")
    account = next(a for a in accounts(academy, year, tutors=[indemnity.tutor_id]) if a.indemnity.pk == indemnity.pk)
    work = None if is_void else works(academy, year, tutors=[indemnity.tutor_id]).get(_key(indemnity))
    days, periods = (work.days, work.periods) if work else (0, Periods())
    if periods == account.periods:
        raise TutoringRefused("Rien n’a changé depuis ce qui est attesté : il n’y a rien à corriger.")
    if work and work.ends_on >= academy.today:
        raise TutoringRefused(f"Le tutorat court jusqu’au {work.ends_on:%d/%m/%Y} : corrigez après.")
    _refuse_overlap(academy, year, indemnity.establishment, periods, besides=indemnity.tutor)
    row = IndemnityCorrection.objects.create(
        indemnity=indemnity,
        number=len(account.corrections) + 1,
        days=days,
        periods=periods,
        amount=_owed(indemnity, days) - account.amount,
        reason=reason.strip()[:300],
        at=current(academy),
        author=by,
    )
    told = {"days": days, "amount": str(row.amount), "reason": row.reason}
    audit.record(by, ATTEST_WORK, f"correction · {indemnity}", academy=academy.slug, **told)
    return row


def _owed(indemnity: Indemnity, days: int) -> Decimal:
    return share_of(indemnity.rate, days, indemnity.year)


def _key(indemnity: Indemnity) -> tuple[int, int]:
    return indemnity.tutor_id, indemnity.establishment_id


def _done(tutor: Tutor, establishment: Establishment, year: SchoolYear) -> Work:
    """What was done, once it is over."""
    work = works(tutor.academy, year, tutors=[tutor.pk]).get((tutor.pk, establishment.pk))
    if work is None:
        raise TutoringRefused(f"{tutor} n’a pas tutoré cet établissement pendant l’année scolaire {year}.")
    if work.ends_on >= tutor.academy.today:
        raise TutoringRefused(f"Le tutorat court jusqu’au {work.ends_on:%d/%m/%Y} : le service n’est pas encore fait.")
    return work


def _refuse_overlap(
    academy: Academy, year: SchoolYear, establishment: Establishment, periods: Periods, *, besides: Tutor
) -> None:
    """A day of one sphere of an establishment is owed to one tutor only, whatever the registers say afterwards."""
    for other in accounts(academy, year):
        row = other.indemnity
        if row.establishment_id == establishment.pk and row.tutor_id != besides.pk and _meet(other.periods, periods):
            raise TutoringRefused(
                f"Des jours de cette période sont déjà attestés pour {row.tutor} : corrigez d’abord son indemnité."
            )


def _meet(one: Periods, other: Periods) -> bool:
    """Whether two tutors would be owed the same day in the same sphere; ISO days compare as days."""
    return any(
        start <= last and first <= end
        for sphere, stretches in one.items()
        for start, end in stretches
        for first, last in other.get(sphere, [])
    )
