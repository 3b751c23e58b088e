"""The people of an académie: who, with which roles and rights; inviting, suspending, seeing with their eyes."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts import audit, view_as
from accounts.forms.people import InvitationForm, RoleForm
from accounts.models import Grant, User
from accounts.pagination import paginate
from accounts.requests import SignedInRequest
from accounts.rights import CATALOGUE, MANAGE_PEOPLE, VIEW_AS, VIEW_PEOPLE, Right, requires
from accounts.services import people
from accounts.services.people import PeopleRefused
from accounts.view_as import ViewAsRefused
from figures.french import of_name


def _people(academy: str) -> QuerySet[User]:
    """Those who hold a role there; who may ask has been checked by the guard of the view."""
    return User.objects.filter(grants__academy=academy).distinct().order_by("last_name", "first_name", "pk")


@requires(VIEW_PEOPLE)
def person_list(request: SignedInRequest, academy: str) -> HttpResponse:
    page = paginate(_people(academy).prefetch_related("grants"), request)
    audit.seen(request.user, VIEW_PEOPLE, "Liste des personnes", academy=academy, page=page.number)
    context = {"page": page, "may_manage": request.user.may(MANAGE_PEOPLE, academy), "academy": academy}
    return render(request, "accounts/person_list.html", context)


@requires(VIEW_PEOPLE)
def person_detail(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    return _person_page(request, academy, pk, RoleForm())


@requires(MANAGE_PEOPLE)
def person_invite(request: SignedInRequest, academy: str) -> HttpResponse:
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        names = {"first_name": typed["first_name"], "last_name": typed["last_name"]}
        try:
            person = people.invite(typed["email"], **names, post=form.post(academy), by=request.user)
            messages.success(request, f"{person} est invité : un courriel va partir à {person.email}.")
            return redirect("accounts:person_detail", academy, person.pk)
        except PeopleRefused as refusal:
            form.add_error(None, str(refusal))
    return render(request, "accounts/person_invite.html", {"form": form, "crumb": "Inviter une personne"})


@require_POST
@requires(MANAGE_PEOPLE)
def person_invite_again(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    person = get_object_or_404(_people(academy), pk=pk)
    return _act(request, academy, person, "Une nouvelle invitation va partir.", people.invite_again)


@require_POST
@requires(MANAGE_PEOPLE)
def person_suspend(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    person = get_object_or_404(_people(academy), pk=pk)
    return _act(request, academy, person, f"Le compte {of_name(str(person))} est suspendu.", people.suspend)


@require_POST
@requires(MANAGE_PEOPLE)
def person_reactivate(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    person = get_object_or_404(_people(academy), pk=pk)
    return _act(request, academy, person, f"Le compte {of_name(str(person))} est rouvert.", people.reactivate)


@require_POST
@requires(MANAGE_PEOPLE)
def role_give(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    person = get_object_or_404(_people(academy), pk=pk)
    form = RoleForm(request.POST)
    if form.is_valid():
        try:
            people.give_role(person, form.post(academy), by=request.user)
            messages.success(request, f"{person} a un rôle de plus.")
            return redirect("accounts:person_detail", academy, pk)
        except PeopleRefused as refusal:
            form.add_error(None, str(refusal))
    return _person_page(request, academy, pk, form)


@require_POST
@requires(MANAGE_PEOPLE)
def role_take(request: SignedInRequest, academy: str, pk: int, grant_pk: int) -> HttpResponse:
    grant = get_object_or_404(Grant.objects.select_related("user"), pk=grant_pk, user=pk, academy=academy)
    try:
        people.take_role(grant, by=request.user)
        messages.success(request, f"{grant.user} n’a plus ce rôle.")
    except PeopleRefused as refusal:
        messages.error(request, str(refusal))
    remains = _people(academy).filter(pk=pk).exists()
    return redirect("accounts:person_detail", academy, pk) if remains else redirect("accounts:person_list", academy)


@require_POST
@requires(VIEW_AS)
def view_as_start(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    person = get_object_or_404(_people(academy), pk=pk)
    try:
        view_as.start(request.session, person, academy=academy, by=request.user)
    except ViewAsRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("accounts:person_detail", academy, pk)
    return redirect("home")


@require_POST
@requires(VIEW_AS)
def view_as_stop(request: SignedInRequest, academy: str) -> HttpResponse:
    view_as.stop(request.session, by=request.user)
    return redirect("accounts:person_list", academy)


def _act(request: SignedInRequest, academy: str, person: User, done: str, service: Callable[..., None]) -> HttpResponse:
    try:
        service(person, academy=academy, by=request.user)
        messages.success(request, done)
    except PeopleRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("accounts:person_detail", academy, person.pk)


def _person_page(request: SignedInRequest, academy: str, pk: int, form: RoleForm) -> HttpResponse:
    person = get_object_or_404(_people(academy), pk=pk)
    audit.seen(request.user, VIEW_PEOPLE, f"Fiche {of_name(str(person))}", academy=academy, person=person.pk)
    context = {
        "academy": academy,
        "shown": person,
        "grants": [grant for grant in person.held_grants if grant.academy == academy],
        "rights": _rights_of(person, academy),
        "form": form,
        "may_manage": request.user.may(MANAGE_PEOPLE, academy),
        "may_view_as": request.user.may(VIEW_AS, academy) and person.pk != request.user.pk,
        "crumb": str(person),
    }
    return render(request, "accounts/person_detail.html", context, status=400 if form.errors else 200)


def _rights_of(person: User, academy: str) -> list[Right]:
    """Everything the person may do there, read from the catalogue."""
    return sorted((right for right in CATALOGUE if person.may(right, academy)), key=lambda right: right.name)
