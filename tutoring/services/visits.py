"""Visits: noted by the tutor or by the service, cancelled when they are wrong, never edited."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from accounts import audit
from accounts.models import User
from accounts.rights import Right
from surveys.clock import current
from tutoring.coverage import tutored_on
from tutoring.models import Tutor, Visit
from tutoring.models.visits import LONGEST, SHORTEST
from tutoring.rights import RECORD_WORK, SEE_OWN_TUTORING
from tutoring.services import visit_links
from tutoring.services.refusals import TutoringRefused


@transaction.atomic
def record(visit: Visit, *, by: User | None) -> Visit:
    """Note a visit, and ask the establishment to confirm it.

    The tutor notes visits to their own establishments only; staff may note another, with a reason.
    """
    tutor = Tutor.objects.select_for_update(of=("self",)).select_related("academy").get(pk=visit.tutor_id)
    academy, right = tutor.academy, _right_of(tutor, by)
    visit.reason = visit.reason.strip()
    if visit.on > academy.today:
        raise TutoringRefused("Cette visite n’a pas encore eu lieu : notez-la après.")
    if not SHORTEST <= visit.minutes <= LONGEST:
        raise TutoringRefused(f"Une visite dure de {SHORTEST} à {LONGEST} minutes.")
    if visit.establishment_id in tutored_on(academy, tutor.pk, visit.on):
        visit.reason = ""
    elif right is SEE_OWN_TUTORING:
        raise TutoringRefused("Le registre ne vous donne pas cet établissement ce jour-là : écrivez au service.")
    elif not visit.reason:
        raise TutoringRefused(f"{tutor} ne tutore pas cet établissement ce jour-là : indiquez pourquoi la noter.")
    visit.tutor, visit.author, visit.recorded_at = tutor, by, current(academy)
    try:
        with transaction.atomic():
            visit.save(force_insert=True)
    except IntegrityError:
        raise TutoringRefused("Cette visite est déjà notée.") from None
    audit.record(by, right, f"visite · {visit}", academy=academy.slug, reason=visit.reason)
    visit_links.ask(visit)
    return visit


@transaction.atomic
def cancel(visit: Visit, *, reason: str, by: User) -> Visit:
    """A wrong visit: its row is kept, with why. Once confirmed, only the service may cancel it."""
    rows = Visit.objects.select_for_update(of=("self",)).select_related("tutor__academy", "establishment")
    fresh = rows.get(pk=visit.pk)
    right = _right_of(fresh.tutor, by)
    if not reason.strip():
        raise TutoringRefused("Indiquez le motif de l’annulation.")
    if fresh.cancelled_at:
        raise TutoringRefused("Cette visite est déjà annulée.")
    if right is SEE_OWN_TUTORING and fresh.feedbacks.exists():
        raise TutoringRefused("L’établissement a déjà répondu : demandez au service d’annuler cette visite.")
    fresh.cancelled_at, fresh.cancelled_by = current(fresh.tutor.academy), by
    fresh.cancelled_reason = reason.strip()[:300]
    fresh.save(update_fields=["cancelled_at", "cancelled_by", "cancelled_reason"])
    audit.record(by, right, f"visite annulée · {fresh}", academy=fresh.tutor.academy.slug, reason=reason.strip())
    return fresh


def _right_of(tutor: Tutor, by: User | None) -> Right:
    """By which right the person acts: on their own visits, or for the service."""
    is_own = by is not None and tutor.user_id == by.pk and not by.may(RECORD_WORK, tutor.academy.slug)
    return SEE_OWN_TUTORING if is_own else RECORD_WORK
