"""Appointing persons to posts: the only code that writes the register of posts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from accounts import audit
from accounts.models import User
from deployment.choices import AGENCY_FUNCTIONS, SOLE_FUNCTIONS, Function, Kind
from deployment.models import Academy, Establishment, Holder, Post, PostHolding
from deployment.rights import EDIT_POSTS
from deployment.services import registers
from deployment.services.agencies import seats_through_time
from deployment.services.waves import lock
from figures.french import count

LONGEST_NAME, LONGEST_EMAIL, MOST_POSTS = 120, 254, 99

PostKey = tuple[int, Function, int]  # establishment, function, number
PostHistory = registers.History[Holder]


class PostRefused(Exception):
    """The act breaks a rule of the posts; the message is French and is shown to the person."""


@dataclass(frozen=True)
class Appointment:
    """From a day on, this person holds that post; an empty name makes the post vacant.

    `number` tells apart the posts of one function in one establishment, from 1.
    """

    establishment: Establishment
    function: Function
    name: str
    email: str
    effective_on: date
    number: int = 1

    @property
    def key(self) -> PostKey:
        return self.establishment.pk, Function(self.function), self.number

    @property
    def holder(self) -> Holder:
        """The person, spaces set right."""
        return Holder(" ".join(self.name.split()), self.email.strip(), self.number)

    def __str__(self) -> str:
        number = f" n° {self.number}" if self.number > 1 else ""
        return f"{Function(self.function).label}{number}, {self.establishment}"


@transaction.atomic
def appoint(
    academy: Academy,
    appointments: Iterable[Appointment],
    *,
    by: User | None,
    reason: str,
    decision_reference: str = "",
    operation: UUID | None = None,
) -> list[PostHolding]:
    """Write each appointment that differs from what the register holds for that day; returns the rows written.

    All or nothing: raises `PostRefused` at the first that breaks a rule. Posts are created where there are none.
    """
    lock(academy)
    if not reason.strip():
        raise PostRefused("Indiquez le motif.")
    ordered = sorted(appointments, key=lambda a: (a.effective_on, a.establishment.uai, a.function, a.number))
    histories = posts_through_time([a.establishment for a in ordered])
    _refuse_repeated(ordered)
    seats = Seats(ordered)
    kept: list[Appointment] = []
    for appointment in ordered:
        history = histories[appointment.key]
        if refusal := refusal_of(academy, appointment, seats, history):
            raise PostRefused(refusal)
        if history.on(appointment.effective_on) != appointment.holder:
            history.note(appointment.effective_on, appointment.holder)
            kept.append(appointment)
    posts = _posts([appointment.key for appointment in kept])
    template = PostHolding(
        reason=reason.strip(), decision_reference=decision_reference.strip(), author=by, operation=operation or uuid4()
    )
    rows = _write(academy, [(posts[a.key], a.effective_on, a.holder) for a in kept], template)
    _trace(academy, rows, by)
    return rows


@transaction.atomic
def undo(academy: Academy, operation: UUID, *, by: User | None, reason: str = "") -> list[PostHolding]:
    """Correct every row of one operation back to what held before it. Refused when a later act touched its posts."""
    lock(academy)
    written = list(
        PostHolding.objects.filter(operation=operation, post__establishment__academy=academy)
        .select_related("post__establishment")
        .order_by("effective_on", "pk")
    )
    if not written:
        raise PostRefused("Cette opération est introuvable dans cette académie.")
    others = PostHolding.objects.filter(post__in={row.post_id for row in written}).exclude(operation=operation)
    later = others.filter(recorded_at__gt=written[0].recorded_at).select_related("post__establishment").first()
    if later:
        raise PostRefused(f"{later.post} a changé depuis : inscrivez qui le tient maintenant.")
    back: list[tuple[Post, date, Holder | None]] = []
    for day in sorted({row.effective_on for row in written}):
        before = {row.post_id: row.holder for row in others.in_force(day).select_related("post")}
        back += [(row.post, day, before.get(row.post_id)) for row in written if row.effective_on == day]
    rows = _write(academy, back, PostHolding(reason=reason.strip() or "Annulation", author=by, operation=uuid4()))
    _trace(academy, rows, by)
    return rows


def posts_through_time(establishments: Collection[Establishment]) -> dict[PostKey, PostHistory]:
    """The history of each post of these establishments, in one query: on one day the row recorded last wins."""
    histories: dict[PostKey, PostHistory] = defaultdict(PostHistory)
    rows = PostHolding.objects.filter(post__establishment__in={e.pk for e in establishments})
    for row in rows.select_related("post").order_by("recorded_at", "pk"):
        histories[row.post.key].note(row.effective_on, row.holder)
    return histories


class Seats:
    """On which days the establishments of these appointments are the seat of an agency, in two queries."""

    def __init__(self, appointments: Iterable[Appointment]) -> None:
        asked = {a.establishment.pk for a in appointments if a.function in AGENCY_FUNCTIONS}
        members = Establishment.objects.filter(memberships__agency__seat__in=asked).distinct()
        self._histories = list(seats_through_time(members).values()) if asked else []
        self._days: dict[date, set[str | None]] = {}

    def on(self, day: date) -> set[str | None]:
        """UAIs of the establishments to which somebody's agency is seated on that day."""
        if day not in self._days:
            self._days[day] = {history.on(day) for history in self._histories}
        return self._days[day]


