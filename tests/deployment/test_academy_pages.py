"""The settings of an académie."""

from collections.abc import Callable
from datetime import date

from django.test import Client

from accounts.choices import Role
from accounts.models import AuditEntry, User
from deployment.choices import GretaRule
from deployment.models import Academy
from tests.factories import make_academy, make_person

Signed = Callable[[User], Client]
URL = "/grenoble/reglages/"
ANSWERS = {
    "service_name": "Division de l’intendance",
    "service_acronym": "DIVET",
    "ministry_block": "Ministère\r\nde l’Éducation\r\nnationale",
    "greta_rule": GretaRule.OWN_ROW,
    "greta_noted_from": "",
    "initial_volumetry_on": "2024-06-28",
    "observed_on": "",
}


def test_lead_changes_the_settings_and_leaves_a_trace(signed: Signed, nadia: User, grenoble: Academy) -> None:
    client = signed(nadia)
    page = client.post(URL, ANSWERS, follow=True).content.decode()
    assert "Les réglages sont enregistrés." in page
    grenoble.refresh_from_db()
    assert (grenoble.service_acronym, grenoble.greta_rule) == ("DIVET", GretaRule.OWN_ROW)
    assert grenoble.initial_volumetry_on == date(2024, 6, 28)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.act, entry.academy) == (nadia, "deployment.edit_academy", "grenoble")
    assert entry.details["service_acronym"] == ["SA EPLE", "DIVET"]
    assert "ministry_block" not in entry.details


def test_same_settings_leave_no_trace(signed: Signed, nadia: User, grenoble: Academy) -> None:
    client = signed(nadia)
    client.post(URL, ANSWERS)
    assert "Rien n’a changé." in client.post(URL, ANSWERS, follow=True).content.decode()
    assert AuditEntry.objects.count() == 1


def test_wrong_settings_are_told_and_change_nothing(signed: Signed, nadia: User, grenoble: Academy) -> None:
    wrong = ANSWERS | {"greta_rule": "autre", "observed_on": "demain", "ministry_block": "x" * 41}
    page = signed(nadia).post(URL, wrong).content.decode()
    assert "Le bloc tient en quatre lignes" in page
    assert "Saisissez une date valide." in page
    grenoble.refresh_from_db()
    assert grenoble.service_acronym == "SA EPLE"
    assert not AuditEntry.objects.exists()


def test_only_the_lead_of_the_academy_may(
    signed: Signed, client: Client, nadia: User, samir: User, victor: User
) -> None:
    assert signed(nadia).get(URL).status_code == 200
    assert signed(samir).get(URL).status_code == 403
    assert signed(samir).post(URL, ANSWERS).status_code == 403
    assert signed(victor).post(URL, ANSWERS).status_code == 404
    assert client.post(URL, ANSWERS).status_code == 302
    assert not AuditEntry.objects.exists()


def test_title_is_elided_before_a_vowel(signed: Signed, db: None) -> None:
    academy = make_academy("orleans-tours", "Orléans-Tours")
    page = signed(make_person("Olga", Role.LEAD, academy)).get("/orleans-tours/reglages/").content.decode()
    assert "<h1>Réglages de l’académie d’Orléans-Tours</h1>" in page
