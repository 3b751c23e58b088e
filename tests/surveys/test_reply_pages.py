"""The establishment's side through HTTP: the link, the list, the form, its versions, its colleagues."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Q
from django.test import Client

from accounts.choices import MailState
from accounts.models import OutgoingEmail
from deployment.choices import Function
from deployment.models import Academy, Establishment
from surveys.choices import CampaignState, Purpose, QuestionKind
from surveys.clock import current
from surveys.models import Answer, AnswerFile, AnswerVersion, Campaign, Invitation, Link, Question
from surveys.models.invitations import hash_token
from surveys.services import answers, receipts
from surveys.services.answers import Submission
from surveys.views.reply_form import began
from tests.factories import appoint, gather, make_wave, place
from tests.surveys.factories import make_campaign, make_staffed, tokens

pytestmark = pytest.mark.django_db

NONE = {"has_people": "no", "comment": "Tous formés"}
WHO = {"respondent_name": "Dominique Chef", "respondent_function": "Proviseur"}


def enter(token: str) -> Client:
    """A browser that has opened the link."""
    browser = Client()
    assert browser.get(f"/r/{token}/").status_code == 303
    return browser


def invitation_of(campaign: Campaign, function: Function = Function.HEAD, uai: str = "") -> Invitation:
    rows = Invitation.objects.filter(entry__campaign=campaign, function=function).order_by("pk")
    found = (rows.filter(entry__establishment__uai=uai) if uai else rows).first()
    assert found
    return found


def hidden(page: Any) -> dict[str, str]:
    """What the page wrote for itself."""
    text = page.content.decode()
    names = ("submission", "seen", "revision", "began", "replaced")
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', text) for name in names}
    return {name: match[1] for name, match in found.items() if match}


def send(browser: Client, path: str, act: str = "submit", **typed: Any) -> Any:
    """Open the form, type, press."""
    return browser.post(path, {**hidden(browser.get(path)), **NONE, **WHO, "act": act} | typed)


@pytest.fixture
def head(campaign: Campaign, staffed: Establishment) -> tuple[Client, str]:
    """The browser of the head, and the address of the form."""
    browser = enter(tokens(campaign)[staffed.uai, Function.HEAD])
    return browser, f"/reponse/{invitation_of(campaign).pk}/"


@pytest.fixture
def campaign(grenoble: Academy, staffed: Establishment) -> Campaign:
    """Training needs, sent to the head and the secretary general of one collège."""
    return make_campaign(grenoble, establishments=[staffed], asked=["head", "secretary_general"])


def close(campaign: Campaign, ago: timedelta = timedelta(hours=1)) -> None:
    now = current(campaign.academy)
    Campaign.objects.filter(pk=campaign.pk).update(opens_at=now - timedelta(days=9), closes_at=now - ago)


# --- the link


def test_a_link_becomes_a_cookie_and_leads_to_the_form(campaign: Campaign, staffed: Establishment) -> None:
    token = tokens(campaign)[staffed.uai, Function.HEAD]
    response = Client().get(f"/r/{token}/")
    link = Link.objects.get(token_hash=hash_token(token))
    assert (response.status_code, response["Location"]) == (303, f"/reponse/{invitation_of(campaign).pk}/")
    cookie = response.cookies[f"link-{link.pk}"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/reponse/")
    assert token not in cookie.value


def test_a_head_keeps_nothing(campaign: Campaign, staffed: Establishment) -> None:
    response = Client().head(f"/r/{tokens(campaign)[staffed.uai, Function.HEAD]}/")
    assert response.status_code == 303 and not response.cookies


def test_a_forged_cookie_opens_nothing(campaign: Campaign, staffed: Establishment) -> None:
    link = Link.objects.earliest("pk")
    browser = Client()
    browser.cookies[f"link-{link.pk}"] = str(link.pk)
    assert browser.get("/reponse/").status_code == 404
    other = Link.objects.exclude(recipient__function=Function.HEAD).earliest("pk")
    holder = enter(tokens(campaign)[staffed.uai, Function.HEAD])
    browser.cookies[f"link-{other.pk}"] = next(iter(holder.cookies.values())).value
    assert browser.get("/reponse/").status_code == 404


def test_at_most_twelve_links_are_held(grenoble: Academy) -> None:
    places = [make_staffed(grenoble) for _ in range(14)]
    campaign = make_campaign(grenoble, establishments=places)
    found = tokens(campaign)
    browser = Client()
    for row in places:
        browser.get(f"/r/{found[row.uai, Function.HEAD]}/")
    page = browser.get("/reponse/").content.decode()
    assert page.count("app-answer__line") == 12 and places[0].name not in page and places[-1].name in page


def bad_tokens(campaign: Campaign, staffed: Establishment) -> list[str]:
    found = tokens(campaign)
    revoked, expired = found[staffed.uai, Function.HEAD], found[staffed.uai, Function.SECRETARY_GENERAL]
    Link.objects.filter(token_hash=hash_token(revoked)).update(revoked_at=current(campaign.academy))
    past = current(campaign.academy) - timedelta(seconds=1)
    Link.objects.filter(token_hash=hash_token(expired)).update(expires_at=past)
    return [revoked, expired, "x" * 43, "x", "%00", "..", "'%20or%201=1--", "é" * 2000]


def test_every_bad_link_gets_the_same_page(campaign: Campaign, staffed: Establishment) -> None:
    pages = [Client().get(f"/r/{token}/") for token in bad_tokens(campaign, staffed)]
    assert {page.status_code for page in pages} == {404}
    masked = {re.sub(r'"x-csrftoken": "\w{64}"', "", page.content.decode()) for page in pages}
    assert len(masked) == 1 and len({len(page.content) for page in pages}) == 1
    assert not any(name.startswith("link-") for page in pages for name in page.cookies)


def test_bad_links_are_counted_by_address(campaign: Campaign, staffed: Establishment) -> None:
    good = tokens(campaign)[staffed.uai, Function.HEAD]
    codes = [Client().get("/r/wrong/", HTTP_X_FORWARDED_FOR=f"10.0.0.{n}").status_code for n in range(22)]
    assert codes == [404] * 20 + [429] * 2
    assert Client().get("/r/wrong/", REMOTE_ADDR="10.1.1.1").status_code == 404
    assert Client().get(f"/r/{good}/").status_code == 303  # a school is not shut out by its neighbour


def test_a_link_lives_by_the_clock_of_its_campaign(grenoble: Academy) -> None:
    grenoble.observed_on = date(2024, 10, 3)
    grenoble.save()
    staffed = make_staffed(grenoble)
    campaign = make_campaign(grenoble, establishments=[staffed])
    assert Client().get(f"/r/{tokens(campaign)[staffed.uai, Function.HEAD]}/").status_code == 303


def test_every_page_is_private(head: tuple[Client, str]) -> None:
    browser, path = head
    pages = ["/reponse/", path, f"{path}confier/", f"{path}pas-moi/", f"{path}accuse/", "/r/x/", "/reponse/999999/"]
    for page in pages:
        response = browser.get(page)
        assert response["Cache-Control"] == "no-store, private", page
        # `no-referrer` would take away the `Origin` of the forms, which Django reads: a browser test says so.
        assert response["Referrer-Policy"] == ("no-referrer" if page == "/r/x/" else "same-origin"), page


def test_a_token_is_never_logged_nor_published(
    campaign: Campaign, staffed: Establishment, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level("DEBUG")
    token = tokens(campaign)[staffed.uai, Function.HEAD]
    enter(token)
    assert Client().post(f"/r/{token}/").status_code == 405
    assert Client(enforce_csrf_checks=True).post(f"/r/{token}/").status_code == 403
    Link.objects.update(revoked_at=current(campaign.academy))
    Client().get(f"/r/{token}/")
    monkeypatch.setattr("surveys.views.replies.links.find", lambda token: 1 / 0)  # a fault of the server
    assert Client().get(f"/r/{token}/").status_code == 500
    assert "could not be opened" in caplog.text and "/r/…/" in caplog.text
    assert token not in caplog.text


# --- the list


def test_the_list_shows_all_that_is_asked_of_a_function(grenoble: Academy, staffed: Establishment) -> None:
    make_wave(grenoble, "V9")
    first = make_campaign(grenoble, establishments=[staffed])
    second = make_campaign(grenoble, establishments=[staffed], purpose=Purpose.WAVE_WISH)
    page = enter(tokens(first)[staffed.uai, Function.HEAD]).get("/reponse/").content.decode()
    assert first.title in page and second.title in page
    assert "2 réponses sont attendues de vous" in page
    assert "Agent comptable : n’a pas encore répondu" in page
    assert "(heure de Paris)" in page


def agency(grenoble: Academy, count: int) -> tuple[Campaign, list[Establishment]]:
    """A campaign asking the accountant of so many establishments of one agency."""
    make_wave(grenoble, "V9")
    seat = make_staffed(grenoble, with_agency=False)
    others = [make_staffed(grenoble, with_agency=False) for _ in range(count - 1)]
    gather(seat, *others)
    appoint(seat, Function.ACCOUNTANT, "Camille Compte", "ac@agence.test")
    places = [seat, *others]
    return make_campaign(grenoble, establishments=places, purpose=Purpose.WAVE_WISH), places


def test_an_accountant_of_ten_establishments_sees_ten_lines(grenoble: Academy) -> None:
    campaign, places = agency(grenoble, 10)
    response = Client().get(f"/r/{tokens(campaign)[places[0].uai, Function.ACCOUNTANT]}/")
    assert response["Location"] == "/reponse/"
    browser = enter(tokens(campaign)[places[0].uai, Function.ACCOUNTANT])
    page = browser.get("/reponse/").content.decode()
    assert page.count("app-answer__line") == 10 and all(row.name in page for row in places)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_whatever_its_length(
    grenoble: Academy, count: int, django_assert_num_queries: Callable[[int], Any]
) -> None:
    campaign, places = agency(grenoble, count)
    browser = enter(tokens(campaign)[places[0].uai, Function.ACCOUNTANT])
    with django_assert_num_queries(5):
        browser.get("/reponse/")


def test_the_form_is_cheap(head: tuple[Client, str], django_assert_num_queries: Callable[[int], Any]) -> None:
    browser, path = head
    with django_assert_num_queries(4):
        browser.get(path)


def test_sending_costs_five_statements(
    head: tuple[Client, str], django_assert_num_queries: Callable[[int], Any]
) -> None:
    """Who sends over which answer, a savepoint (a test is a transaction) and its release, the answer, the version."""
    browser, path = head
    typed = {**hidden(browser.get(path)), **NONE, **WHO, "act": "submit"}
    with django_assert_num_queries(5):
        assert browser.post(path, typed).status_code == 303


def test_a_page_shows_nothing_of_the_others(grenoble: Academy) -> None:
    own, foreign = make_staffed(grenoble), make_staffed(grenoble)
    campaign = make_campaign(grenoble, establishments=[own, foreign], asked=["head", "secretary_general"])
    browser = enter(tokens(campaign)[own.uai, Function.HEAD])
    other = invitation_of(campaign, uai=foreign.uai)
    for act in ("", "confier/", "pas-moi/", "accuse/", "brouillon/", "ouverture/"):
        for response in (browser.get(f"/reponse/{other.pk}/{act}"), browser.post(f"/reponse/{other.pk}/{act}")):
            assert response.status_code in (404, 405)
    assert foreign.uai not in browser.get("/reponse/").content.decode()
    accountant = invitation_of(campaign, Function.SECRETARY_GENERAL, own.uai)
    assert browser.get(f"/reponse/{accountant.pk}/").status_code == 404


@pytest.mark.parametrize("method", ["get", "head"])
def test_reading_writes_nothing(campaign: Campaign, staffed: Establishment, method: str) -> None:
    """A mail scanner that opens everything, three times."""
    found = tokens(campaign)[staffed.uai, Function.HEAD]
    before = [list(model.objects.values()) for model in (Invitation, Answer, AnswerVersion, Link)]
    for _ in range(3):
        browser = Client()
        getattr(browser, method)(f"/r/{found}/")
        for path in ("", f"{invitation_of(campaign).pk}/", f"{invitation_of(campaign).pk}/accuse/"):
            getattr(browser, method)(f"/reponse/{path}")
    assert [list(model.objects.values()) for model in (Invitation, Answer, AnswerVersion, Link)] == before


def test_a_scanner_that_sends_the_form_as_it_is_answers_nothing(head: tuple[Client, str]) -> None:
    browser, path = head
    page = browser.get(path)
    for typed in ({}, hidden(page), {**hidden(page), **WHO, "act": "submit"}):
        assert browser.post(path, typed).status_code == 400
    assert not AnswerVersion.objects.exists()
    assert browser.get(path).status_code == 200


def test_the_script_of_the_page_tells_that_it_was_opened(campaign: Campaign, head: tuple[Client, str]) -> None:
    browser, path = head
    assert browser.get(f"{path}ouverture/").status_code == 405
    assert browser.post(f"{path}ouverture/").status_code == 204
    opened = invitation_of(campaign).opened_at
    assert opened
    browser.post(f"{path}ouverture/")
    assert invitation_of(campaign).opened_at == opened


# --- answering


def test_an_answer_is_sent_read_again_and_amended(head: tuple[Client, str]) -> None:
    browser, path = head
    response = send(browser, path)
    assert (response.status_code, response["Location"]) == (303, f"{path}accuse/")
    receipt = browser.get(f"{path}accuse/").content.decode()
    assert "Aucun besoin" in receipt and "Dominique Chef (Proviseur)" in receipt and "Version 1" in receipt
    assert "Tous formés" in browser.get(path).content.decode()
    assert send(browser, path, comment="Encore un").status_code == 303
    assert list(AnswerVersion.objects.values_list("number", "is_late")) == [(1, False), (2, False)]


def test_the_form_is_filled_in_with_what_is_known(head: tuple[Client, str]) -> None:
    browser, path = head
    page = browser.get(path).content.decode()
    assert 'value="Sacha Gestion"' in page  # in post there
    assert 'name="respondent_name" value="Dominique Chef"' in page
    assert 'value="Chef d’établissement"' in page
    assert "Lien personnel : <strong>Dominique Chef</strong>" in page


def test_pressing_twice_counts_once(head: tuple[Client, str]) -> None:
    browser, path = head
    typed = {**hidden(browser.get(path)), **NONE, **WHO, "act": "submit"}
    assert [browser.post(path, typed).status_code for _ in range(3)] == [303] * 3
    assert AnswerVersion.objects.count() == 1


def test_a_page_found_again_by_back_and_changed_is_not_lost(head: tuple[Client, str]) -> None:
    browser, path = head
    typed = {**hidden(browser.get(path)), **NONE, **WHO, "act": "submit"}
    browser.post(path, typed)
    again = browser.post(path, typed | {"comment": "Changé"})
    assert again.status_code == 409 and "Changé" in again.content.decode()
    assert (
        browser.post(path, {**hidden(again), **NONE, **WHO, "comment": "Changé", "act": "replace"}).status_code == 303
    )
    assert [version.content["comment"] for version in AnswerVersion.objects.order_by("number")] == [
        "Tous formés",
        "Changé",
    ]


def test_two_tabs_ask_before_replacing(head: tuple[Client, str]) -> None:
    browser, path = head
    one, two = hidden(browser.get(path)), hidden(browser.get(path))
    browser.post(path, {**one, **NONE, **WHO, "comment": "Premier"})
    conflict = browser.post(path, {**two, **NONE, **WHO, "comment": "Second"})
    text = conflict.content.decode()
    assert conflict.status_code == 409
    assert "par Dominique Chef. La remplacer par la vôtre" in text and "Second" in text
    assert AnswerVersion.objects.count() == 1
    third = browser.post(path, {**hidden(conflict), **NONE, **WHO, "comment": "Second", "act": "replace"})
    assert third.status_code == 303
    assert AnswerVersion.objects.latest("number").content["comment"] == "Second"


def test_a_version_that_came_in_during_the_confirmation_asks_again(head: tuple[Client, str]) -> None:
    browser, path = head
    tabs = [hidden(browser.get(path)) for _ in range(3)]
    browser.post(path, {**tabs[0], **NONE, **WHO, "comment": "1"})
    conflict = hidden(browser.post(path, {**tabs[1], **NONE, **WHO, "comment": "2"}))
    send(browser, path, comment="3")
    again = browser.post(path, {**conflict, **NONE, **WHO, "comment": "2", "act": "replace"})
    assert again.status_code == 409 and AnswerVersion.objects.count() == 2


def test_two_functions_give_one_answer_in_two_versions(campaign: Campaign, staffed: Establishment) -> None:
    found = tokens(campaign)
    one = enter(found[staffed.uai, Function.HEAD])
    two = enter(found[staffed.uai, Function.SECRETARY_GENERAL])
    one_path = f"/reponse/{invitation_of(campaign).pk}/"
    two_path = f"/reponse/{invitation_of(campaign, Function.SECRETARY_GENERAL).pk}/"
    late = hidden(two.get(two_path))
    assert send(one, one_path).status_code == 303
    conflict = two.post(two_path, {**late, **NONE, **WHO, "comment": "SG"})
    assert conflict.status_code == 409
    assert two.post(two_path, {**hidden(conflict), **NONE, **WHO, "act": "replace"}).status_code == 303
    assert Answer.objects.count() == 1 and AnswerVersion.objects.count() == 2


def test_wishes_of_head_and_accountant_are_apart(grenoble: Academy, staffed: Establishment) -> None:
    make_wave(grenoble, "V9")
    place(staffed, "V9")
    make_wave(grenoble, "V10")
    campaign = make_campaign(grenoble, establishments=[staffed], purpose=Purpose.WAVE_WISH)
    found = tokens(campaign)
    for function, wave in ((Function.HEAD, "V9"), (Function.ACCOUNTANT, "V10")):
        browser, path = enter(found[staffed.uai, function]), f"/reponse/{invitation_of(campaign, function).pk}/"
        assert send(browser, path, wave=wave, reason="other", comment="").status_code == 303
        assert wave in browser.get(f"{path}accuse/").content.decode()
    assert Answer.objects.filter(number=1).count() == 2
    page = browser.get(path).content.decode()
    assert "Chef d’établissement : a répondu" in page and "V9</dd>" not in page


def test_mistakes_are_told_above_and_beside(head: tuple[Client, str]) -> None:
    browser, path = head
    response = send(browser, path, has_people="yes", people="0", **{"people-0-name": "Zoé", "respondent_name": " "})
    text = response.content.decode()
    assert response.status_code == 400
    assert "<title>Erreur : " in text and 'href="#id_people-0-function"' in text and 'id="id_people-0-function"' in text
    assert 'href="#id_respondent_name"' in text and 'value="Zoé"' in text


def test_rows_are_added_without_a_script(head: tuple[Client, str]) -> None:
    browser, path = head
    response = send(browser, path, act="add", people="0", **{"people-0-name": "Zoé"})
    text = response.content.decode()
    assert response.status_code == 200 and text.count('name="people"') == 2 and 'value="Zoé"' in text
    assert "<title>Erreur" not in text
    assert Answer.objects.get().draft is None


# --- drafts


def test_a_draft_is_resumed_on_another_device(campaign: Campaign, staffed: Establishment) -> None:
    token = tokens(campaign)[staffed.uai, Function.HEAD]
    path = f"/reponse/{invitation_of(campaign).pk}/"
    saved = send(enter(token), path, "save", has_people="yes", people="0", **{"people-0-name": "Zoé à moitié"})
    assert saved.status_code == 200 and "Brouillon enregistré" in saved.content.decode()
    assert "Zoé à moitié" in enter(token).get(path).content.decode()
    assert not AnswerVersion.objects.exists()


def test_the_script_saves_and_is_told_of_another_draft(head: tuple[Client, str]) -> None:
    browser, path = head
    one, two = hidden(browser.get(path)), hidden(browser.get(path))
    saved = browser.post(f"{path}brouillon/", {**one, **NONE, **WHO})
    assert saved.json()["revision"] == 1 and "Brouillon enregistré à" in saved.json()["message"]
    conflict = browser.post(f"{path}brouillon/", {**two, **NONE, **WHO, "comment": "Autre"})
    assert conflict.status_code == 409 and "Quelqu’un d’autre" in conflict.json()["message"]
    page = browser.post(path, {**two, **NONE, **WHO, "comment": "Autre", "act": "save"})
    assert page.status_code == 409 and "Autre" in page.content.decode()
    kept = browser.post(path, {**hidden(page), **NONE, **WHO, "comment": "Autre", "act": "save"})
    draft = Answer.objects.get().draft
    assert kept.status_code == 200 and draft and draft["comment"] == "Autre"


def test_a_saved_draft_can_be_saved_again(head: tuple[Client, str]) -> None:
    browser, path = head
    first = send(browser, path, "save")
    second = browser.post(path, {**hidden(first), **NONE, **WHO, "comment": "2", "act": "save"})
    third = browser.post(path, {**hidden(second), **NONE, **WHO, "comment": "3", "act": "submit"})
    assert (second.status_code, third.status_code) == (200, 303)
    assert Answer.objects.get().draft is None


def test_an_identifier_used_already_counts_once_whatever_else_the_page_says(
    grenoble: Academy, campaign: Campaign, head: tuple[Client, str]
) -> None:
    """Forged, or a form that the browser kept: the page asks what to do, and nothing is written over."""
    browser, path = head
    send(browser, path)
    used = str(AnswerVersion.objects.get().submission)
    for _ in range(2):
        page = send(browser, path, submission=used, comment="Autre chose")
        assert page.status_code == 409 and "Autre chose" in page.content.decode()
    assert AnswerVersion.objects.count() == 1
    assert send(browser, path, comment="Autre chose").status_code == 303
    other = make_campaign(grenoble, establishments=[make_staffed(grenoble)], asked=["head"])
    (token,) = tokens(other).values()
    elsewhere = f"/reponse/{invitation_of(other).pk}/"
    assert send(enter(token), elsewhere, submission=used).status_code == 303
    assert AnswerVersion.objects.filter(submission=used).count() == 2


# --- dates


def test_after_the_closing_the_own_answer_is_read(campaign: Campaign, head: tuple[Client, str]) -> None:
    browser, path = head
    typed = {**hidden(browser.get(path)), **NONE, **WHO}
    browser.post(path, typed)
    close(campaign)
    page = browser.get(path)
    assert page.status_code == 410 and "Tous formés" in page.content.decode()
    for act in ("submit", "save", "replace"):
        assert (
            browser.post(
                path, {**typed, "seen": "1", "replaced": "1", "submission": str(uuid4()), "act": act}
            ).status_code
            == 410
        )
    assert browser.post(f"{path}brouillon/", typed).status_code == 410
    assert AnswerVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("ago", "code"), [(timedelta(minutes=3), 303), (timedelta(seconds=299), 303), (timedelta(seconds=301), 410)]
)
def test_what_was_begun_in_time_may_arrive_late(
    campaign: Campaign, head: tuple[Client, str], ago: timedelta, code: int
) -> None:
    browser, path = head
    typed = {**hidden(browser.get(path)), **NONE, **WHO}
    now = current(campaign.academy)
    began = Campaign.objects.filter(pk=campaign.pk)
    began.update(closes_at=now - ago, grace_seconds=300)
    typed["began"] = _began_before(campaign, ago)
    assert browser.post(path, typed).status_code == code
    assert list(AnswerVersion.objects.values_list("is_late", flat=True)) == ([True] if code == 303 else [])


def _began_before(campaign: Campaign, ago: timedelta) -> str:
    return began(invitation_of(campaign), current(campaign.academy) - ago - timedelta(minutes=1))


def test_what_was_begun_after_the_closing_is_refused(campaign: Campaign, head: tuple[Client, str]) -> None:
    browser, path = head
    page = hidden(browser.get(path))
    close(campaign, timedelta(minutes=1))
    forged = page["began"].replace("2", "1")
    for told in (page["began"], forged, "", "x"):  # the page was opened now, so after the closing
        assert browser.post(path, {**page, **NONE, **WHO, "began": told}).status_code == 410
    assert not AnswerVersion.objects.exists()


def test_who_answered_may_correct_in_the_window(campaign: Campaign, head: tuple[Client, str]) -> None:
    browser, path = head
    send(browser, path)
    close(campaign)
    Campaign.objects.update(corrected_until=current(campaign.academy) + timedelta(days=1))
    assert send(browser, path, comment="Corrigé").status_code == 303
    assert AnswerVersion.objects.latest("number").is_late


def test_before_the_opening_the_page_says_when(campaign: Campaign, head: tuple[Client, str]) -> None:
    browser, path = head
    typed = {**hidden(browser.get(path)), **NONE, **WHO}
    Campaign.objects.update(opens_at=current(campaign.academy) + timedelta(days=1))
    assert "ouvrira le" in browser.get(path).content.decode()
    assert "ouvrira le" in browser.post(path, typed).content.decode()
    assert not AnswerVersion.objects.exists()


def test_a_frozen_campaign_is_read_and_an_archived_one_is_not(grenoble: Academy, staffed: Establishment) -> None:
    campaign = make_campaign(grenoble, establishments=[staffed])
    browser = enter(tokens(campaign)[staffed.uai, Function.HEAD])
    path = f"/reponse/{invitation_of(campaign).pk}/"
    Campaign.objects.update(state=CampaignState.FROZEN)
    assert browser.get(path).status_code == 410
    Campaign.objects.update(state=CampaignState.ARCHIVED)
    assert browser.get(path).status_code == 404


# --- colleagues


def delegate(browser: Client, path: str, name: str = "Sam Adjoint", email: str = "sam@lycee.test") -> Any:
    return browser.post(f"{path}confier/", {"name": name, "email": email})


def child_token() -> str:
    mail = OutgoingEmail.objects.filter(key__startswith="survey-delegation-").latest("pk")
    return mail.secret.rstrip("/").rpartition("/")[2]


def test_a_delegate_prepares_and_does_not_send(campaign: Campaign, head: tuple[Client, str]) -> None:
    browser, path = head
    assert delegate(browser, path).status_code == 303
    assert "Sam Adjoint" in browser.get(f"{path}confier/").content.decode()
    colleague = enter(child_token())
    page = colleague.get(path).content.decode()
    assert "Vérifier que tout est complet" in page and 'value="submit"' not in page
    incomplete = send(colleague, path, "check", has_people="")
    assert incomplete.status_code == 200 and "<title>Erreur : " in incomplete.content.decode()
    for act in ("submit", "replace"):
        refused = send(colleague, path, act)
        assert refused.status_code == 200 and "Tout est complet et enregistré" in refused.content.decode()
    assert not AnswerVersion.objects.exists()
    assert "Tous formés" in browser.get(path).content.decode()  # the person asked goes on from there
    for act in ("confier/", "pas-moi/"):
        assert colleague.get(f"{path}{act}").status_code == 404


def test_an_access_taken_back_opens_nothing_more(campaign: Campaign, head: tuple[Client, str]) -> None:
    browser, path = head
    delegate(browser, path)
    colleague = enter(child_token())
    child = Link.objects.get(parent__isnull=False)
    assert colleague.post(f"{path}confier/{child.pk}/retirer/").status_code == 404
    assert browser.post(f"{path}confier/{child.pk}/retirer/").status_code == 303
    assert colleague.get(path).status_code == 404
    assert Client().get(f"/r/{child_token()}/").status_code == 404


def test_a_colleague_whose_access_is_taken_back_at_once_is_not_written_to(
    campaign: Campaign, head: tuple[Client, str]
) -> None:
    browser, path = head
    delegate(browser, path)
    child = Link.objects.get(parent__isnull=False)
    browser.post(f"{path}confier/{child.pk}/retirer/")
    assert OutgoingEmail.objects.get(to=child.delegate_email).state == MailState.CANCELLED


def test_the_first_link_taken_back_closes_those_made_from_it(campaign: Campaign, head: tuple[Client, str]) -> None:
    browser, path = head
    delegate(browser, path)
    colleague = enter(child_token())
    Link.objects.filter(parent__isnull=True).update(revoked_at=current(campaign.academy))
    assert colleague.get(path).status_code == 404


def test_without_a_look_at_the_first_link_the_colleague_would_stay(
    campaign: Campaign, head: tuple[Client, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant twin of the test above."""
    browser, path = head
    delegate(browser, path)
    colleague = enter(child_token())
    Link.objects.filter(parent__isnull=True).update(revoked_at=current(campaign.academy))
    monkeypatch.setattr("surveys.services.links.NOT_REVOKED", Q(revoked_at__isnull=True))
    assert colleague.get(path).status_code == 200


