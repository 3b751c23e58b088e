"""Visits: who may note which, what the establishment is asked, what its link opens, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEntry, OutgoingEmail, User
from deployment.choices import Function
from deployment.models import Academy, Establishment, Wave
from surveys.clock import happening_at
from surveys.models.invitations import hash_token
from tests.factories import appoint, make_establishment
from tests.tutoring.conftest import make_tutor
from tests.tutoring.work import START, make_call, make_own, make_place, serve, stop, token_of, visit
from tutoring.choices.work import FeedbackVerdict, VisitMode
from tutoring.models import Feedback, Tutor, Visit, VisitLink
from tutoring.services import access, visit_links, visits
from tutoring.services.refusals import TutoringRefused

Signed = Callable[[User], Client]
HOME = "/grenoble/tutorat/"
EXACT = {"verdict": "exact", "rating": "4", "comment": "", "name": "Inès Chef"}
WRONG = {"verdict": "wrong", "comment": "Deux heures, pas une", "name": "Inès Chef"}


@pytest.fixture
def crest(v7: Wave) -> Establishment:
    return make_place(v7.academy)


@pytest.fixture
def lea(crest: Establishment) -> Tutor:
    """Tutor of Crest since the school year began."""
    tutor = make_tutor(crest.academy, "Léa Tutrice")
    serve(tutor, crest)
    return tutor


@pytest.fixture
def theo(lea: Tutor) -> User:
    """Léa's account."""
    return make_own(lea.academy, "Theo", lea)


def text(response: Any) -> str:
    return str(response.content.decode())


def enter(token: str) -> Client:
    browser = Client()
    assert browser.get(f"/v/{token}/").status_code == 303
    return browser


def typed(crest: Establishment, **fields: str) -> dict[str, str]:
    return {
        "establishment": crest.uai,
        "on": "2024-06-03",
        "mode": "on_site",
        "minutes": "60",
        "subject": "Paie",
    } | fields


def kept() -> tuple[int, int, int, int, int]:
    """How many rows of each kind: a page that writes nothing changes none."""
    tables = (Visit, VisitLink, Feedback, OutgoingEmail, AuditEntry)
    return tuple(table.objects.count() for table in tables)  # type: ignore[return-value]


# --- noting


def test_a_tutor_notes_a_visit_and_the_head_is_asked(crest: Establishment, theo: User, signed: Signed) -> None:
    page = signed(theo).post(f"{HOME}moi/visite/", typed(crest), follow=True)
    assert "La visite est notée." in text(page)
    row, mail, link = Visit.objects.get(), OutgoingEmail.objects.get(), VisitLink.objects.get()
    assert (row.author, row.establishment, row.minutes) == (theo, crest, 60)
    assert (mail.to, link.email) == (f"chef.{crest.uai.lower()}@exemple.invalid",) * 2
    token = token_of(mail)
    assert len(token) == 43
    assert link.token_hash == hash_token(token)
    assert token not in mail.html + mail.text + link.mail_key


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"on": "2024-10-09"}, "pas encore eu lieu"),
        ({"on": "31/02"}, "Date illisible"),
        ({"minutes": "0"}, "supérieure ou égale à 5"),
        ({"minutes": "9999"}, "inférieure ou égale à 600"),
        ({"mode": "phone"}, "Sélectionnez un choix valide"),
        ({"establishment": "0380000X"}, "n’est pas un choix possible"),
        ({"subject": " "}, "obligatoire"),
        ({"on": "2023-08-31"}, "ne vous donne pas cet établissement"),
    ],
)
def test_bad_input_notes_nothing(crest: Establishment, theo: User, signed: Signed, wrong: Any, why: str) -> None:
    page = signed(theo).post(f"{HOME}moi/visite/", typed(crest, **wrong))
    assert page.status_code == 400
    assert why in text(page)
    assert not Visit.objects.exists()


