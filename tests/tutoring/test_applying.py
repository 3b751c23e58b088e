"""The candidate's side: a link, a form, an acknowledgement; nothing else is shown, nothing counts twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AttemptCount, AuditEntry, OutgoingEmail, User
from deployment.models import Academy, Establishment, Wave
from surveys.models.invitations import hash_token
from tests.factories import make_establishment, place
from tests.tutoring.conftest import make_application
from tests.tutoring.factories import TOKEN, make_call
from tutoring.choices.candidates import ApplicationOrigin, CallState
from tutoring.models import Application, TutorCall
from tutoring.services import calls

Signed = Callable[[User], Client]
APPLICATIONS = "/grenoble/tutorat/candidatures/"
PDF = b"%PDF-1.7 une motivation"
GIVEN_BACK = re.compile(r'<textarea hidden name="(\w+)">\n(.*?)</textarea>', re.DOTALL)


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def place_of_v7(v7: Wave) -> Establishment:
    establishment = make_establishment(v7.academy, name="Collège Stendhal")
    place(establishment, "V7")
    return establishment


@pytest.fixture
def call(place_of_v7: Establishment) -> TutorCall:
    return make_call(place_of_v7.academy, waves=["V6", "V7"])


@pytest.fixture
def stranger(call: TutorCall) -> Client:
    """A browser that has opened the link."""
    browser = Client()
    assert browser.get(f"/c/{TOKEN}/")["Location"] == form_of(call)
    return browser


def form_of(call: TutorCall) -> str:
    return f"/candidature/{call.pk}/"


def typed(establishment: Establishment, **fields: Any) -> dict[str, Any]:
    return {
        "submission": str(uuid4()),
        "name": "Ana Volontaire",
        "email": "Ana.Volontaire@exemple.invalid",
        "function": "secretary_general",
        "establishment": establishment.uai,
        "spheres": ["ordering"],
        "capacity": "2",
        "area": "Grésivaudan",
        "is_remote": "on",
        "available_from": "2024-11-04",
        "motivation": "Accompagner mes collègues.",
    } | fields


# --- the link


def test_the_link_leaves_the_address_bar_and_a_look_writes_nothing(call: TutorCall) -> None:
    browser = Client()
    head = browser.head(f"/c/{TOKEN}/")
    assert head.status_code == 303 and not head.cookies
    entered = browser.get(f"/c/{TOKEN}/")
    cookie = entered.cookies[f"call-{call.pk}"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/candidature/")
    assert TOKEN not in cookie.value and entered["Referrer-Policy"] == "no-referrer"
    with CaptureQueriesContext(connection) as told:
        page = browser.get(form_of(call))
        browser.head(form_of(call))
    assert page.status_code == 200 and "no-store" in page["Cache-Control"]
    assert not [query["sql"] for query in told if not query["sql"].startswith("SELECT")]


def test_without_the_link_in_force_nothing_opens(call: TutorCall, samir: User, stranger: Client) -> None:
    assert Client().get(form_of(call)).status_code == 404
    assert Client().get("/c/inconnu/").status_code == 404
    forged = Client()
    forged.cookies[f"call-{call.pk}"] = call.token_hash
    assert forged.get(form_of(call)).status_code == 404
    calls.renew_link(call, seen=calls.link_mark(call), by=samir)
    assert Client().get(f"/c/{TOKEN}/").status_code == 404
    for url in (form_of(call), f"{form_of(call)}recue/"):
        assert stranger.get(url).status_code == 404
    assert stranger.post(form_of(call)).status_code == 404


def test_only_so_many_wrong_links(call: TutorCall) -> None:
    found = [Client().get(f"/c/essai-{number}/").status_code for number in range(21)]
    assert found == [404] * 20 + [429]


def test_a_link_opens_its_own_call_only(stranger: Client, lyon: Academy) -> None:
    other = make_call(lyon, token="other")
    assert stranger.get(form_of(other)).status_code == 404


def test_a_stranger_sees_the_form_and_no_person(stranger: Client, call: TutorCall, seats: Any) -> None:
    make_application(call.academy, "Personne Connue", call=call, establishment=seats["full"])
    page = stranger.get(form_of(call))
    assert "Personne Connue" not in text(page) and "AC Crest" not in text(page)
    inside = [link for link in re.findall(r'href="(/[^"]*)"', text(page)) if link.startswith("/grenoble")]
    assert inside == []
    assert "/donnees-personnelles/" in text(page) and "CIA" not in text(page)
    assert stranger.get(APPLICATIONS).status_code == 302


def test_the_form_costs_the_same_whatever_was_received(stranger: Client, call: TutorCall) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as told:
            stranger.get(form_of(call))
        return len(told)

    first = asked()
    for number in range(3):
        make_application(call.academy, f"Ana {number}", call=call)
    assert first == asked() == 3


# --- the application


def test_a_stranger_applies_and_is_acknowledged_at_once(
    stranger: Client, call: TutorCall, place_of_v7: Establishment
) -> None:
    sent = stranger.post(form_of(call), typed(place_of_v7))
    assert (sent.status_code, sent["Location"]) == (303, f"{form_of(call)}recue/")
    receipt = stranger.get(sent["Location"])
    assert "Candidature envoyée" in text(receipt) and "Ana" not in text(receipt)
    row = Application.objects.get()
    assert (row.call, row.origin, row.email) == (call, ApplicationOrigin.CALL, "ana.volontaire@exemple.invalid")
    assert (row.establishment, row.spheres, row.capacity) == (place_of_v7, ["ordering"], 2)
    assert (row.available_from, row.is_remote, row.area) == (date(2024, 11, 4), True, "Grésivaudan")
    assert row.received_on == date(2024, 10, 8) and not row.is_late
    mail = OutgoingEmail.objects.get()
    assert (mail.state, mail.to, mail.cc) == ("queued", row.email, "diepat@exemple.invalid")
    assert mail.reply_to == "tuteurs@exemple.invalid"
    assert "Accompagner mes collègues" not in mail.text, "human resources do not read motivations"
    assert AuditEntry.objects.filter(act="tutoring.apply_by_link").count() == 1


def test_a_double_click_and_f5_count_once(stranger: Client, call: TutorCall, place_of_v7: Establishment) -> None:
    same = typed(place_of_v7)
    for _ in range(3):
        assert stranger.post(form_of(call), same).status_code == 303
    assert (Application.objects.count(), OutgoingEmail.objects.count()) == (1, 1)
    stranger.post(form_of(call), typed(place_of_v7, submission="pas un uuid"))
    assert Application.objects.count() == 2


def test_the_same_person_twice_is_told_to_the_staff_only(
    stranger: Client, call: TutorCall, place_of_v7: Establishment, samir: User, signed: Signed
) -> None:
    stranger.post(form_of(call), typed(place_of_v7))
    again = stranger.post(form_of(call), typed(place_of_v7, capacity="3"), follow=True)
    assert "Candidature envoyée" in text(again)
    assert "De la même adresse" in text(signed(samir).get(Application.objects.latest("pk").get_absolute_url()))


def test_after_the_deadline_it_is_taken_and_flagged(
    stranger: Client, call: TutorCall, place_of_v7: Establishment, samir: User, signed: Signed
) -> None:
    TutorCall.objects.update(deadline_on=date(2024, 10, 7))
    assert "marquée hors délai" in text(stranger.get(form_of(call)))
    stranger.post(form_of(call), typed(place_of_v7))
    make_application(call.academy, "Sans Appel")
    row = Application.objects.get(call=call)
    assert row.is_late and "hors délai" in OutgoingEmail.objects.get().text
    browser = signed(samir)
    assert "Hors délai" in text(browser.get(row.get_absolute_url()))
    for query, names in (
        (f"call={call.pk}", {"Ana Volontaire"}),
        ("call=aucun", {"Sans Appel"}),
        ("late=hors", {"Ana Volontaire"}),
        ("late=dans", {"Sans Appel"}),
    ):
        shown = text(browser.get(f"{APPLICATIONS}?{query}"))
        assert {name for name in ("Ana Volontaire", "Sans Appel") if name in shown} == names


def test_on_the_last_day_it_is_not_late(stranger: Client, call: TutorCall, place_of_v7: Establishment) -> None:
    TutorCall.objects.update(deadline_on=date(2024, 10, 8))
    stranger.post(form_of(call), typed(place_of_v7))
    assert not Application.objects.select_related("call").get().is_late


def test_a_closed_call_says_so(stranger: Client, call: TutorCall, place_of_v7: Establishment, samir: User) -> None:
    calls.close(call, by=samir)
    for response in (stranger.get(form_of(call)), stranger.post(form_of(call), typed(place_of_v7))):
        assert response.status_code == 410 and "Cet appel est clos" in text(response)
    assert Client().get(f"/c/{TOKEN}/", follow=True).status_code == 410
    assert not Application.objects.exists()


def test_what_the_call_did_not_ask_is_taken_and_explained(
    stranger: Client, call: TutorCall, samir: User, signed: Signed
) -> None:
    elsewhere = make_establishment(call.academy, name="Lycée Champollion")
    place(elsewhere, "V8")
    stranger.post(form_of(call), typed(elsewhere, function="head", name="Bo Chef"))
    nowhere = make_establishment(call.academy, name="Collège Neuf")
    stranger.post(form_of(call), typed(nowhere, name="Cy Neuf"))
    browser = signed(samir)
    first, second = (text(browser.get(row.get_absolute_url())) for row in Application.objects.order_by("pk"))
    assert "La fonction (chef d’établissement) n’est pas dans l’appel" in first
    assert "L’établissement est en V8 ; l’appel s’adresse à : V6 et V7." in first
    assert "L’établissement n’est dans aucune vague" in second and "La fonction (" not in second


def test_who_fits_is_said_to_fit(
    stranger: Client, call: TutorCall, place_of_v7: Establishment, samir: User, signed: Signed
) -> None:
    stranger.post(form_of(call), typed(place_of_v7))
    assert "sont celles de l’appel" in text(signed(samir).get(Application.objects.get().get_absolute_url()))


def test_the_sphere_that_is_not_sought_is_not_offered(stranger: Client, call: TutorCall) -> None:
    TutorCall.objects.update(spheres=["accounting"])
    page = text(stranger.get(form_of(call)))
    assert 'value="accounting"' in page and 'value="ordering"' not in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "Ana 🌊"}, "en lettres"),
        ({"name": "Gagnez 500 https://a.test"}, "en lettres"),
        ({"name": "gagner.test"}, "en lettres"),
        ({"name": "a" * 200}, "120"),
        ({"email": "ana@"}, "adresse"),
        ({"email": "ana@exemple.invalid\r\nBcc: x@y.fr"}, "adresse"),
        ({"function": "roi"}, "roi"),
        ({"establishment": "0000000X"}, "0000000X"),
        ({"spheres": []}, "obligatoire"),
        ({"capacity": "0"}, "supérieure ou égale à 1"),
        ({"capacity": "9" * 5000}, "Saisissez"),
        ({"available_from": "hier"}, "Écrivez une date qui existe"),
        ({"motivation": ""}, "Écrivez quelques lignes"),
        ({"motivation": "a" * 10001}, "10000"),
        ({"area": "a\0b"}, "nul"),
        ({"area": "Gagnez 500 sur https://a.test"}, "Écrivez un lieu"),
        ({"area": "www.exemple.test"}, "Écrivez un lieu"),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_stays(
    wrong: dict[str, Any], said: str, stranger: Client, call: TutorCall, place_of_v7: Establishment
) -> None:
    page = stranger.post(form_of(call), typed(place_of_v7) | wrong)
    assert page.status_code == 400 and said in text(page)
    assert "Grésivaudan" in text(page) or "area" in wrong
    assert not Application.objects.exists() and not OutgoingEmail.objects.exists()


def test_line_breaks_in_a_name_become_spaces(stranger: Client, call: TutorCall, place_of_v7: Establishment) -> None:
    stranger.post(form_of(call), typed(place_of_v7, name="Ana\r\nde l’Étoile-Œuvrard J.-P.", motivation="🌊" * 5000))
    row = Application.objects.get()
    assert row.name == "Ana de l’Étoile-Œuvrard J.-P." and len(row.motivation) == 5000
    assert "\n" not in OutgoingEmail.objects.get().subject


def test_only_so_many_applications_from_one_place(
    stranger: Client, call: TutorCall, place_of_v7: Establishment
) -> None:
    stranger.post(form_of(call), typed(place_of_v7))
    AttemptCount.objects.filter(key__startswith="application-address").update(count=40)
    response = stranger.post(form_of(call), typed(place_of_v7))
    assert response.status_code == 429 and "Trop d’essais" in text(response)
    assert Application.objects.count() == 1


def test_what_was_typed_is_given_back_to_who_applies_too_often(
    stranger: Client, call: TutorCall, place_of_v7: Establishment
) -> None:
    stranger.post(form_of(call), {})
    AttemptCount.objects.filter(key__startswith="application-address").update(count=40)
    sent = typed(place_of_v7, motivation="\nUn <b>mot</b>\n🌊", spheres=["ordering", "accounting"])
    page = text(stranger.post(form_of(call), sent | {"file": upload()}))
    assert "Envoyer de nouveau" in page and "Un fichier joint est à choisir de nouveau" in page
    AttemptCount.objects.all().delete()
    again = [(name, unescape(value)) for name, value in GIVEN_BACK.findall(page)]
    fields = {name: [value for other, value in again if other == name] for name, _ in again}
    assert stranger.post(form_of(call), fields).status_code == 303
    row = Application.objects.get()
    assert (row.motivation, row.spheres) == ("Un <b>mot</b>\n🌊", ["ordering", "accounting"])


# --- its file


def upload(name: str = "motivation.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def stored(settings: Any) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_a_file_stands_for_the_text_and_is_given_back_traced(
    stranger: Client,
    call: TutorCall,
    place_of_v7: Establishment,
    settings: Any,
    samir: User,
    hugo: User,
    victor: User,
    signed: Signed,
) -> None:
    hostile = "..\\..\\a\x00b\u202egpj.exe"
    stranger.post(form_of(call), typed(place_of_v7, motivation="", file=upload(hostile)))
    row = Application.objects.get()
    assert row.file_name.endswith(".pdf") and not {"\\", "/", "\0", "\u202e"} & set(row.file_name)
    assert re.fullmatch(r"applications/[0-9a-f-]{36}", row.stored_as)
    url = f"{row.get_absolute_url()}fichier/"
    assert row.file_name in text(signed(samir).get(row.get_absolute_url()))
    given = signed(samir).get(url)
    assert given.content == PDF and given["Content-Disposition"].startswith("attachment")
    assert (given["X-Content-Type-Options"], given["Content-Type"]) == ("nosniff", "application/octet-stream")
    assert AuditEntry.objects.get(kind="exported").actor == samir
    assert (signed(hugo).get(url).status_code, signed(victor).get(url).status_code) == (403, 404)
    for path in stored(settings):
        path.unlink()
    assert signed(samir).get(url).status_code == 404


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (("virus.pdf", b"MZ\x90\x00"), "pas d’un format accepté"),
        (("page.html", b"<script>alert(1)</script>"), "pas d’un format accepté"),
        (("vide.pdf", b""), "est vide"),
        (("lourd.pdf", PDF + b"0" * 20 * 1024 * 1024), "pèse 21 Mo : la limite est de 5 Mo"),
    ],
)
def test_a_file_is_judged_by_its_content(
    file: tuple[str, bytes],
    said: str,
    stranger: Client,
    call: TutorCall,
    place_of_v7: Establishment,
    settings: Any,
) -> None:
    page = stranger.post(form_of(call), typed(place_of_v7, file=upload(*file)))
    assert page.status_code == 400 and said in text(page)
    assert not Application.objects.exists() and stored(settings) == []


def test_a_file_is_chosen_again_after_a_mistake(
    stranger: Client, call: TutorCall, place_of_v7: Establishment, settings: Any
) -> None:
    page = stranger.post(form_of(call), typed(place_of_v7, name="", file=upload()))
    assert "Le fichier est à choisir de nouveau" in text(page) and stored(settings) == []


def test_nothing_is_left_of_a_file_when_the_rest_fails(
    stranger: Client, call: TutorCall, place_of_v7: Establishment, settings: Any
) -> None:
    with connection.execute_wrapper(failing_on("accounts_outgoingemail")), pytest.raises(RuntimeError):
        stranger.post(form_of(call), typed(place_of_v7, file=upload()))
    assert stored(settings) == [] and not Application.objects.exists()


def failing_on(table: str) -> Callable[..., Any]:
    """The database refuses to write in that table."""

    def run(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("INSERT") and table in sql:
            raise RuntimeError("disk full")
        return execute(sql, params, many, context)

    return run


# --- typed in by the staff


def test_staff_types_in_what_came_by_mail(
    call: TutorCall, place_of_v7: Establishment, samir: User, signed: Signed
) -> None:
    TutorCall.objects.update(deadline_on=date(2024, 10, 3))
    make_call(call.academy, reference="SA/brouillon", state=CallState.DRAFT)
    browser = signed(samir)
    assert "SA/brouillon" not in text(browser.get(f"{APPLICATIONS}saisir/"))
    asked = typed(place_of_v7, call=str(call.pk), received_on="2024-10-04")
    assert browser.post(f"{APPLICATIONS}saisir/", asked | {"received_on": "2024-10-09"}).status_code == 400
    browser.post(f"{APPLICATIONS}saisir/", asked)
    row = Application.objects.get()
    assert row.is_late and row.received_on == date(2024, 10, 4)
    mail = OutgoingEmail.objects.get()
    assert (mail.to, mail.cc) == (row.email, "diepat@exemple.invalid") and "que vous lui avez adressée" in mail.text
    browser.post(f"{APPLICATIONS}saisir/", typed(place_of_v7, name="Sans Adresse", email="", call=str(call.pk)))
    browser.post(f"{APPLICATIONS}saisir/", typed(place_of_v7, name="Sans Appel", call=""))
    assert (Application.objects.count(), OutgoingEmail.objects.count()) == (3, 1)


def test_the_hash_alone_is_kept(call: TutorCall) -> None:
    assert call.token_hash == hash_token(TOKEN) and len(call.token_hash) == 64


def test_a_page_found_again_by_back_says_that_its_changes_are_not_kept(
    stranger: Client, call: TutorCall, place_of_v7: Establishment
) -> None:
    """The first application stays, and nobody is told that another one was taken."""
    first = typed(place_of_v7)
    assert stranger.post(form_of(call), first).status_code == 303
    page = stranger.post(form_of(call), first | {"motivation": "Une tout autre motivation"})
    assert page.status_code == 409
    assert "elle est gardée telle quelle" in text(page) and "Une tout autre motivation" in text(page)
    assert call.reply_to in text(page)
    kept = Application.objects.get()
    assert kept.motivation != "Une tout autre motivation" and OutgoingEmail.objects.count() == 1
    assert stranger.post(form_of(call), first).status_code == 303
