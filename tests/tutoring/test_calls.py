"""Calls for tutors: who prepares, publishes, closes and extends them, what is kept of the link, what HR alone sees."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, User
from deployment.models import Academy, Wave
from surveys.models.invitations import hash_token
from tests.figures.test_deck_pdf import texts
from tests.tutoring.conftest import make_application
from tests.tutoring.factories import make_call
from tutoring.call_letters import drawn, letter
from tutoring.choices.candidates import CallState
from tutoring.models import TutorCall
from tutoring.services import calls
from tutoring.services.calls import deadline_for
from tutoring.services.refusals import TutoringRefused

pytestmark = pytest.mark.usefixtures("v7")

Signed = Callable[[User], Client]
CALLS = "/grenoble/tutorat/appels/"
LINK = re.compile(r"http://localhost:8000/c/([\w-]{43})/")
TYPED: dict[str, Any] = {
    "reference": "SAEPL/24-995-44",
    "title": "Appel à candidatures - tuteurs Op@le académiques",
    "published_on": "2024-01-22",
    "deadline_on": "",
    "recipients": "Mesdames et messieurs les chefs d’établissement",
    "routing": "s/c de mesdames et messieurs les chefs d’établissement",
    "functions": ["secretary_general", "deputy_accountant"],
    "waves": ["V6", "V7"],
    "spheres": ["ordering", "accounting"],
    "target_load": "2",
    "rate": "500",
    "mission_ends_on": "2025-08-31",
    "extensions": "31/08/2027\r\n\r\n2026-08-31",
    "body": "Premier.\r\n\r\nSecond.",
    "signatory": "Pour le recteur et par délégation",
    "reply_to": "tuteurs@exemple.invalid",
    "copies": "diepat@exemple.invalid\r\n",
}


def text(response: Any) -> str:
    return str(response.content.decode())


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as told:
        assert client.get(url).status_code == 200
    return len(told)


# --- its rules


def test_two_weeks_after_the_publication() -> None:
    assert deadline_for(date(2024, 1, 22)) == date(2024, 2, 5)
    assert deadline_for(date(2024, 1, 22)).weekday() == 0


def test_staff_writes_a_call_whose_deadline_is_proposed(samir: User, signed: Signed) -> None:
    page = signed(samir).post(f"{CALLS}nouveau/", TYPED, follow=True)
    call = TutorCall.objects.get()
    assert page.redirect_chain == [(f"{CALLS}{call.pk}/", 302)]
    assert (call.state, call.token_hash, call.target_load, call.rate) == (CallState.DRAFT, "", 2, Decimal(500))
    assert call.deadline_on == date(2024, 2, 5) and "lundi 5 février 2024" in text(page)
    assert call.extensions == ["2026-08-31", "2027-08-31"] and call.copies == ["diepat@exemple.invalid"]
    assert "prolongeable jusqu’au 31 août 2026, puis au 31 août 2027" in text(page)
    signed(samir).post(f"{CALLS}{call.pk}/modifier/", TYPED | {"deadline_on": "2024-02-09", "waves": []})
    call.refresh_from_db()
    assert (call.deadline_on, call.waves) == (date(2024, 2, 9), [])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"deadline_on": "2024-01-21"}, "lundi 5 février 2024"),
        ({"mission_ends_on": "2024-02-05"}, "La mission finit après la date limite"),
        ({"extensions": "31/08/2025"}, "Une prolongation va au-delà"),
        ({"extensions": "demain"}, "« demain » n’est pas une date"),
        ({"extensions": "31/08/9999"}, "Écrivez une date entre 1950 et 2100"),
        ({"copies": "a@b.fr\nbcc: x"}, "« bcc: x » n’est pas une adresse"),
        ({"functions": ["roi"]}, "roi"),
        ({"waves": ["V99"]}, "V99"),
        ({"rate": "-1"}, "supérieure ou égale à 0"),
        ({"body": "a" * 10001}, "10000"),
        ({"reference": "a\0b"}, "nul"),
    ],
)
def test_a_wrong_rule_is_told_and_nothing_is_kept(
    wrong: dict[str, Any], said: str, samir: User, signed: Signed
) -> None:
    page = signed(samir).post(f"{CALLS}nouveau/", TYPED | wrong)
    assert page.status_code == 400 and said in text(page)
    assert not TutorCall.objects.exists()


def test_line_breaks_in_a_reference_become_spaces(samir: User, signed: Signed) -> None:
    signed(samir).post(f"{CALLS}nouveau/", TYPED | {"reference": "SA/1\r\nBcc: x", "title": "Appel 🌊\r\n2"})
    call = TutorCall.objects.get()
    assert (call.reference, call.title) == ("SA/1 Bcc: x", "Appel 🌊 2")


def test_a_reference_is_of_one_call(grenoble: Academy, samir: User, signed: Signed) -> None:
    make_call(grenoble, reference=TYPED["reference"])
    page = signed(samir).post(f"{CALLS}nouveau/", TYPED)
    assert page.status_code == 400 and "déjà celle d’un autre appel" in text(page)


def test_a_published_call_does_not_change(grenoble: Academy, samir: User, signed: Signed) -> None:
    call = make_call(grenoble)
    page = signed(samir).post(f"{CALLS}{call.pk}/modifier/", TYPED, follow=True)
    assert "ne changent plus" in text(page)
    with pytest.raises(TutoringRefused, match="ne changent plus"):
        calls.save(call, by=samir)


# --- its link


def test_publishing_shows_the_link_once_and_keeps_its_hash(grenoble: Academy, samir: User, signed: Signed) -> None:
    call, browser = make_call(grenoble, state=CallState.DRAFT), signed(samir)
    page = browser.post(f"{CALLS}{call.pk}/publier/")
    token = LINK.search(text(page))
    call.refresh_from_db()
    assert token and call.state == CallState.PUBLISHED
    assert call.token_hash == hash_token(token[1]) != token[1]
    assert calls.find(token[1]) == call
    assert token[1] not in text(browser.get(f"{CALLS}{call.pk}/"))
    assert not any(token[1] in str(entry.details) + entry.target for entry in AuditEntry.objects.all())
    assert "déjà « publié »" in text(browser.post(f"{CALLS}{call.pk}/publier/", follow=True))


def test_another_link_kills_the_former_and_f5_makes_no_third(grenoble: Academy, samir: User, signed: Signed) -> None:
    call, browser = make_call(grenoble), signed(samir)
    asked = {"seen": calls.link_mark(call)}
    token = LINK.search(text(browser.post(f"{CALLS}{call.pk}/lien/", asked)))
    assert token and calls.find(token[1]) == call
    assert Client().get("/c/token-of-the-call/").status_code == 404
    assert "vient d’être renouvelé" in text(browser.post(f"{CALLS}{call.pk}/lien/", asked, follow=True))
    assert calls.find(token[1]) == call
    calls.close(call, by=samir)
    with pytest.raises(TutoringRefused, match="n’est pas publié"):
        calls.renew_link(call, seen="", by=samir)


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"functions": []}, "au moins une fonction"), ({"spheres": []}, "au moins une fonction")],
)
def test_a_call_without_a_rule_is_not_published(fields: Any, said: str, grenoble: Academy, samir: User) -> None:
    call = make_call(grenoble, state=CallState.DRAFT, **fields)
    with pytest.raises(TutoringRefused, match=said):
        calls.publish(call, by=samir)


def test_a_call_longer_than_its_page_is_not_published(grenoble: Academy, samir: User, signed: Signed) -> None:
    call = make_call(grenoble, state=CallState.DRAFT, body="Un long paragraphe de cet appel. " * 290)
    page = signed(samir).post(f"{CALLS}{call.pk}/publier/", follow=True)
    assert "ne tient pas sur une page" in text(page)
    assert "ne tient pas sur une page" in text(signed(samir).get(f"{CALLS}{call.pk}/lettre/", follow=True))
    assert TutorCall.objects.get().state == CallState.DRAFT


def test_a_call_is_closed_once(grenoble: Academy, samir: User, signed: Signed) -> None:
    call = make_call(grenoble)
    assert "L’appel est clos" in text(signed(samir).post(f"{CALLS}{call.pk}/clore/", follow=True))
    assert "ne peut pas être clos" in text(signed(samir).post(f"{CALLS}{call.pk}/clore/", follow=True))


# --- its mission, its bonus


def test_the_mission_is_extended_step_by_step_with_who_and_why(grenoble: Academy, samir: User, signed: Signed) -> None:
    call, browser = make_call(grenoble), signed(samir)
    url = f"{CALLS}{call.pk}/prolonger/"
    assert browser.post(url, {"until": "2030-08-31", "reason": "Besoin"}).status_code == 400
    assert browser.post(url, {"until": "2026-08-31", "reason": ""}).status_code == 400
    browser.post(url, {"until": "2026-08-31", "reason": "Étalement de juin 2024"})
    call.refresh_from_db()
    assert (call.mission_ends_on, call.possible_extensions) == (date(2026, 8, 31), [date(2027, 8, 31)])
    entry = AuditEntry.objects.filter(target__startswith="prolongation").get()
    assert entry.actor == samir and entry.details["reason"] == "Étalement de juin 2024"
    assert (entry.details["from"], entry.details["to"]) == ("2025-08-31", "2026-08-31")
    with pytest.raises(TutoringRefused, match="ne prévoit pas"):
        calls.extend_mission(call, date(2026, 8, 31), reason="Encore", by=samir)


def test_the_bonus_is_seen_and_set_by_hr_alone(
    grenoble: Academy, hugo: User, nadia: User, emma: User, signed: Signed
) -> None:
    call = make_call(grenoble, bonus_coefficient=Decimal("3.25"))
    url = f"{CALLS}{call.pk}/"
    assert "coefficient 3,25" in text(signed(hugo).get(url))
    for person in (nadia, emma):
        page = text(signed(person).get(url))
        assert "3,25" not in page and "CIA" not in page
        assert signed(person).post(f"{url}coefficient/", {"coefficient": "9"}).status_code == 403
    assert signed(hugo).post(f"{url}coefficient/", {"coefficient": "-1"}).status_code == 400
    signed(hugo).post(f"{url}coefficient/", {"coefficient": "4,75"})
    call.refresh_from_db()
    assert call.bonus_coefficient == Decimal("4.75")
    entry = AuditEntry.objects.get(act="tutoring.edit_bonus")
    assert entry.actor == hugo and "4.75" not in f"{entry.target} {entry.details} {entry.search_text}"
    assert all("4,75" not in value and "CIA" not in value for _, value in letter(call).rules)


# --- who


@pytest.mark.parametrize("page", ["", "nouveau/", "{pk}/", "{pk}/modifier/", "{pk}/lettre/"])
def test_each_role_opens_its_pages(
    page: str,
    grenoble: Academy,
    nadia: User,
    samir: User,
    emma: User,
    hugo: User,
    lise: User,
    tom: User,
    victor: User,
    client: Client,
    signed: Signed,
) -> None:
    url = CALLS + page.format(pk=make_call(grenoble, state=CallState.DRAFT).pk)
    is_edit = "nouveau" in page or "modifier" in page
    assert [signed(person).get(url).status_code for person in (nadia, samir)] == [200, 200]
    assert [signed(person).get(url).status_code for person in (emma, hugo)] == [403 if is_edit else 200] * 2
    assert [signed(person).get(url).status_code for person in (lise, tom)] == [403, 403]
    assert signed(victor).get(url).status_code == 404
    assert client.get(url).status_code == 302


def test_a_call_of_another_academy_is_unknown(lyon: Academy, nadia: User, signed: Signed) -> None:
    call, browser = make_call(lyon), signed(nadia)
    for page in ("", "lettre/", "modifier/"):
        assert browser.get(f"{CALLS}{call.pk}/{page}").status_code == 404
    for act in ("publier", "lien", "clore", "prolonger"):
        assert browser.post(f"{CALLS}{call.pk}/{act}/").status_code == 404


def test_hr_comes_to_the_calls_by_the_menu_and_sees_no_candidate(grenoble: Academy, hugo: User, signed: Signed) -> None:
    call = make_call(grenoble)
    application = make_application(grenoble, call=call, motivation="Secret de motivation")
    browser = signed(hugo)
    home = browser.get("/", follow=True)
    assert f'href="{CALLS}"' in text(home)
    for url in (CALLS, f"{CALLS}{call.pk}/"):
        page = text(browser.get(url))
        assert "tutoré" in page or url == CALLS
        assert "candidatures/" not in page and application.name not in page and "1 candidature" not in page
    for url in ("", f"{application.pk}/", f"{application.pk}/fichier/"):
        assert browser.get(f"/grenoble/tutorat/candidatures/{url}").status_code == 403


def test_the_rate_says_how_it_is_read(grenoble: Academy, hugo: User, samir: User, signed: Signed) -> None:
    call = make_call(grenoble)
    for person, url in ((hugo, f"{CALLS}{call.pk}/"), (samir, f"{CALLS}nouveau/")):
        assert "«&nbsp;500 € par établissement tuteur&nbsp;», ce qui est ambigu" in text(signed(person).get(url))


def test_constant_queries(grenoble: Academy, samir: User, signed: Signed) -> None:
    browser = signed(samir)
    first = make_call(grenoble)
    assert queries(browser, CALLS) == 6
    for number in range(2):
        call = make_call(grenoble, reference=f"SA/{number}", token=f"t{number}")
        make_application(grenoble, f"Ana {number}", call=call)
    assert queries(browser, CALLS) == 6
    assert queries(browser, f"{CALLS}{first.pk}/") == 5
    for number in range(3):
        make_application(grenoble, f"Bob {number}", call=first)
    assert queries(browser, f"{CALLS}{first.pk}/") == 5


# --- its letter


def test_the_letter_tells_every_rule_on_one_page(v7: Wave, emma: User, signed: Signed) -> None:
    v7.academy.service_name = "Service académique des EPLE"
    v7.academy.save()
    call = make_call(v7.academy, routing="s/c de la voie hiérarchique", signatory="Pour le recteur\nLa secrétaire")
    response = signed(emma).get(f"{CALLS}{call.pk}/lettre/")
    assert response["Content-Type"] == "application/pdf" and response["X-Content-Type-Options"] == "nosniff"
    assert response.content == drawn(call)
    (page,) = texts(response.content)
    for words in (
        *("Académie de Grenoble", "Service académique des EPLE", "SA/2024-1", "Le 30 septembre 2024"),
        *("s/c de la voie hiérarchique", "Premier paragraphe.", "Secrétaire général et fondé de pouvoir"),
        *("V1, V2, V3 et V4", "500 € par établissement tutoré", "jusqu’au lundi 14 octobre 2024"),
        "31 août 2025, extension possible jusqu’au 31 août 2026, puis jusqu’au 31 août 2027",
        *("tuteurs@exemple.invalid", "La secrétaire", "Copie : diepat@exemple.invalid"),
    ):
        assert words in page.replace("\u202f", " "), words
    assert AuditEntry.objects.filter(kind="exported", target__startswith="lettre").count() == 1
