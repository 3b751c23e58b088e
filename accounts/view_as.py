"""« Voir comme »: the lead looks at an académie with the eyes of another of its people, to help; nothing is written."""

from __future__ import annotations

from django.contrib.sessions.backends.base import SessionBase

from accounts import audit
from accounts.academies import academy_named
from accounts.models import User
from accounts.rights import VIEW_AS

SESSION_KEY = "view_as"


class ViewAsRefused(Exception):
    """The message is French and is shown to the person."""


def start(session: SessionBase, person: User, *, academy: str, by: User) -> None:
    """From now on this session sees that académie as `person` does."""
    if person.pk == by.pk:
        raise ViewAsRefused("Choisissez une autre personne que vous.")
    if not person.is_active:
        raise ViewAsRefused("Ce compte est suspendu : il ne voit rien.")
    session[SESSION_KEY] = {
        "person": person.pk,
        "name": str(person),
        "academy": academy,
        "place": academy_named(academy).full_name,
    }
    audit.seen(by, VIEW_AS, f"Voir comme {person} : début", academy=academy, person=person.pk)


def stop(session: SessionBase, *, by: User) -> str:
    """Back to one's own eyes; returns the académie that was looked at, empty if none was."""
    looked_at = session.pop(SESSION_KEY, None)
    if looked_at is None:
        return ""
    person = User.objects.filter(pk=looked_at["person"]).first()
    audit.seen(by, VIEW_AS, f"Voir comme {person} : fin", academy=looked_at["academy"], person=looked_at["person"])
    academy: str = looked_at["academy"]
    return academy


def person_seen(session: SessionBase, viewer: User) -> User | None:
    """The other person, with their roles of that académie alone, and no right that the viewer does not hold there.

    None, and it is over, as soon as the viewer may no longer or the person has nothing to see there.
    """
    academy = session[SESSION_KEY]["academy"]
    person = User.objects.filter(pk=session[SESSION_KEY]["person"], is_active=True).first()
    grants = list(person.grants.filter(academy=academy)) if person else []
    if person is None or not grants or not viewer.may(VIEW_AS, academy):
        del session[SESSION_KEY]
        return None
    person.__dict__["held_grants"] = grants
    person.seen_by = viewer
    return person