@pytest.mark.parametrize(
    ("name", "email"),
    [("", "a@b.test"), ("Sam", "sam"), ("Voir http://mal.test", "a@b.test"), ("<b>Sam</b>", "a@b.test")],
)
def test_a_colleague_who_cannot_be_written_to_is_refused(head: tuple[Client, str], name: str, email: str) -> None:
    browser, path = head
    assert delegate(browser, path, name, email).status_code == 400
    assert not OutgoingEmail.objects.filter(key__startswith="survey-delegation-").exists()


def test_colleagues_are_few(head: tuple[Client, str]) -> None:
    browser, path = head
    answers = [delegate(browser, path, email=f"sam{number}@lycee.test") for number in range(11)]
    assert [answer.status_code for answer in answers] == [303] * 5 + [400] * 5 + [429]
    given_back = answers[-1].content.decode()
    assert "sam10@lycee.test</textarea>" in given_back and "Envoyer de nouveau" in given_back


def test_not_my_establishment_is_told_to_the_staff(campaign: Campaign, head: tuple[Client, str]) -> None:
    browser, path = head
    assert browser.post(f"{path}pas-moi/", {"note": "Muté en septembre"}).status_code == 303
    row = invitation_of(campaign)
    assert row.disowned_at and row.disowned_note == "Muté en septembre"
    assert "Signalé" in browser.get("/reponse/").content.decode()


