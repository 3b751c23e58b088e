"""Inviting, giving and taking roles, suspending: by the lead, for their académie, and always in the trail."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import AuditEntry, Grant, OutgoingEmail, User
from accounts.services import people
from accounts.services.people import PeopleRefused, Post
from deployment.models import Academy
from tests.factories import make_academy, make_person

Sign = Callable[[User], Client]
NEW = {"email": "Zoe@AC-Grenoble.fr", "first_name": "Zoé", "last_name": "Essai", "role": "staff", "scope": ""}
INVITATION = "/grenoble/personnes/invitation/"


def test_an_invitation_opens_an_account_without_password(signed: Sign, nadia: User) -> None:
    answer = signed(nadia).post(INVITATION, NEW, headers={"host": "localhost", "x-forwarded-host": "pirate.example"})
    zoe = User.objects.get(email="zoe@ac-grenoble.fr")
    assert answer.url == f"/grenoble/personnes/{zoe.pk}/"
    assert not zoe.has_usable_password()
    mail = OutgoingEmail.objects.get()
    assert (mail.to, mail.academy, mail.reply_to) == (zoe.email, "grenoble", nadia.email)
    assert mail.secret.startswith("http://localhost:8000/mot-de-passe/")
    assert "pirate" not in mail.secret + mail.html
    assert "Agent SA EPLE" in mail.text


def test_the_invited_person_chooses_a_password_and_is_in(signed: Sign, client: Client, nadia: User) -> None:
    signed(nadia).post(INVITATION, NEW)
    link = OutgoingEmail.objects.get().secret.removeprefix("http://localhost:8000")
    url = client.get(link, follow=True).redirect_chain[-1][0]
    password = {"password1": "Quatre-Saisons-2024", "password2": "Quatre-Saisons-2024"}
    assert client.post(url, password).url == "/"
    assert client.session[SESSION_KEY] == str(User.objects.get(email="zoe@ac-grenoble.fr").pk)


def test_a_person_known_elsewhere_keeps_the_account_and_is_told(signed: Sign, nadia: User, victor: User) -> None:
    signed(nadia).post(INVITATION, {**NEW, "email": victor.email, "first_name": "Faux"})
    victor.refresh_from_db()
    assert (victor.first_name, victor.grants.count()) == ("Victor", 2)
    assert OutgoingEmail.objects.get().to == victor.email


def test_a_person_already_there_is_not_invited_twice(signed: Sign, nadia: User, samir: User) -> None:
    page = signed(nadia).post(INVITATION, {**NEW, "email": samir.email}).content.decode()
    assert "est déjà dans la liste" in page


def test_a_wrong_uai_is_refused_with_the_letter_expected(signed: Sign, nadia: User) -> None:
    page = signed(nadia).post(INVITATION, {**NEW, "scope": "0380033Z"}).content.decode()
    assert "la lettre attendue est" in page
    assert not User.objects.filter(email="zoe@ac-grenoble.fr").exists()


def test_fields_that_the_form_does_not_show_change_nothing(signed: Sign, nadia: User) -> None:
    forged = {"is_active": "", "password": "x", "academy": "lyon", "id": "1", "session_epoch": "9", "user": nadia.pk}
    signed(nadia).post(INVITATION, {**NEW, **forged})
    zoe = User.objects.get(email="zoe@ac-grenoble.fr")
    assert (zoe.is_active, zoe.session_epoch, zoe.academies) == (True, 0, ["grenoble"])


def test_the_list_shows_the_people_of_the_academy_alone(signed: Sign, nadia: User, samir: User, victor: User) -> None:
    make_person("Zara", Role.TUTOR, make_academy("grenoble"), scope="0380033E")
    page = signed(nadia).get("/grenoble/personnes/").content.decode()
    assert "Samir" in page and "Tuteur · 0380033E" in page
    assert "Victor" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_whatever_its_length(
    signed: Sign, nadia: User, grenoble: Academy, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        make_person(f"Personne{number}", Role.STAFF, grenoble)
    client = signed(nadia)
    with django_assert_num_queries(8):
        page = client.get("/grenoble/personnes/").content.decode()
    assert page.count("Personne") >= count


def test_the_page_of_a_person_tells_every_right(signed: Sign, nadia: User, lise: User, victor: User) -> None:
    client = signed(nadia)
    page = client.get(f"/grenoble/personnes/{lise.pk}/").content.decode()
    assert "Télécharger un dossier" in page
    assert "Importer des fichiers" not in page
    assert client.get(f"/grenoble/personnes/{victor.pk}/").status_code == 404


def test_lists_of_people_seen_are_in_the_trail(signed: Sign, nadia: User, lise: User) -> None:
    client = signed(nadia)
    client.get("/grenoble/personnes/")
    client.get(f"/grenoble/personnes/{lise.pk}/")
    lines = AuditEntry.objects.filter(kind="seen").order_by("pk").values_list("actor", "target", "academy", "origin")
    assert list(lines) == [
        (nadia.pk, "Liste des personnes", "grenoble", "127.0.0.1"),
        (nadia.pk, f"Fiche de {lise}", "grenoble", "127.0.0.1"),
    ]


def test_a_role_is_given_and_taken(signed: Sign, nadia: User, samir: User) -> None:
    client = signed(nadia)
    client.post(f"/grenoble/personnes/{samir.pk}/roles/", {"role": "training", "scope": ""})
    grant = samir.grants.get(role=Role.TRAINING)
    assert grant.academy == "grenoble"
    client.post(f"/grenoble/personnes/{samir.pk}/roles/{grant.pk}/retrait/")
    assert [g.role for g in samir.grants.all()] == [Role.STAFF]
    acts = AuditEntry.objects.filter(act="accounts.manage_people").order_by("pk").values_list("target", flat=True)
    assert list(acts) == [f"Rôle donné à {samir}", f"Rôle retiré à {samir}"]


def test_nobody_gives_themselves_a_role(signed: Sign, nadia: User) -> None:
    page = signed(nadia).post(f"/grenoble/personnes/{nadia.pk}/roles/", {"role": "hr", "scope": ""})
    assert "On ne se donne pas un rôle à soi-même" in page.content.decode()
    assert nadia.grants.count() == 1


def test_the_last_lead_stays(signed: Sign, nadia: User, grenoble: Academy) -> None:
    other = make_person("Omar", Role.LEAD, grenoble)
    people.suspend(other, academy="grenoble", by=nadia)
    grant = nadia.grants.get()
    url = f"/grenoble/personnes/{nadia.pk}/roles/{grant.pk}/retrait/"
    assert "le dernier responsable actif" in signed(nadia).post(url, follow=True).content.decode()
    people.reactivate(other, academy="grenoble", by=nadia)
    signed(nadia).post(url)
    assert not nadia.grants.exists()


def test_nobody_suspends_themselves_or_an_account_that_serves_elsewhere(nadia: User, samir: User) -> None:
    with pytest.raises(PeopleRefused, match="son propre compte"):
        people.suspend(nadia, academy="grenoble", by=nadia)
    Grant.objects.create(user=samir, role=Role.STAFF, academy="lyon")
    with pytest.raises(PeopleRefused, match="hors de votre académie"):
        people.suspend(samir, academy="grenoble", by=nadia)


def test_an_invitation_is_sent_again_until_the_person_has_come(signed: Sign, nadia: User, samir: User) -> None:
    client, url = signed(nadia), f"/grenoble/personnes/{samir.pk}/invitation/"
    client.post(url)
    assert OutgoingEmail.objects.count() == 1
    signed(samir)
    assert "s’est déjà connecté" in client.post(url, follow=True).content.decode()


def test_a_grant_of_another_academy_is_out_of_reach(signed: Sign, nadia: User, victor: User) -> None:
    grant = victor.grants.get()
    for pk in (victor.pk, nadia.pk):
        assert signed(nadia).post(f"/grenoble/personnes/{pk}/roles/{grant.pk}/retrait/").status_code == 404
    for act in ("suspension", "reactivation", "roles", "invitation", "voir-comme"):
        assert signed(nadia).post(f"/grenoble/personnes/{victor.pk}/{act}/").status_code == 404


def test_only_the_lead_manages(signed: Sign, samir: User, alice: User, lise: User) -> None:
    url = reverse("accounts:person_suspend", args=["grenoble", lise.pk])
    assert [signed(person).post(url).status_code for person in (samir, alice, lise)] == [403, 403, 403]
    assert signed(alice).get("/grenoble/personnes/").status_code == 200
    assert "Inviter une personne" not in signed(alice).get("/grenoble/personnes/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_leads_cannot_remove_each_other_at_once() -> None:
    academy = make_academy("grenoble")
    leads = [make_person(name, Role.LEAD, academy) for name in ("Ana", "Bob")]

    def remove(turn: int) -> bool:
        try:
            people.take_role(leads[turn].grants.get(), by=leads[1 - turn])
            return True
        except PeopleRefused:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(remove, (0, 1)))
    assert sorted(done) == [False, True]
    assert Grant.objects.filter(role=Role.LEAD, academy="grenoble").count() == 1


def test_a_scoped_post_says_its_scope() -> None:
    assert str(Post(Role.TUTOR, "grenoble", "0380033E")) == "Tuteur · 0380033E"
