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
Line = tuple[str, str]  # label, name of the page
# A group is a heading that unfolds; of a group, who may open one page only sees that page itself.
MENU: tuple[Line | tuple[str, tuple[Line, ...]], ...] = (
    ("Tableau de bord", HOME),
    ("Volumétrie", "deployment:volumetry"),
    ("Établissements", "deployment:establishment_list"),
    ("Vagues", "deployment:wave_list"),
    ("Enquêtes", "surveys:campaign_list"),
    (
        "Tutorat",
        (
            ("Besoins de tutorat", "tutoring:need_list"),
            ("Appels à candidatures", "tutoring:call_list"),
            ("Candidatures", "tutoring:application_list"),
            ("Tuteurs", "tutoring:tutor_list"),
            ("Lettres et ordres de mission", "tutoring:paper_list"),
            ("Visites", "tutoring:visit_list"),
            ("Réunions", "tutoring:meeting_list"),
            ("Service fait", "tutoring:service_list"),
            ("Indemnités", "tutoring:indemnity_list"),
            ("Mon tutorat", "tutoring:own_tutoring"),
        ),
    ),
    ("COSUI", "cosui:meeting_list"),
    ("Importations", "deployment:import_list"),
    (
        "Administration",
        (
            ("Traitements", "accounts:job_list"),
            ("Envois", "accounts:mail_list"),
            ("Personnes", "accounts:person_list"),
            ("Traces", "accounts:trail_list"),
            ("Réglages", "deployment:academy_edit"),
        ),
    ),
)


@dataclass(frozen=True)
class Entry:
    """One line of the main menu, or a heading with its lines. `is_here`: the page shown is this one or below it.

    `is_exact`: it is this one. A heading has the address of its first line.
    """

    label: str
    url: str
    is_home: bool = False
    is_here: bool = False
    is_exact: bool = False
    lines: tuple[Entry, ...] = ()


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
        "menu": entries,
        "menu_here": next((line for entry in entries for line in entry.lines or (entry,) if line.is_here), None),
    }


def menu(person: User, academy: str, path: str = "") -> list[Entry]:
    """The pages of that académie which this person may open, in the order of the menu."""
    groups = [(label, pages if isinstance(pages, tuple) else ((label, pages),)) for label, pages in MENU]
    allowed = [(label, [line for line in lines if _may_open(person, academy, line)]) for label, lines in groups]
    urls = {name: reverse(name, args=[academy]) for _, lines in allowed for _, name in lines}
    home = urls.get(HOME, "")
    # all pages are under the home's address, and a page may be under the address of another line
    here = max(
        (url for url in urls.values() if path.startswith(url) and (url != home or path == url)), default="", key=len
    )
    entries = []
    for label, lines in allowed:
        made = [Entry(words, urls[name], name == HOME, urls[name] == here, urls[name] == path) for words, name in lines]
        if len(made) == 1:
            entries += made
        elif made:
            is_here = any(line.is_here for line in made)
            entries.append(Entry(label, made[0].url, is_here=is_here, lines=tuple(made)))
    return entries


def _may_open(person: User, academy: str, line: Line) -> bool:
    needed = right_of(line[1])
    return needed is not None and person.may(needed, academy)


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
