"""Calls for tutors: prepared, published with a link, closed, their mission extended."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction

from accounts import audit
from accounts.models import User
from deployment.models import Academy
from figures.french import long_day
from figures.letters import LetterTooLong
from surveys.models.invitations import hash_token, new_token
from tutoring import call_letters
from tutoring.choices.candidates import CallState
from tutoring.models import TutorCall
from tutoring.rights import EDIT_BONUS, EDIT_CALLS
from tutoring.services.refusals import TutoringRefused

PROPOSED_DELAY = timedelta(weeks=2)
SEEN_OF_HASH = 12  # letters of a link's hash that tell one link from the next


def deadline_for(published_on: date) -> date:
    """The last day to apply that is proposed: two weeks after the publication."""
    return published_on + PROPOSED_DELAY


@transaction.atomic
def save(call: TutorCall, *, by: User | None) -> TutorCall:
    """Keep a new call, or the changes of one that is not published yet."""
    academy = Academy.objects.select_for_update(of=("self",)).get(pk=call.academy_id)
    if call.pk and not TutorCall.objects.filter(pk=call.pk, state=CallState.DRAFT).exists():
        raise TutoringRefused("Cet appel est publié : son texte et ses règles ne changent plus.")
    same = TutorCall.objects.filter(academy=academy, reference=call.reference).exclude(pk=call.pk)
    if same.exists():
        raise TutoringRefused(f"La référence « {call.reference} » est déjà celle d’un autre appel.")
    act = "modification" if call.pk else "création"
    call.save()
    audit.record(by, EDIT_CALLS, f"{act} · {call}", academy=academy.slug)
    return call


def publish(call: TutorCall, *, by: User | None) -> str:
    """Open the call to candidates. Returns the token of its link, which is kept nowhere: only its hash is.

    The letter is drawn first, outside the transaction: what does not hold on its page is not published.
    """
    if not (call.functions and call.spheres):
        raise TutoringRefused("Indiquez au moins une fonction et une sphère avant de publier l’appel.")
    try:
        call_letters.drawn(call)
    except LetterTooLong as refusal:
        raise TutoringRefused(str(refusal)) from None
    with transaction.atomic():
        fresh = _locked(call)
        if fresh.state != CallState.DRAFT:
            raise TutoringRefused(f"Cet appel est déjà « {fresh.get_state_display().lower()} ».")
        fresh.state = CallState.PUBLISHED
        token = _new_link(fresh)
        audit.record(by, EDIT_CALLS, f"publication · {fresh}", academy=fresh.academy.slug)
    return token


@transaction.atomic
def renew_link(call: TutorCall, *, seen: str, by: User | None) -> str:
    """Make another link; the former one opens nothing any more. `seen` names the link that the person saw in force."""
    fresh = _locked(call)
    if not fresh.is_open:
        raise TutoringRefused("Cet appel n’est pas publié : il n’a pas de lien.")
    if link_mark(fresh) != seen:
        raise TutoringRefused("Le lien vient d’être renouvelé : rechargez la page de l’appel.")
    token = _new_link(fresh)
    audit.record(by, EDIT_CALLS, f"nouveau lien · {fresh}", academy=fresh.academy.slug)
    return token


@transaction.atomic
def close(call: TutorCall, *, by: User | None) -> TutorCall:
    """Take no application any more by the link."""
    fresh = _locked(call)
    if not fresh.is_open:
        raise TutoringRefused(f"Cet appel est « {fresh.get_state_display().lower()} » : il ne peut pas être clos.")
    fresh.state = CallState.CLOSED
    fresh.save(update_fields=["state"])
    audit.record(by, EDIT_CALLS, f"clôture · {fresh}", academy=fresh.academy.slug)
    return fresh


@transaction.atomic
def extend_mission(call: TutorCall, until: date, *, reason: str, by: User | None) -> TutorCall:
    """Move the end of the mission to one of the days that the call foresaw."""
    fresh = _locked(call)
    if fresh.is_draft:
        raise TutoringRefused("Cet appel n’est pas publié : changez-y la fin de la mission.")
    if until not in fresh.possible_extensions:
        raise TutoringRefused(f"L’appel ne prévoit pas de prolongation jusqu’au {long_day(until)}.")
    if not reason.strip():
        raise TutoringRefused("Indiquez le motif de la prolongation.")
    former, fresh.mission_ends_on = fresh.mission_ends_on, until
    fresh.save(update_fields=["mission_ends_on"])
    details = {"from": former.isoformat(), "to": until.isoformat(), "reason": reason.strip()}
    audit.record(by, EDIT_CALLS, f"prolongation · {fresh}", academy=fresh.academy.slug, **details)
    return fresh


@transaction.atomic
def set_bonus(call: TutorCall, coefficient: Decimal | None, *, by: User | None) -> TutorCall:
    """Set the coefficient of the bonus. The trail tells who did, not how much: others read it."""
    fresh = _locked(call)
    fresh.bonus_coefficient = coefficient
    fresh.save(update_fields=["bonus_coefficient"])
    audit.record(by, EDIT_BONUS, fresh, academy=fresh.academy.slug)
    return fresh


def find(token: str) -> TutorCall | None:
    """The call of that token: one look-up by its hash, whatever the token is made of."""
    return TutorCall.objects.filter(token_hash=hash_token(token)).select_related("academy").first()


def link_mark(call: TutorCall) -> str:
    """Names the link in force without giving it."""
    return call.token_hash[:SEEN_OF_HASH]


def _locked(call: TutorCall) -> TutorCall:
    return TutorCall.objects.select_for_update(of=("self",)).select_related("academy").get(pk=call.pk)


def _new_link(call: TutorCall) -> str:
    token = new_token()
    call.token_hash = hash_token(token)
    call.save(update_fields=["token_hash", "state"])
    return token
