"""« Voir comme »: for the lead, in one académie, without writing and without gaining a right."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.choices import Role
from accounts.models import AuditEntry, Grant, User
from accounts.rights import CATALOGUE
from accounts.view_as import SESSION_KEY, person_seen
from deployment.models import Academy, Establishment
from deployment.rights import VIEW_ESTABLISHMENTS

Sign = Callable[[User], Client]


@pytest.fixture
def looking(signed: Sign, nadia: User, zoe: User) -> Client:
    """Nadia sees with the eyes of Zoe, caller of one establishment."""
    client = signed(nadia)
    client.post(f"/grenoble/personnes/{zoe.pk}/voir-comme/")
    return client


def test_the_pages_are_those_of_the_other_person(
    looking: Client, zoe: User, territory: dict[str, Establishment]
) -> None:
    page = looking.get("/grenoble/etablissements/").content.decode()
    assert "Vous voyez l’académie de Grenoble comme Zoe Grenoble" in page
    assert "Collège Les Rives" not in page
    assert looking.get("/grenoble/personnes/").status_code == 403


def test_nothing_can_be_written(looking: Client, nadia: User, samir: User) -> None:
    for url in (f"/grenoble/personnes/{samir.pk}/suspension/", "/grenoble/reglages/", "/compte/mot-de-passe/"):
        assert looking.post(url).status_code == 403
    assert User.objects.get(pk=samir.pk).is_active


def test_the_account_pages_stay_those_of_the_lead(looking: Client, nadia: User, zoe: User) -> None:
    """Else the lead would read the recovery codes of the other person."""
    page = looking.get("/compte/").content.decode()
    assert nadia.email in page
    assert zoe.email not in page


def test_stopping_gives_back_one_s_own_eyes(looking: Client, nadia: User, zoe: User) -> None:
    assert looking.post("/grenoble/voir-comme/arret/").url == "/grenoble/personnes/"
    assert looking.get("/grenoble/personnes/").status_code == 200
    assert SESSION_KEY not in looking.session


def test_beginning_and_end_are_traced_under_the_lead_s_name(looking: Client, nadia: User, zoe: User) -> None:
    looking.get("/grenoble/etablissements/export.csv")
    looking.post("/grenoble/voir-comme/arret/")
    lines = AuditEntry.objects.order_by("pk").values_list("actor", "kind", "target")
    assert [line for line in lines if "Fiche" not in line[2]] == [
        (nadia.pk, "seen", f"Voir comme {zoe} : début"),
        (nadia.pk, "exported", "Export des établissements"),
        (nadia.pk, "seen", f"Voir comme {zoe} : fin"),
    ]
    assert AuditEntry.objects.get(kind="exported").details["seen_as"] == str(zoe)


def test_another_academy_of_the_person_stays_closed(signed: Sign, nadia: User, samir: User, lyon: Academy) -> None:
    Grant.objects.create(user=samir, role=Role.LEAD, academy="lyon")
    client = signed(nadia)
    client.post(f"/grenoble/personnes/{samir.pk}/voir-comme/")
    seen = person_seen(client.session, nadia)
    assert seen is not None and seen.academies == ["grenoble"]
    assert client.get("/lyon/etablissements/").status_code == 404
    assert "Changer d’académie" not in client.get("/grenoble/etablissements/").content.decode()


def test_no_right_is_gained(nadia: User, hugo: User, samir: User, zoe: User, lise: User) -> None:
    """Whoever looks: what both may do, where both may do it."""
    for viewer in (nadia, lise, zoe):
        for person in (hugo, samir):
            person.seen_by = viewer
            gained = [r for r in CATALOGUE if person.may(r, "grenoble") and not viewer.may(r, "grenoble")]
            assert gained == []
    assert samir.scopes(VIEW_ESTABLISHMENTS, "grenoble") == {"0380033E"}
    zoe.seen_by = nadia
    assert zoe.scopes(VIEW_ESTABLISHMENTS, "grenoble") == {"0380033E"}


def test_it_ends_when_the_lead_is_no_longer_one(looking: Client, nadia: User, grenoble: Academy) -> None:
    nadia.grants.update(role=Role.STAFF)
    page = looking.get("/grenoble/etablissements/").content.decode()
    assert "Vous voyez l’académie" not in page
    assert SESSION_KEY not in looking.session


@pytest.mark.parametrize("why", ["no role left", "suspended"])
def test_it_ends_when_the_person_sees_nothing_any_more(looking: Client, zoe: User, why: str) -> None:
    if why == "suspended":
        User.objects.filter(pk=zoe.pk).update(is_active=False)
    else:
        zoe.grants.all().delete()
    assert looking.get("/grenoble/personnes/").status_code == 200
    assert SESSION_KEY not in looking.session


def test_only_another_active_person_of_the_academy(signed: Sign, nadia: User, zoe: User, victor: User) -> None:
    client = signed(nadia)
    User.objects.filter(pk=zoe.pk).update(is_active=False)
    for person, code in ((nadia, 302), (zoe, 302), (victor, 404)):
        assert client.post(f"/grenoble/personnes/{person.pk}/voir-comme/").status_code == code
        assert SESSION_KEY not in client.session


def test_only_the_lead_may(signed: Sign, samir: User, alice: User, lise: User) -> None:
    for person in (samir, alice, lise):
        assert signed(person).post(f"/grenoble/personnes/{lise.pk}/voir-comme/").status_code == 403