def test_a_tutor_notes_only_at_their_own_and_staff_elsewhere_with_a_reason(
    lea: Tutor, theo: User, samir: User, signed: Signed
) -> None:
    other = make_place(lea.academy, "Die")
    page = signed(theo).post(f"{HOME}moi/visite/", typed(other))
    assert "n’est pas un choix possible" in text(page)
    with pytest.raises(TutoringRefused, match="ne vous donne pas"):
        visit(lea, other, by=theo, reason="Je passais")
    url = f"{HOME}tuteurs/{lea.pk}/visite/"
    assert "indiquez pourquoi" in text(signed(samir).post(url, typed(other)))
    assert signed(samir).post(url, typed(other, reason="Dépannage")).status_code == 302
    assert Visit.objects.get().reason == "Dépannage"


def test_the_register_of_that_day_decides(crest: Establishment, lea: Tutor, theo: User) -> None:
    stop(crest, date(2024, 6, 3))
    visit(lea, crest, by=theo, on=date(2024, 6, 2))
    with pytest.raises(TutoringRefused, match="ne vous donne pas"):
        visit(lea, crest, by=theo, on=date(2024, 6, 3))


def test_the_same_visit_is_noted_once(crest: Establishment, lea: Tutor, theo: User) -> None:
    first = visit(lea, crest, by=theo)
    with pytest.raises(TutoringRefused, match="déjà notée"):
        visit(lea, crest, by=theo)
    visits.cancel(first, reason="Erreur", by=theo)
    visit(lea, crest, by=theo)
    assert Visit.objects.standing().count() == 1 and Visit.objects.count() == 2


def test_a_remote_session_of_an_untrained_tutor_is_accepted_and_told(
    crest: Establishment, lea: Tutor, theo: User, emma: User, signed: Signed
) -> None:
    page = signed(theo).post(f"{HOME}moi/visite/", typed(crest, mode="remote"), follow=True)
    assert "formation à la prise en main à distance n’est pas notée" in text(page)
    url = f"{HOME}tuteurs/{lea.pk}/formation/"
    assert "pas encore eu lieu" in text(signed(emma).post(url, {"on": "2024-10-09"}))
    assert signed(emma).post(url, {"on": "2024-06-03"}).status_code == 302
    row = Visit.objects.select_related("tutor").get()
    assert not row.is_untrained
    access.note_training(lea, date(2024, 6, 4), by=emma)
    row.tutor.refresh_from_db()
    assert row.is_untrained


def test_a_wrong_visit_is_cancelled_and_kept(
    crest: Establishment, lea: Tutor, theo: User, samir: User, signed: Signed
) -> None:
    row = visit(lea, crest, by=theo)
    url = f"{HOME}moi/visites/{row.pk}/annuler/"
    assert signed(theo).post(url, {"reason": " "}).status_code == 400
    assert signed(theo).post(url, {"reason": "Mauvais jour"}).status_code == 302
    row.refresh_from_db()
    assert (row.cancelled_reason, row.cancelled_by) == ("Mauvais jour", theo)
    assert "déjà annulée" in text(signed(theo).post(url, {"reason": "Encore"}))
    answered = visit(lea, crest, by=theo, minutes=30)
    browser = enter(token_of(OutgoingEmail.objects.first()))  # type: ignore[arg-type]
    browser.post(f"/visite/{VisitLink.objects.get().pk}/{answered.pk}/", EXACT)
    assert "demandez au service" in text(
        signed(theo).post(f"{HOME}moi/visites/{answered.pk}/annuler/", {"reason": "x"})
    )
    assert signed(samir).post(f"{HOME}visites/{answered.pk}/annuler/", {"reason": "Doublon"}).status_code == 302


# --- asking


def test_one_mail_a_week_then_another(crest: Establishment, lea: Tutor) -> None:
    def at(day: int, hour: int) -> Any:
        return happening_at(datetime(2024, 6, day, hour, tzinfo=UTC))

    with at(5, 10):
        visit(lea, crest)
    with at(6, 11):
        visit(lea, crest, minutes=30)
        assert (OutgoingEmail.objects.count(), visit_links.ask_waiting()) == (1, 0)
    with at(10, 10):
        assert visit_links.ask_waiting() == 1
        assert visit_links.ask_waiting() == 0
    with at(17, 10):
        assert visit_links.ask_waiting() == 0  # nothing new was noted
    first, second = OutgoingEmail.objects.order_by("pk")
    assert "une visite" in first.text and "2 visites" in second.text
    assert token_of(first) != token_of(second)
    assert enter(token_of(first)) and enter(token_of(second))