# --- receipts


def receipts_of(campaign: Campaign) -> list[OutgoingEmail]:
    return list(OutgoingEmail.objects.filter(key__startswith="survey-receipt-").order_by("pk"))


def test_a_receipt_leaves_off_the_request_once_a_final_version(campaign: Campaign, head: tuple[Client, str]) -> None:
    browser, path = head
    send(browser, path)
    send(browser, path, comment="=1+1 <b>🌊</b>")
    assert receipts_of(campaign) == []
    assert (receipts.send_due(), receipts.send_due()) == (1, 0)
    (mail,) = receipts_of(campaign)
    assert mail.to == invitation_of(campaign).recipient.email  # type: ignore[union-attr]
    assert "=1+1 <b>🌊</b>" in mail.text and "Version 2" in mail.text
    send(browser, path, comment="3")
    assert receipts.send_due() == 1 and len(receipts_of(campaign)) == 2


def test_what_the_service_typed_is_told_to_all_who_were_asked(campaign: Campaign, samir: Any) -> None:
    given = Submission(uuid4(), {"none": True, "people": [], "comment": ""}, "Mme Martin", "Principale", 0)
    answers.answer_for(Answer.objects.get(), given, by=samir, reason="Par téléphone")
    assert receipts.send_due() == 1
    (mail,) = receipts_of(campaign)
    asked = Invitation.objects.filter(recipient__isnull=False).order_by("pk").values_list("recipient__email", flat=True)
    assert [mail.to, *mail.copies] == list(asked)
    assert "d’après ce que lui a dit Mme Martin (Principale)" in mail.text and "Aucun besoin" in mail.text


