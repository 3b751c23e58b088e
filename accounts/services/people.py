"""Who comes in, with which roles, and who no longer does. Only an académie's lead does any of it, for that académie."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from accounts import audit, emails
from accounts.choices import Role
from accounts.models import Grant, User
from accounts.rights import MANAGE_PEOPLE
from figures.french import of_name


class PeopleRefused(Exception):
    """The message is French and is shown to the person."""


@dataclass(frozen=True)
class Post:
    """One role over an académie, or over one of its establishments."""

    role: Role
    academy: str
    scope: str = ""

    def __str__(self) -> str:
        return f"{self.role.label} · {self.scope}" if self.scope else self.role.label


@transaction.atomic
def invite(email: str, *, first_name: str, last_name: str, post: Post, by: User | None) -> User:
    """Give a first role; who has no account gets one, and the link that opens it. Known elsewhere: told of the role."""
    person = User.objects.filter(email=email.strip().lower()).first()
    if person and person.grants.filter(academy=post.academy).exists():
        raise PeopleRefused(f"{person} est déjà dans la liste : ouvrez sa page pour lui donner un autre rôle.")
    if person is None:
        person = User.objects.create_user(email, first_name=first_name, last_name=last_name)
    _grant(person, post, by=by)
    audit.record(
        by, MANAGE_PEOPLE, f"Invitation {of_name(str(person))}", academy=post.academy, person=person.pk, role=str(post)
    )
    _write_to(person, post.academy, [str(post)], by=by)
    return person


@transaction.atomic
def invite_again(person: User, *, academy: str, by: User) -> None:
    """Write once more to who has not come yet: the former link may have expired."""
    if person.last_login:
        raise PeopleRefused(f"{person} s’est déjà connecté : la page de connexion permet de changer de mot de passe.")
    if not person.is_active:
        raise PeopleRefused("Ce compte est suspendu : réactivez-le d’abord.")
    roles = [str(Post(Role(g.role), academy, g.scope)) for g in person.grants.filter(academy=academy)]
    audit.record(by, MANAGE_PEOPLE, f"Nouvelle invitation {of_name(str(person))}", academy=academy, person=person.pk)
    emails.invitation(person, by=by, academy=academy, roles=roles)


@transaction.atomic
def give_role(person: User, post: Post, *, by: User) -> None:
    """Add a role to someone of the académie. Nobody gives one to oneself."""
    if person.pk == by.pk:
        raise PeopleRefused("On ne se donne pas un rôle à soi-même : demandez à un autre responsable.")
    _grant(person, post, by=by)
    audit.record(by, MANAGE_PEOPLE, f"Rôle donné à {person}", academy=post.academy, person=person.pk, role=str(post))


@transaction.atomic
def take_role(grant: Grant, *, by: User) -> None:
    """Remove a role; an académie keeps at least one lead who can sign in."""
    if grant.role == Role.LEAD:
        _refuse_if_last_lead(grant.user, grant.academy)
    post = Post(Role(grant.role), grant.academy, grant.scope)
    grant.delete()
    _bump(grant.user)
    details = {"person": grant.user.pk, "role": str(post)}
    audit.record(by, MANAGE_PEOPLE, f"Rôle retiré à {grant.user}", academy=grant.academy, **details)


@transaction.atomic
def suspend(person: User, *, academy: str, by: User) -> None:
    """Close the account; its sessions end at their next request, and do not come back with it."""
    if person.pk == by.pk:
        raise PeopleRefused("On ne suspend pas son propre compte : demandez à un autre responsable.")
    _refuse_if_elsewhere(person, academy)
    if person.grants.filter(academy=academy, role=Role.LEAD).exists():
        _refuse_if_last_lead(person, academy)
    User.objects.filter(pk=person.pk).update(is_active=False, session_epoch=F("session_epoch") + 1)
    audit.record(by, MANAGE_PEOPLE, f"Suspension {of_name(str(person))}", academy=academy, person=person.pk)


@transaction.atomic
def reactivate(person: User, *, academy: str, by: User) -> None:
    """Open a suspended account again; the password and the second factor are what they were."""
    _refuse_if_elsewhere(person, academy)
    User.objects.filter(pk=person.pk).update(is_active=True)
    audit.record(by, MANAGE_PEOPLE, f"Réactivation {of_name(str(person))}", academy=academy, person=person.pk)


def _grant(person: User, post: Post, *, by: User | None) -> None:
    _, is_new = Grant.objects.get_or_create(user=person, role=post.role, academy=post.academy, scope=post.scope)
    if not is_new:
        raise PeopleRefused(f"{person} a déjà ce rôle.")
    _bump(person)


def _bump(person: User) -> None:
    """Every session of the person takes a new key at its next request."""
    User.objects.filter(pk=person.pk).update(roles_version=F("roles_version") + 1)


def _refuse_if_last_lead(person: User, academy: str) -> None:
    """Leads are locked in one order, so that two of them cannot remove each other at the same instant."""
    leads = Grant.objects.filter(role=Role.LEAD, academy=academy).order_by("pk")
    list(leads.select_for_update(of=("self",)))
    if not leads.exclude(user=person).filter(user__is_active=True, scope="").exists():
        raise PeopleRefused(f"{person} est le dernier responsable actif de l’académie : nommez-en d’abord un autre.")


def _refuse_if_elsewhere(person: User, academy: str) -> None:
    """An account belongs to the person, not to the académie: another one may need it."""
    if person.grants.exclude(academy=academy).exists():
        raise PeopleRefused("Ce compte sert aussi hors de votre académie : retirez plutôt ses rôles dans la vôtre.")


def _write_to(person: User, academy: str, roles: list[str], *, by: User | None) -> None:
    write = emails.role_given if person.last_login else emails.invitation
    write(person, by=by, academy=academy, roles=roles)