def test_who_is_asked(crest: Establishment, lea: Tutor, samir: User, signed: Signed) -> None:
    """The head on the day of the visit; else the establishment; else nobody, and the staff is told."""
    appoint(crest, Function.HEAD, "Nouveau Chef", "nouveau@exemple.invalid", on=date(2024, 9, 1))
    assert visit_links.recipient(visit(lea, crest))[1] == f"chef.{crest.uai.lower()}@exemple.invalid"
    assert visit_links.recipient(visit(lea, crest, on=date(2024, 9, 10)))[1] == "nouveau@exemple.invalid"
    appoint(crest, Function.HEAD, "", on=date(2024, 9, 20))
    Establishment.objects.filter(pk=crest.pk).update(email="college@exemple.invalid")
    crest.refresh_from_db()
    assert visit_links.recipient(visit(lea, crest, on=date(2024, 9, 21)))[1] == "college@exemple.invalid"
    Establishment.objects.filter(pk=crest.pk).update(email="")
    VisitLink.objects.all().delete()
    answer = signed(samir).post(f"{HOME}tuteurs/{lea.pk}/visite/", typed(crest, on="2024-09-22"), follow=True)
    assert "personne ne confirmera" in text(answer)
    assert "Personne à qui écrire" in text(signed(samir).get(f"{HOME}visites/"))
    last = Visit.objects.latest("pk")
    assert "complétez les postes" in text(signed(samir).post(f"{HOME}visites/{last.pk}/demander/", follow=True))


def test_a_new_address_ends_the_former_links(crest: Establishment, lea: Tutor, samir: User) -> None:
    row = visit(lea, crest)
    old = token_of(OutgoingEmail.objects.get())
    appoint(crest, Function.HEAD, "Bonne Personne", "bonne@exemple.invalid", on=date(2023, 9, 1))
    visit_links.ask_again(row, by=samir)
    assert Client().get(f"/v/{old}/").status_code == 404
    assert enter(token_of(OutgoingEmail.objects.latest("pk")))


# --- the link


@pytest.fixture
def asked(crest: Establishment, lea: Tutor) -> tuple[Client, str, str]:
    """The browser of the head, the address of the list, that of the visit to confirm."""
    make_call(crest.academy)
    row = visit(lea, crest)
    home = f"/visite/{VisitLink.objects.get().pk}/"
    return enter(token_of(OutgoingEmail.objects.get())), home, f"{home}{row.pk}/"


def test_the_head_confirms_rates_and_changes_their_mind(asked: tuple[Client, str, str]) -> None:
    browser, home, url = asked
    assert "1 visite à confirmer" in text(browser.get(home))
    assert browser.post(url, EXACT).status_code == 303
    assert "Tout est confirmé" in text(browser.get(home))
    assert browser.post(url, EXACT).status_code == 303  # the same said twice is one version
    assert browser.post(url, WRONG).status_code == 303
    versions = Feedback.objects.order_by("number").values_list("number", "verdict", "rating", "comment", "name")
    assert list(versions) == [
        (1, FeedbackVerdict.EXACT, 4, "", "Inès Chef"),
        (2, FeedbackVerdict.WRONG, None, "Deux heures, pas une", "Inès Chef"),
    ]
    row = Visit.objects.with_feedback().get()
    assert row.verdict == FeedbackVerdict.WRONG and not Visit.objects.confirmed().exists()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({}, "obligatoire"),
        ({"verdict": "exact", "name": "I"}, "Dites si cette visite vous a été utile"),
        ({"verdict": "wrong", "name": "I"}, "Dites ce qui n’est pas exact"),
        ({**EXACT, "rating": "5"}, "valide"),
        ({**EXACT, "verdict": "maybe"}, "n’est pas un choix possible"),
        ({**EXACT, "name": ""}, "obligatoire"),
    ],
)
def test_a_bad_answer_keeps_nothing(asked: tuple[Client, str, str], wrong: Any, why: str) -> None:
    browser, _, url = asked
    page = browser.post(url, wrong)
    assert page.status_code == 400
    assert why in text(page)
    assert not Feedback.objects.exists()


