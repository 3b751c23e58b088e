"""What a right is, who holds it, and the guard that every page names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase

from accounts.choices import Role


class Everywhere(frozenset[str]):
    """The scope of a grant over a whole académie: true, and contains every UAI."""

    def __bool__(self) -> bool:
        return True

    def __contains__(self, uai: object) -> bool:
        return True


Scopes = frozenset[str]
EVERYWHERE: Final = Everywhere()


def shared(one: Scopes, other: Scopes) -> Scopes:
    """What both contain."""
    if one is EVERYWHERE or other is EVERYWHERE:
        return other if one is EVERYWHERE else one
    return one & other


@dataclass(frozen=True)
class Right:
    """One act of one room, and the roles that may do it.

    `is_scoped`: it can be held over one establishment alone; any other act concerns the académie as a whole.
    """

    name: str
    label: str
    roles: frozenset[Role] = field(hash=False)
    is_scoped: bool = False


CATALOGUE: list[Right] = []  # read by the matrix test and the page of rights, by nothing that decides


def right(name: str, label: str, *roles: Role, is_scoped: bool = False) -> Right:
    """Declare the right `room.verb_noun`; `label` says the act in French, for the page and the matrix."""
    declared = Right(name, label, frozenset(roles), is_scoped)
    CATALOGUE.append(declared)
    return declared


EVERYONE: Final = tuple(Role)
ENTER: Final = right("accounts.enter", "Entrer dans Op@le Pilot", *EVERYONE, is_scoped=True)
MANAGE_OWN_ACCOUNT: Final = right("accounts.manage_own_account", "Gérer son propre compte", *EVERYONE, is_scoped=True)
VIEW_PEOPLE: Final = right("accounts.view_people", "Voir les personnes et leurs rôles", Role.LEAD, Role.AUDITOR)
MANAGE_PEOPLE: Final = right("accounts.manage_people", "Inviter, suspendre, donner ou retirer un rôle", Role.LEAD)
VIEW_AS: Final = right("accounts.view_as", "Voir comme une autre personne", Role.LEAD)
VIEW_TRAIL: Final = right("accounts.view_trail", "Consulter et exporter les traces", Role.LEAD, Role.AUDITOR)
VIEW_JOBS: Final = right("accounts.view_jobs", "Voir les traitements", Role.LEAD, Role.STAFF, Role.DSI)
RETRY_JOB: Final = right("accounts.retry_job", "Relancer un traitement", Role.LEAD, Role.STAFF)
VIEW_MAILS: Final = right("accounts.view_mails", "Voir les envois", Role.LEAD, Role.STAFF)
SEND_MAILS: Final = right("accounts.send_mails", "Envoyer, relancer et suspendre les messages", Role.LEAD, Role.STAFF)
HANDLE_PERSONAL_DATA: Final = right("accounts.handle_personal_data", "Purger, effacer ou exporter des données")

View = Callable[..., HttpResponseBase]


def requires(needed: Right) -> Callable[[View], View]:
    """Guard a view whose first argument is an académie's slug.

    No grant in that académie: 404, so that nothing tells whether it exists. Grants there, but not this right: 403.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, academy: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user: Any = request.user
            if academy not in user.academies:
                raise Http404
            if not user.may(needed, academy):
                raise PermissionDenied
            return view(request, academy, *args, **kwargs)

        guarded.right = needed  # type: ignore[attr-defined]
        return guarded

    return decorate


def signed_in(view: View) -> View:
    """Mark a view that any signed-in person may open, because it belongs to no académie."""
    view.right = ENTER  # type: ignore[attr-defined]
    return view
