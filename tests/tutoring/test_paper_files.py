"""Letters and orders as files: what the PDF and the DOCX say, the same twice, deaf to what names ask for."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pikepdf
import pytest
from django.core.files.storage import default_storage
from docx import Document

from accounts import jobs
from accounts.models import AuditEntry, Job, User
from deployment.models import Establishment, Wave
from opale_pilot.privacy import people
from tests.figures.test_deck_pdf import font_families, texts
from tests.tutoring.conftest import make_tutor
from tests.tutoring.test_papers import HOSTILE, LETTER, ORDER, issue, serve
from tutoring.models import Paper, PaperPrint
from tutoring.paper_contents import frozen, thawed
from tutoring.services import paper_files
from tutoring.services.refusals import TutoringRefused


@pytest.fixture
def letter(v7: Wave, seats: dict[str, Establishment]) -> Paper:
    tutor = make_tutor(v7.academy, "Camille Tuteur")
    serve(tutor, v7, seats["full"])
    return issue(tutor, kinds=[LETTER])[0]


def words(document: Any) -> str:
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def test_the_pdf_says_it_and_is_the_same_twice(letter: Paper) -> None:
    pdf = paper_files.draw(letter, "pdf")
    told = " ".join(texts(pdf)).replace("\u202f", " ")
    for part in ("LM-2024-2025-001", "Camille Tuteur", "Lycée Crest", "Collège Crest", "31 août 2025", "Le 8 octobre"):
        assert part in told, part
    assert font_families(pdf) == {"Marianne"}
    assert paper_files.draw(Paper.objects.get(pk=letter.pk), "pdf") == pdf
    with pikepdf.open(BytesIO(pdf)) as document:
        assert document.Root.Lang == "fr" and "/StructTreeRoot" in document.Root


def test_a_long_list_goes_on_a_second_page(letter: Paper) -> None:
    letter.content["rules"] = [[f"Agence {n}", "Sphère ordonnateur : " + "Collège, " * 12] for n in range(25)]
    pages = texts(paper_files.draw(letter, "pdf"))
    assert len(pages) > 1 and "Agence 24" in " ".join(pages)


def test_the_docx_opens_again_with_styles_language_and_title(letter: Paper) -> None:
    content = paper_files.draw(letter, "docx")
    document = Document(BytesIO(content))
    styles = {paragraph.style.name: paragraph.text for paragraph in document.paragraphs}
    assert styles["Heading 1"] == "Lettre de mission de tuteur Op@le"
    assert "Lycée Crest" in styles["List Bullet"]
    assert "31 août 2025" in words(document)
    about = document.core_properties
    assert (about.title, about.language) == ("Lettre de mission de tuteur Op@le — LM-2024-2025-001", "fr-FR")
    assert about.created and about.created.date() == letter.issued_on
    with ZipFile(BytesIO(content)) as archive:
        assert b'w:val="fr-FR"' in archive.read("word/styles.xml")
        assert b"Calibri" not in archive.read("word/document.xml")
        xml = archive.read("word/document.xml")
    for injected in (b"w:fldSimple", b"w:instrText", b"w:hyperlink", b"w:object"):
        assert injected not in xml


@pytest.mark.parametrize("name", [HOSTILE, "Ève\r\nBcc: x@y.z\x01\x0b", "{tuteur}{tutorats}", "& < > \" ' ]]>"])
def test_hostile_names_are_only_shown(name: str, v7: Wave, seats: dict[str, Establishment]) -> None:
    (order,) = issue(make_tutor(v7.academy, name), kinds=[ORDER])
    shown = " ".join(name.split())
    document = Document(BytesIO(paper_files.draw(order, "docx")))
    for letter in shown.split():
        clean = letter.replace("\x01", "").replace("\x0b", "")
        assert clean in words(document)
        if clean.isascii():
            assert clean in " ".join(texts(paper_files.draw(order, "pdf")))
    file = paper_files.file_name(order, "pdf")
    assert file.startswith("OMP-2024-2025-001") and file.endswith(".pdf")
    assert set(file) <= set("abcdefghijklmnopqrstuvwxyzOMP0123456789-.")


def test_a_frozen_letter_is_thawed_word_for_word(letter: Paper) -> None:
    assert frozen(thawed(letter.content)) == letter.content


def test_many_are_drawn_by_a_worker_in_one_archive(letter: Paper, v7: Wave, samir: User) -> None:
    (order,) = issue(make_tutor(v7.academy, "Bob"), kinds=[ORDER])
    asked = paper_files.request_print(v7.academy, [order, letter], by=samir)
    jobs.run(Job.objects.get().pk, paper_files.print_in_background)
    assert Job.objects.get().state == "done"
    asked.refresh_from_db()
    with default_storage.open(asked.file) as file, ZipFile(file) as archive:
        names = ["LM-2024-2025-001-camille-tuteur.pdf", "OMP-2024-2025-001-bob.pdf"]
        assert archive.namelist() == names
        assert archive.read(names[0]) == paper_files.draw(letter, "pdf")
    entry = AuditEntry.objects.get(kind="exported")
    assert entry.details["numbers"] == [order.number, letter.number]
    stored = asked.file
    paper_files.discard([asked])
    assert not default_storage.exists(stored) and not PaperPrint.objects.exists() and Paper.objects.count() == 2


@pytest.mark.parametrize(("number", "said"), [(0, "Cochez"), (1001, "1000")])
def test_an_archive_of_none_or_of_too_many_is_refused(number: int, said: str, v7: Wave, samir: User) -> None:
    with pytest.raises(TutoringRefused, match=said):
        paper_files.request_print(v7.academy, [Paper(pk=n) for n in range(number)], by=samir)


def test_an_erased_person_is_in_no_letter_any_more(v7: Wave, nadia: User) -> None:
    """The paper stays, with its number and its places; the person's name is gone from all that can be drawn again."""
    (letter,) = issue(make_tutor(v7.academy, str(nadia), email=nadia.email), kinds=[LETTER], by=nadia)
    assert str(nadia) in " ".join(texts(paper_files.draw(letter, "pdf")))
    people.erase(people.asked(nadia.email))
    kept = Paper.objects.get()
    told = " ".join(texts(paper_files.draw(kept, "pdf")))
    assert "Personne effacée" in told and "Nadia" not in told and kept.number in told
    assert "nadia" not in str((kept.values, kept.content, kept.search_text)).lower()
