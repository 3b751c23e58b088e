"""Pages of the letters and orders: who sees what, what each act does, what is said when it is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from docx import Document

from accounts.models import AuditEntry, Job, User
from deployment.models import Academy, Establishment, Wave
from tests.tutoring.conftest import TODAY, make_tutor
from tests.tutoring.test_pages import queries, text
from tests.tutoring.test_papers import HOSTILE, LETTER, ORDER, YEAR, issue, move, numbers, serve
from tutoring.choices.papers import PaperState
from tutoring.models import Paper, PaperPrint, PaperTemplate, Tutor

Signed = Callable[[User], Client]
HOME = "/grenoble/tutorat/lettres/"
PREPARE, STEPS, PRINT = f"{HOME}preparer/", f"{HOME}etapes/", f"{HOME}imprimer/"
TEMPLATE = f"{HOME}modeles/letter/"


@pytest.fixture
def letter(v7: Wave) -> Paper:
    return issue(make_tutor(v7.academy, "Ana Tutrice"), kinds=[LETTER])[0]


def page_of(paper: Paper) -> str:
    return f"{HOME}{paper.pk}/"


# --- who


def test_who_sees_issues_and_writes_texts(
    letter: Paper, nadia: User, samir: User, hugo: User, emma: User, tom: User, victor: User, signed: Signed
) -> None:
    detail = page_of(letter)
    seen = {
        nadia: (200, 200, 200, 200, 400),
        samir: (200, 200, 200, 403, 400),
        hugo: (200, 200, 403, 403, 403),
        emma: (403, 403, 403, 403, 403),
        tom: (403, 403, 403, 403, 403),
        victor: (404, 404, 404, 404, 404),
    }
    for person, codes in seen.items():
        browser = signed(person)
        got = [browser.get(url).status_code for url in (HOME, detail, PREPARE, TEMPLATE)]
        assert (*got, browser.post(f"{detail}etape/").status_code) == codes, person


def test_human_resources_read_and_take_and_do_nothing(letter: Paper, hugo: User, signed: Signed) -> None:
    browser = signed(hugo)
    for url in (HOME, page_of(letter)):
        shown = text(browser.get(url))
        assert "Ana Tutrice" in shown and 'method="post" action="/grenoble/tutorat/' not in shown
        assert "tuteurs/" not in shown and f'href="{HOME}"' in shown, "the menu leads here"
    assert browser.get(f"{page_of(letter)}pdf/").status_code == 200
    for url in (STEPS, PRINT, f"{page_of(letter)}remplacer/"):
        assert browser.post(url, {"paper": letter.pk}).status_code == 403


def test_a_paper_of_another_academy_is_unknown(lyon: Academy, v7: Wave, nadia: User, signed: Signed) -> None:
    (foreign,) = issue(make_tutor(lyon, "Loin"), kinds=[LETTER])
    browser = signed(nadia)
    for url in ("", "pdf/", "docx/"):
        assert browser.get(f"{page_of(foreign)}{url}").status_code == 404
    for act in ("etape/", "remplacer/"):
        assert browser.post(f"{page_of(foreign)}{act}", {"reason": "x"}).status_code == 404
    asked = {"state": "sent", "on": "2024-10-08", "paper": foreign.pk}
    assert "Cochez au moins" in text(browser.post(STEPS, asked, follow=True))
    assert "Cochez au moins" in text(browser.post(PRINT, {"paper": foreign.pk}, follow=True))
    stored = default_storage.save("papers/x.zip", ContentFile(b"PK"))
    other = PaperPrint.objects.create(academy=lyon, file=stored, asked_by=nadia)
    for url in ("", "zip/"):
        assert browser.get(f"{HOME}impressions/{other.identifier}/{url}").status_code == 404
    assert foreign.events.count() == 1


# --- list


def test_the_list_filters_and_warns(v7: Wave, nadia: User, signed: Signed) -> None:
    ana, bob = make_tutor(v7.academy, "Ana"), make_tutor(v7.academy, "Élodie")
    letter = issue(ana, kinds=[LETTER])[0]
    issue(bob)
    move(letter, PaperState.SENT)
    browser = signed(nadia)
    shown = text(browser.get(HOME))
    assert "3 lettres ou ordres" in shown and "ordres à renouveler" not in shown
    for asked, found in (
        ("text=elodie", ["LM-2024-2025-002", "OMP-2024-2025-001"]),
        ("kind=letter&year=2024", ["LM-2024-2025-001", "LM-2024-2025-002"]),
        ("state=sent", ["LM-2024-2025-001"]),
        ("text=omp-2024", ["OMP-2024-2025-001"]),
        ("state=a-renouveler", []),
        ("kind=letter&text=elodie&state=issued", ["LM-2024-2025-002"]),
    ):
        rows = browser.get(f"{HOME}?{asked}").context["page"].object_list
        assert sorted(row.number for row in rows) == found, asked
    assert "n’est pas un choix possible" in text(browser.get(f"{HOME}?state=perdu"))
    v7.academy.observed_on = date(2025, 8, 1)
    v7.academy.save()
    assert "3 lettres ou ordres à renouveler" in text(browser.get(HOME))
    assert len(browser.get(f"{HOME}?state=a-renouveler").context["page"].object_list) == 3
    assert "À renouveler" in text(browser.get(f"/grenoble/tutorat/tuteurs/{ana.pk}/"))


def test_pages_cost_as_many_queries_with_one_paper_as_with_many(v7: Wave, nadia: User, signed: Signed) -> None:
    ana = make_tutor(v7.academy, "Ana")
    (letter,) = issue(ana, kinds=[LETTER])
    v7.academy.observed_on = date(2025, 8, 1)
    v7.academy.save()
    browser = signed(nadia)
    urls = {
        HOME: 9,
        f"{HOME}?state=a-renouveler": 9,
        page_of(letter): 6,
        PREPARE: 7,
        f"/grenoble/tutorat/tuteurs/{ana.pk}/": 14,
        TEMPLATE: 6,
    }
    one = {url: queries(browser, url) for url in urls}
    issue(ana, *[make_tutor(v7.academy, f"T{n}") for n in range(3)])
    move(letter, PaperState.SENT, PaperState.SIGNED)
    assert {url: queries(browser, url) for url in urls} == one == urls


# --- acts


def test_a_year_is_prepared_once_for_those_ticked(
    v7: Wave, seats: dict[str, Establishment], samir: User, signed: Signed
) -> None:
    ana, bob = make_tutor(v7.academy, "Ana"), make_tutor(v7.academy, "Bob")
    gone = make_tutor(v7.academy, "Parti")
    Tutor.objects.filter(pk=gone.pk).update(ended_on=date(2024, 8, 1))
    serve(ana, v7, seats["full"])
    browser = signed(samir)
    shown = text(browser.get(PREPARE))
    assert "2024-2025" in shown and "Parti" not in shown
    assert f'value="{ana.pk}" checked' in shown and f'value="{bob.pk}" checked' not in shown
    asked = {"kinds": ["letter", "order"], "tutor": [ana.pk, bob.pk, gone.pk, 999_999, "x"]}
    assert "4 lettres ou ordres émis" in text(browser.post(PREPARE, asked, follow=True))
    assert "Tout était déjà émis" in text(browser.post(PREPARE, asked, follow=True))
    assert numbers() == ["LM-2024-2025-001", "LM-2024-2025-002", "OMP-2024-2025-001", "OMP-2024-2025-002"]
    assert f'value="{ana.pk}" checked' not in text(browser.get(PREPARE))
    following = f"{PREPARE}?year=2025"
    assert "2025-2026" in text(browser.get(following))
    browser.post(following, {"kinds": ["letter"], "tutor": [ana.pk]})
    assert Paper.objects.get(year=2025).issued_by == samir
    for wrong, said in (
        ({"kinds": ["letter"]}, "Choisissez au moins un tuteur"),
        ({"tutor": [ana.pk]}, "obligatoire"),
        ({"kinds": ["decree"], "tutor": [ana.pk]}, "n’est pas un choix possible"),
    ):
        refused = browser.post(PREPARE, wrong)
        assert refused.status_code == 400 and said in text(refused)
    assert browser.get(f"{PREPARE}?year=1999").status_code == 200


def test_a_signature_is_followed_then_the_paper_replaced(letter: Paper, samir: User, signed: Signed) -> None:
    browser, url = signed(samir), page_of(letter)
    browser.post(f"{url}etape/", {"state": "sent", "on": "2024-10-08"})
    refused = browser.post(f"{url}etape/", {"state": "signed", "on": "2024-10-08"})
    assert refused.status_code == 400 and "Indiquez qui a signé" in text(refused)
    signature = {"state": "signed", "on": "2024-10-08", "person": "La rectrice <b>"}
    told = text(browser.post(f"{url}etape/", signature, follow=True))
    assert "Signé le 8 octobre 2024, par La rectrice &lt;b&gt;" in told and "Samir" in told
    assert browser.post(f"{url}etape/", {"state": "sent", "on": "2024-10-08"}).status_code == 400
    assert browser.post(f"{url}remplacer/", {"reason": ""}).status_code == 400
    told = text(browser.post(f"{url}remplacer/", {"reason": "Nouvelle agence"}, follow=True))
    assert "LM-2024-2025-002" in told and "LM-2024-2025-001</a>&nbsp;: Nouvelle agence" in told
    former = text(browser.get(url))
    assert "Remplacé" in former and "Émettre le remplacement" not in former and "Inscrire une étape" not in former
    assert browser.post(f"{url}remplacer/", {"reason": "Encore"}).status_code == 400


def test_many_are_sent_and_gathered_from_the_list(v7: Wave, nadia: User, signed: Signed) -> None:
    rows = issue(make_tutor(v7.academy, "Ana"), make_tutor(v7.academy, "Bob"), kinds=[ORDER])
    browser, keys = signed(nadia), [row.pk for row in rows]
    step = {"state": "sent", "on": "2024-10-08", "paper": keys}
    assert "2 lettres ou ordres" in text(browser.post(STEPS, step, follow=True))
    assert "n’est pas possible" in text(browser.post(STEPS, step, follow=True))
    signature = {"state": "signed", "on": "2024-10-08", "person": "La rectrice", "all": "1", "shown": keys}
    assert "2 lettres ou ordres" in text(browser.post(STEPS, signature, follow=True))
    assert {row.state for row in Paper.objects.with_state()} == {PaperState.SIGNED}
    assert "Le :" in text(browser.post(STEPS, step | {"on": "demain"}, follow=True))
    answer = browser.post(PRINT, {"paper": keys})
    asked = PaperPrint.objects.get()
    assert asked.papers == keys and Job.objects.get().requested_by == nadia
    waiting = browser.get(answer["Location"])
    assert "En attente" in text(waiting) and browser.get(f"{answer['Location']}zip/").status_code == 404
    PaperPrint.objects.update(file=default_storage.save("papers/y.zip", ContentFile(b"PK")))
    assert "Télécharger l’archive" in text(browser.get(answer["Location"]))
    taken = browser.get(f"{answer['Location']}zip/")
    assert "no-store" in taken["Cache-Control"] and taken["Content-Disposition"].startswith("attachment")
    assert b"".join(taken.streaming_content) == b"PK"
    taken.close()


@pytest.mark.parametrize("extension", ["pdf", "docx"])
def test_a_download_is_an_attachment_never_kept_and_in_the_trail(
    extension: str, letter: Paper, hugo: User, signed: Signed
) -> None:
    taken = signed(hugo).get(f"{page_of(letter)}{extension}/")
    assert taken["Content-Disposition"] == f'attachment; filename="LM-2024-2025-001-ana-tutrice.{extension}"'
    assert "no-store" in taken["Cache-Control"]
    assert taken.content.startswith(b"%PDF-" if extension == "pdf" else b"PK")
    entry = AuditEntry.objects.get(kind="exported")
    assert (entry.actor, entry.details["form"]) == (hugo, extension)
    assert signed(hugo).get(f"{page_of(letter)}html/").status_code == 404


def test_hostile_names_are_shown_and_run_nowhere(v7: Wave, nadia: User, signed: Signed) -> None:
    (order,) = issue(make_tutor(v7.academy, HOSTILE), kinds=[ORDER])
    browser = signed(nadia)
    for url in (HOME, page_of(order), PREPARE, f"/grenoble/tutorat/tuteurs/{order.tutor.pk}/"):
        shown = text(browser.get(url))
        assert "<script>alert(1)" not in shown and "{{7*7}}" in shown and "&lt;script&gt;" in shown
    document = Document(BytesIO(browser.get(f"{page_of(order)}docx/").content))
    assert HOSTILE in "\n".join(paragraph.text for paragraph in document.paragraphs)


# --- texts


def test_a_text_is_written_as_a_new_version(letter: Paper, nadia: User, signed: Signed) -> None:
    browser = signed(nadia)
    shown = text(browser.get(TEMPLATE))
    assert "Version 1 en vigueur" in shown and "{tuteur}" in shown and "prénom et nom du tuteur" in shown
    words = {"title": "Mission", "body": "Pour {tuteur}\r\n\r\n{tutorats}", "signatory": "Moi", "seen": 1}
    told = text(browser.post(TEMPLATE, words, follow=True))
    assert "Version 2 enregistrée" in told and "Nadia" in told
    for wrong, said in (
        (words, "autre personne"),
        (words | {"seen": 2}, "Rien n’a changé"),
        (words | {"seen": 2, "body": "{prenom} {{7*7}}"}, "{7*7}, {prenom}"),
        (words | {"seen": 2, "title": ""}, "obligatoire"),
    ):
        refused = browser.post(TEMPLATE, wrong)
        assert refused.status_code == 400 and said in text(refused)
    assert PaperTemplate.objects.count() == 2
    assert "vous confie la mission de tuteur Op@le" in text(browser.get(f"{TEMPLATE}1/"))
    for absent in (f"{TEMPLATE}9/", f"{HOME}modeles/decree/", f"{HOME}modeles/decree/1/"):
        assert browser.get(absent).status_code == 404
    assert "jamais modifié" in text(browser.get(f"{HOME}modeles/order/"))


def test_the_years_offered_are_this_one_and_the_next(v7: Wave, samir: User, signed: Signed) -> None:
    assert TODAY.year == YEAR.first
    form = signed(samir).get(PREPARE).context["year_form"]
    assert [label for _, label in form.fields["year"].choices] == ["2024-2025", "2025-2026"]
