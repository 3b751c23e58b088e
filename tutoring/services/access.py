"""What lets a tutor work: an account that opens their own pages, and the training to remote sessions."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from accounts import audit
from accounts.choices import Role
from accounts.models import User
from accounts.services import people
from tutoring.models import Tutor
from tutoring.rights import NOTE_TRAINING, OPEN_TUTOR_ACCESS
from tutoring.services.refusals import TutoringRefused


@transaction.atomic
def open_access(tutor: Tutor, *, by: User) -> Tutor:
    """Invite the tutor as such: an account if there is none, the role of tutor, and nothing more."""
    fresh = Tutor.objects.select_for_update(of=("self",)).select_related("academy").get(pk=tutor.pk)
    if fresh.user_id:
        raise TutoringRefused(f"{fresh} a déjà un accès.")
    if not fresh.email:
        raise TutoringRefused("Ce tuteur n’a pas d’adresse électronique : complétez sa fiche d’abord.")
    slug = fresh.academy.slug
    known = User.objects.filter(email=fresh.email.strip().lower()).first()
    if known and Tutor.objects.filter(academy=fresh.academy, user=known, ended_on=None).exists():
        raise TutoringRefused("Un autre tuteur en mission a déjà ce compte.")
    fresh.user = _with_the_role(fresh, known, by)
    fresh.save(update_fields=["user"])
    audit.record(by, OPEN_TUTOR_ACCESS, f"accès ouvert · {fresh}", academy=slug, person=fresh.user.pk)
    return fresh


def _with_the_role(tutor: Tutor, known: User | None, by: User) -> User:
    """The person, who holds the role of tutor over the académie from now on."""
    post = people.Post(Role.TUTOR, tutor.academy.slug)
    if known and known.grants.filter(academy=post.academy, role=Role.TUTOR, scope="").exists():
        return known
    try:
        if known and known.grants.filter(academy=post.academy).exists():
            people.give_role(known, post, by=by)
            return known
        first, _, last = tutor.name.partition(" ")
        return people.invite(tutor.email, first_name=first, last_name=last or first, post=post, by=by)
    except people.PeopleRefused as refusal:
        raise TutoringRefused(str(refusal)) from refusal


@transaction.atomic
def note_training(tutor: Tutor, on: date, *, by: User | None) -> Tutor:
    """The tutor followed the training to remote sessions on that day."""
    fresh = Tutor.objects.select_for_update(of=("self",)).select_related("academy").get(pk=tutor.pk)
    if on > fresh.academy.today:
        raise TutoringRefused("Cette formation n’a pas encore eu lieu : notez-la après.")
    fresh.remote_training_on = on
    fresh.save(update_fields=["remote_training_on"])
    audit.record(by, NOTE_TRAINING, f"formation à distance · {fresh}", academy=fresh.academy.slug, on=on.isoformat())
    return fresh