def refusal_of(academy: Academy, appointment: Appointment, seats: Seats, history: PostHistory) -> str:
    """The rule that the appointment breaks, in French; empty when it breaks none."""
    establishment, holder = appointment.establishment, appointment.holder
    if establishment.academy_id != academy.pk:
        return f"{establishment} appartient à une autre académie."
    if establishment.kind == Kind.GRETA:
        return f"{establishment} est un GRETA : il n’a pas de poste, inscrivez la personne à l’établissement support."
    if not 1 <= appointment.number <= (1 if appointment.function in SOLE_FUNCTIONS else MOST_POSTS):
        return f"{appointment} : ce numéro de poste n’est pas possible."
    if appointment.function in AGENCY_FUNCTIONS and establishment.uai not in seats.on(appointment.effective_on):
        leaves = holder.is_vacant and history.on(appointment.effective_on)
        if not leaves:
            day = f"{appointment.effective_on:%d/%m/%Y}"
            return f"{establishment} n’est pas le siège d’une agence comptable le {day} : ce poste est au siège."
    return _refusal_of_person(appointment)


def _refusal_of_person(appointment: Appointment) -> str:
    holder = appointment.holder
    if holder.is_vacant and holder.email:
        return f"{appointment} : une adresse sans nom ; un poste vacant n’a pas d’adresse."
    is_name = len(holder.name) <= LONGEST_NAME and "@" not in holder.name and any(map(str.isalpha, holder.name))
    if holder.name and not is_name:
        return f"{appointment} : « {holder.name[:40]} » n’est pas un nom."
    if holder.email:
        try:
            validate_email(holder.email)
        except ValidationError:
            return f"{appointment} : « {holder.email[:60]} » n’est pas une adresse électronique."
        if len(holder.email) > LONGEST_EMAIL:
            return f"{appointment} : l’adresse est trop longue."
    return ""


def _refuse_repeated(appointments: Iterable[Appointment]) -> None:
    times = Counter((a.key, a.effective_on) for a in set(appointments))
    for appointment in appointments:
        if times[appointment.key, appointment.effective_on] > 1:
            raise PostRefused(f"{appointment} : deux personnes pour un même poste le même jour.")


def _posts(keys: Collection[PostKey]) -> dict[PostKey, Post]:
    """The post of each key, created where there is none."""
    Post.objects.bulk_create(
        [
            Post(establishment_id=place, function=function, number=number)
            for place, function, number in sorted(set(keys))
        ],
        ignore_conflicts=True,
    )
    found = Post.objects.filter(establishment__in={key[0] for key in keys}).select_related("establishment")
    return {post.key: post for post in found}


def _write(academy: Academy, rows: list[tuple[Post, date, Holder | None]], template: PostHolding) -> list[PostHolding]:
    """A row without a holder withdraws what the register said of the post."""
    if not rows:
        return []
    recorded_at = registers.next_instant(PostHolding.objects.filter(post__establishment__academy=academy))
    return PostHolding.objects.bulk_create(
        PostHolding(
            post=post,
            name=holder.name if holder else "",
            email=holder.email if holder else "",
            is_withdrawn=holder is None,
            effective_on=effective_on,
            recorded_at=recorded_at,
            reason=template.reason,
            decision_reference=template.decision_reference,
            author=template.author,
            operation=template.operation,
        )
        for post, effective_on, holder in rows
    )


def _trace(academy: Academy, rows: list[PostHolding], by: User | None) -> None:
    """The trail tells the posts and not the persons."""
    if rows:
        first = rows[0]
        audit.record(
            by,
            EDIT_POSTS,
            count(len(rows), "poste") if len(rows) > 1 else str(first.post),
            academy=academy.slug,
            operation=str(first.operation),
            reason=first.reason,
            decision_reference=first.decision_reference,
        )