def test_scanners_change_nothing(asked: tuple[Client, str, str]) -> None:
    browser, home, url = asked
    token = token_of(OutgoingEmail.objects.get())
    before = kept()
    for path in (f"/v/{token}/", home, url, f"{home}pas-moi/"):
        assert browser.get(path).status_code in (200, 303)
        assert browser.head(path).status_code in (200, 303)
        browser.post(path)
        browser.options(path)
    assert kept() == before
    robot = Client()
    robot.head(f"/v/{token}/")
    assert robot.cookies == {}


def test_the_link_opens_its_visits_and_nothing_else(asked: tuple[Client, str, str], crest: Establishment) -> None:
    browser, home, url = asked
    other = make_place(crest.academy, "Die")
    tutor = make_tutor(crest.academy, "Autre")
    serve(tutor, other)
    stranger = visit(tutor, other)
    theirs = VisitLink.objects.latest("pk")
    assert browser.get(f"{home}{stranger.pk}/").status_code == 404
    assert browser.get(f"/visite/{theirs.pk}/").status_code == 404
    assert browser.get(HOME).status_code == 302
    for path in (home, url, f"{home}pas-moi/", "/v/nope/", f"/v/{'a' * 43}/"):
        page = Client().get(path)
        assert page.status_code == 404 and "Ce lien n’est pas valable" in text(page)
    forged = Client()
    forged.cookies[f"visits-{theirs.pk}"] = str(theirs.pk)
    assert forged.get(f"/visite/{theirs.pk}/").status_code == 404


def test_a_cancelled_visit_is_confirmed_no_more(asked: tuple[Client, str, str], samir: User) -> None:
    browser, home, url = asked
    visits.cancel(Visit.objects.get(), reason="Erreur", by=samir)
    assert browser.post(url, EXACT).status_code == 404
    assert "Rien à confirmer" in text(browser.get(home))
    link, row = VisitLink.objects.get(), Visit.objects.get()
    with pytest.raises(TutoringRefused, match="annulée"):
        visit_links.answer(link, row, Feedback(verdict="exact", rating=1, name="I"))


def test_not_my_establishment_leads_to_the_service(
    asked: tuple[Client, str, str], crest: Establishment, lea: Tutor, samir: User, signed: Signed
) -> None:
    browser, home, url = asked
    assert browser.post(f"{home}pas-moi/", {"note": "Voir M. X"}).status_code == 400
    page = browser.post(f"{home}pas-moi/", {"sure": "on", "note": "Voir M. X"})
    assert "tuteurs@exemple.invalid" in text(page)
    assert browser.get(url).status_code == 404
    assert Client().get(f"/v/{token_of(OutgoingEmail.objects.get())}/").status_code == 404
    listed = signed(samir).get(f"{HOME}visites/")
    assert "« Ce n’est pas mon établissement »" in text(listed)
    assert "Voir M. X" in text(signed(samir).get(f"{HOME}visites/{Visit.objects.get().pk}/"))
    visit(lea, crest, minutes=30)
    assert OutgoingEmail.objects.count() == 1  # that address is not written to again


def test_a_link_dies_after_its_school_year(asked: tuple[Client, str, str]) -> None:
    browser, home, _ = asked
    Academy.objects.update(observed_on=date(2024, 12, 29))
    assert browser.get(home).status_code == 200
    Academy.objects.update(observed_on=date(2024, 12, 30))
    assert browser.get(home).status_code == 404


def test_the_pages_of_a_link_are_kept_nowhere(asked: tuple[Client, str, str]) -> None:
    browser, home, url = asked
    for path in (home, url):
        assert browser.get(path).headers["Cache-Control"] == "no-store, private"
    page = browser.get(f"/v/{token_of(OutgoingEmail.objects.get())}/")
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_too_many_wrong_links_are_slowed_down(asked: tuple[Client, str, str]) -> None:
    codes = [Client().get(f"/v/{number}/").status_code for number in range(21)]
    assert codes == [404] * 20 + [429]


def test_untold_modes_are_refused_by_the_database(crest: Establishment, lea: Tutor) -> None:
    assert VisitMode.values == ["on_site", "remote"]
    with pytest.raises(TutoringRefused, match="de 5 à 600"):
        visit(lea, crest, minutes=601)
    with pytest.raises(TutoringRefused, match="ne tutore pas"):
        visit(lea, make_establishment(crest.academy), on=START)