# --- odd things typed


@pytest.mark.parametrize("comment", ["é" * 4000, "=1+1", "🌊", "a\r\nb", "<script>alert(1)</script>", "{{ 7*7 }}"])
def test_odd_texts_are_kept_and_shown_as_they_are(head: tuple[Client, str], comment: str) -> None:
    browser, path = head
    assert send(browser, path, comment=comment).status_code == 303
    assert AnswerVersion.objects.get().content["comment"] == comment.replace("\r\n", "\n")
    assert "<script>alert" not in browser.get(f"{path}accuse/").content.decode()


@pytest.mark.parametrize("comment", ["é" * 10_000, "NUL \0"])
def test_what_cannot_be_kept_is_refused_and_stays_in_the_page(head: tuple[Client, str], comment: str) -> None:
    browser, path = head
    response = send(browser, path, comment=comment)
    assert response.status_code == 400 and "Erreur : " in response.content.decode()
    assert send(browser, path, "save", comment=comment).status_code == 200


@pytest.mark.parametrize(
    "typed",
    [
        {"seen": "x", "revision": "-1", "submission": "x", "began": "x"},
        {"seen": "9" * 30, "revision": "9" * 30},
        {"act": "remove-x", "people": "x"},
        {"act": "nothing"},
    ],
)
def test_a_forged_form_breaks_nothing(head: tuple[Client, str], typed: dict[str, str]) -> None:
    browser, path = head
    assert send(browser, path, **{"act": "submit", **typed}).status_code in (200, 303, 400, 409)


