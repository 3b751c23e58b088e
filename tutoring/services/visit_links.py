"""Asking the establishment what a visit was: one personal link a tutorship and school year, one mail a week at most."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import F, OuterRef, Subquery

from accounts import audit
from accounts.models import User
from deployment.choices import Function
from deployment.models import Academy, PostHolding
from surveys.clock import current
from surveys.models.invitations import hash_token, new_token
from tutoring import visit_emails
from tutoring.models import Feedback, Tutor, Visit, VisitLink
from tutoring.models.visits import VisitQuerySet
from tutoring.rights import RECORD_WORK
from tutoring.school_years import SchoolYear
from tutoring.services.refusals import TutoringRefused

GRACE = timedelta(days=120)  # after the school year, its visits may still be confirmed
RELATED = ("tutor__academy", "establishment")


def recipient(visit: Visit) -> tuple[str, str]:
    """Name and address of whom to ask: the head on that day, else the establishment's own address, else nobody."""
    held = PostHolding.objects.holders([visit.establishment_id], visit.on)[visit.establishment_id]
    for head in held.get(Function.HEAD, []):
        if head.email:
            return head.name, head.email
    return visit.establishment.name, visit.establishment.email


@transaction.atomic
def ask(visit: Visit) -> VisitLink | None:
    """Write to the establishment, unless it was written to this week for this tutor already, or nobody can be."""
    Tutor.objects.select_for_update(of=("self",)).get(pk=visit.tutor_id)
    now, year = current(visit.tutor.academy), SchoolYear.of(visit.on)
    week = now.isocalendar()
    key = f"visits-{visit.tutor_id}-{visit.establishment.uai}-{year}-{week.year}-{week.week:02}"
    name, email = recipient(visit)
    link = VisitLink(name=name[:160], email=email, mail_key=key, created_at=now)
    same = VisitLink.objects.filter(tutor=visit.tutor_id, establishment=visit.establishment_id)
    disowned = same.filter(email=link.email, disowned_at__isnull=False)
    if not link.email or disowned.exists() or same.filter(mail_key=key).exists():
        return None
    return _written(visit, link)


@transaction.atomic
def ask_again(visit: Visit, *, by: User) -> VisitLink:
    """The service writes once more, whatever the week: the post was corrected, or the mail was lost."""
    name, email = recipient(visit)
    if not email:
        raise TutoringRefused("Ni le chef d’établissement ni l’établissement n’ont d’adresse : complétez les postes.")
    if visit.cancelled_at:
        raise TutoringRefused("Cette visite est annulée.")
    academy = visit.tutor.academy
    link = VisitLink(name=name[:160], email=email, mail_key=f"visits-again-{uuid4()}", created_at=current(academy))
    _written(visit, link)
    audit.record(by, RECORD_WORK, f"lien de confirmation · {visit}", academy=academy.slug)
    return link


def ask_waiting() -> int:
    """Write about the visits noted since the last mail to their establishment; how many mails. Rings every day."""
    links = VisitLink.objects.filter(tutor=OuterRef("tutor"), establishment=OuterRef("establishment"))
    last = links.order_by("-created_at").values("created_at")[:1]
    rows = Visit.objects.unanswered().annotate(asked_at=Subquery(last)).select_related(*RELATED).order_by("pk")
    untold = rows.filter(asked_at__lt=F("recorded_at")) | rows.filter(asked_at=None)
    waiting = {(visit.tutor_id, visit.establishment_id): visit for visit in untold}
    return sum(ask(visit) is not None for visit in waiting.values())


def find(token: str) -> VisitLink | None:
    """The valid link of that token: one look-up by its hash."""
    return _alive(VisitLink.objects.filter(token_hash=hash_token(token)).first())


def held(key: int) -> VisitLink | None:
    """That link, if it is still valid."""
    rows = VisitLink.objects.select_related("tutor__academy", "tutor__establishment", "establishment__academy")
    return _alive(rows.filter(pk=key).first())


def _alive(link: VisitLink | None) -> VisitLink | None:
    if link is None or link.revoked_at:
        return None
    return link if SchoolYear(link.school_year).ends_on + GRACE >= link.tutor.academy.today else None


def reach(link: VisitLink) -> VisitQuerySet:
    """The visits that its bearer may confirm, with what was answered."""
    year = SchoolYear(link.school_year)
    rows = Visit.objects.filter(tutor=link.tutor_id, establishment=link.establishment_id)
    return rows.filter(on__range=(year.starts_on, year.ends_on)).standing().with_feedback()


@transaction.atomic
def answer(link: VisitLink, visit: Visit, said: Feedback) -> Feedback:
    """Keep what the establishment says of a visit, as a new version; the same said twice is one version."""
    fresh = Visit.objects.select_for_update(of=("self",)).select_related("tutor__academy").get(pk=visit.pk)
    if fresh.cancelled_at:
        raise TutoringRefused("Cette visite vient d’être annulée : il n’y a plus rien à confirmer.")
    last = fresh.feedbacks.order_by("-number").first()
    if last and last.content == said.content:
        return last
    said.visit, said.link, said.number = fresh, link, last.number + 1 if last else 1
    said.at = current(fresh.tutor.academy)
    said.save(force_insert=True)
    return said


@transaction.atomic
def disown(link: VisitLink, *, note: str) -> None:
    """« Ce n’est pas mon établissement » : every link sent to that address for that tutorship stops; staff see it."""
    now = current(link.tutor.academy)
    same = VisitLink.objects.filter(tutor=link.tutor_id, establishment=link.establishment_id, email=link.email)
    same.filter(revoked_at=None).update(revoked_at=now, disowned_at=now, disowned_note=note.strip()[:300])


def warnings(academy: Academy, visits: Iterable[Visit]) -> dict[int, str]:
    """For each visit without answer, what stops it from being confirmed, in words; three queries."""
    rows = [visit for visit in visits if visit.verdict is None and not visit.cancelled_at]
    links = VisitLink.objects.filter(tutor__in={v.tutor_id for v in rows}, tutor__academy=academy).order_by("pk")
    last = {(link.tutor_id, link.establishment_id): link for link in links}
    found = {}
    for visit in rows:
        link = last.get((visit.tutor_id, visit.establishment_id))
        if link is None:
            found[visit.pk] = "Personne à qui écrire"
        elif link.disowned_at:
            found[visit.pk] = "« Ce n’est pas mon établissement »"
    return found


def _written(visit: Visit, link: VisitLink) -> VisitLink | None:
    """Queue the mail and keep the link; those sent to another address stop. None if that mail was queued already."""
    link.tutor, link.establishment = visit.tutor, visit.establishment
    link.school_year = SchoolYear.of(visit.on).first
    token = new_token()
    link.token_hash = hash_token(token)
    waiting = reach(link).unanswered().count()
    if visit_emails.confirmation(link, token=token, waiting=waiting) is None:
        return None
    others = VisitLink.objects.filter(tutor=link.tutor, establishment=link.establishment, revoked_at=None)
    others.exclude(email=link.email).update(revoked_at=link.created_at)
    link.save(force_insert=True)
    return link
