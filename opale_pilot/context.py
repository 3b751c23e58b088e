"""What every template may read: the site, the current académie, the menu of what this person may open there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.functional import SimpleLazyObject

from accounts import view_as
from accounts.models import User
from accounts.rights import Right
from deployment.models import Academy

SITE_CONFIG = {
    "site_title": "Op@le Pilot",
    "site_tagline": "Pilotage académique du déploiement d’Op@le",
}
HOME = "cockpit"
MENU = (
    ("Tableau de bord", HOME),
    ("Volumétrie", "deployment:volumetry"),
    ("Établissements", "deployment:establishment_list"),
    ("Vagues", "deployment:wave_list"),
    ("Enquêtes", "surveys:campaign_list"),
    ("Tutorat", "tutoring:need_list"),
    ("Mon tutorat", "tutoring:own_tutoring"),
    ("Indemnités", "tutoring:indemnity_list"),
    ("COSUI", "cosui:meeting_list"),
    ("Importations", "deployment:import_list"),
    ("Traitements", "accounts:job_list"),
    ("Envois", "accounts:mail_list"),
    ("Personnes", "accounts:person_list"),
    ("Traces", "accounts:trail_list"),
    ("Réglages", "deployment:academy_edit"),
)
ADMINISTRATION = {
    "Traitements",
    "Envois",
    "Personnes",
    "Traces",
    "Réglages",
}  # under one heading, when there are several


@dataclass(frozen=True)
class Entry:
    """One line of the main menu. `is_here`: the page shown is this one (`is_exact`) or one below it."""

    label: str
    url: str
    is_home: bool
    is_here: bool
    is_exact: bool


def site(request: HttpRequest) -> dict[str, Any]:
    """Costs no query by itself: `academy_row` and `other_academies` are read only if a template shows them.

    `SITE_CONFIG` is given here because django-dsfr's own context processor costs two queries a page.
    """
    match = request.resolver_match
    slug = match.kwargs.get("academy", "") if match else ""
    user = getattr(request, "user", None)
    person = user if isinstance(user, User) and user.is_authenticated else None
    is_inside = person is not None and slug in person.academies
    entries = menu(person, slug, request.path) if person and is_inside else []
    return {
        "SITE_CONFIG": SITE_CONFIG,
        "state_brand": settings.OPALE_STATE_BRAND,
        "debug": settings.DEBUG,
        "person": person,
        "viewed_as": request.session.get(view_as.SESSION_KEY) if person else None,
        "academy_row": academy_row(slug) if is_inside else None,
        "other_academies": other_academies(person, slug) if person else (),
        **_grouped(entries),
        "menu_here": next((entry for entry in entries if entry.is_here), None),
    }


def menu(person: User, academy: str, path: str = "") -> list[Entry]:
    """The pages of that académie which this person may open, in the order of the menu."""
    entries = []
    for label, name in MENU:
        needed = right_of(name)
        if needed and person.may(needed, academy):
            url, is_home = reverse(name, args=[academy]), name == HOME
            is_here = path == url or (not is_home and path.startswith(url))  # all pages are under the home's address
            entries.append(Entry(label, url, is_home, is_here, is_exact=path == url))
    return entries


def _grouped(entries: list[Entry]) -> dict[str, list[Entry]]:
    """The entries shown side by side, and those behind the heading « Administration »."""
    behind = [entry for entry in entries if entry.label in ADMINISTRATION]
    if len(behind) < 2:
        return {"menu": entries, "administration": []}
    return {"menu": [entry for entry in entries if entry not in behind], "administration": behind}


@cache
def right_of(name: str) -> Right | None:
    """The right that the page itself requires, so that menu and guard cannot differ; None while no such page exists."""
    try:
        view: Any = resolve(reverse(name, args=["academie"])).func
    except NoReverseMatch:
        return None
    found: Right = view.right
    return found


def academy_row(slug: str) -> Any:
    """The académie, read on first use; a view that already holds it passes its own `academy_row`."""
    return SimpleLazyObject(lambda: Academy.objects.filter(slug=slug).first())


def other_academies(person: User, slug: str) -> Any:
    """The other académies of a person who holds several, each with its first page, for the switcher."""
    others = [other for other in person.academies if other != slug]
    return SimpleLazyObject(lambda: list(_doors(person, others))) if others else ()


def _doors(person: User, slugs: list[str]) -> Iterator[tuple[Academy, str]]:
    for academy in Academy.objects.filter(slug__in=slugs).order_by("label"):
        entries = menu(person, academy.slug)
        if entries:
            yield academy, entries[0].url