def test_a_file_goes_back_to_its_bearer_only(
    grenoble: Academy, signed: Callable[..., Client], samir: Any, denis: Any
) -> None:
    own, foreign = make_staffed(grenoble), make_staffed(grenoble)
    question = Question(kind=QuestionKind.FILE, label="Le plan")
    campaign = make_campaign(
        grenoble, establishments=[own, foreign], purpose=Purpose.QUESTIONNAIRE, questions=[question]
    )
    function = campaign.asked_functions[0]
    found = tokens(campaign)
    browser, other = enter(found[own.uai, function]), enter(found[foreign.uai, function])
    path = f"/reponse/{invitation_of(campaign, function, own.uai).pk}/"
    key = campaign.questions.get().pk
    assert send(browser, path, **{f"q{key}": SimpleUploadedFile("plan.pdf", b"%PDF-1.7 ...")}).status_code == 303
    row = AnswerFile.objects.get()
    given = browser.get(f"{path}fichiers/{row.identifier}/")
    assert given.content == b"%PDF-1.7 ..."
    assert given["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert given["X-Content-Type-Options"] == "nosniff"
    elsewhere = f"/reponse/{invitation_of(campaign, function, foreign.uai).pk}/fichiers/{row.identifier}/"
    assert other.get(f"{path}fichiers/{row.identifier}/").status_code == 404
    assert other.get(elsewhere).status_code == 404
    staff = f"/grenoble/enquetes/fichiers/{row.identifier}/"
    assert signed(samir).get(staff).status_code == 200
    assert signed(denis).get(staff).status_code == 403
    assert Client().get(staff).status_code == 302
