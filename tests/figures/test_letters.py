"""A letter holds on one page, tagged, in one font, the same twice, deaf to what its words ask for."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from figures.french import euros, full_day
from figures.letters import Letter, LetterTooLong, to_pdf
from tests.figures import verapdf
from tests.figures.test_deck_pdf import font_families, texts

LETTER = Letter(
    title="Lettre d’essai",
    on=date(2024, 1, 22),
    ministry=("Académie", "d’Aix-Marseille"),
    service="Service académique des EPLE",
    reference="SA/1",
    addressees=("Mesdames et messieurs les chefs d’établissement",),
    routing="s/c de qui de droit",
    paragraphs=("Un premier paragraphe, en 1er lieu.", "Un second,\nsur deux lignes : « oui » ?"),
    rules=(("Indemnité", "500 € par établissement tutoré"), ("Vagues", "V1, V2 et V3")),
    closing=("Le mot de la fin.",),
    signatory=("Pour le recteur", "La secrétaire générale"),
    copies="Copie : DIEPAT",
)
HOSTILE = '\x00<img src="http://127.0.0.1:9/a"><link rel=attachment href="file:///etc/passwd">{% now "Y" %}'


@pytest.fixture(scope="module")
def drawn() -> bytes:
    return to_pdf(LETTER, identifier="x")


def test_amounts_and_days_in_words() -> None:
    amounts = [Decimal("500"), Decimal("1250.5"), Decimal("0.07")]
    assert [euros(amount) for amount in amounts] == ["500\u202f€", "1\u202f250,50\u202f€", "0,07\u202f€"]
    assert full_day(date(2024, 2, 5)) == "lundi 5 février 2024" and full_day(date(2024, 9, 1)).startswith(
        "dimanche 1er"
    )


def test_letter_says_everything_on_one_page(drawn: bytes) -> None:
    (page,) = texts(drawn)
    for words in (
        *("ACADÉMIE D’AIX-MARSEILLE", "Service académique des EPLE", "SA/1", "Le 22 janvier 2024", "Lettre d’essai"),
        *("Destinataires", "s/c de qui de droit", "sur deux lignes", "500 € par établissement tutoré", "V1, V2 et V3"),
        *("Le mot de la fin.", "La secrétaire générale", "Copie : DIEPAT"),
    ):
        assert words in page.replace("\u202f", " "), words


def test_letter_is_named_dated_and_in_one_font(drawn: bytes) -> None:
    assert font_families(drawn) == {"Marianne"}
    with pikepdf.open(BytesIO(drawn)) as document:
        assert document.docinfo["/Title"] == "Lettre d’essai — SA/1"
        assert str(document.docinfo["/CreationDate"]).startswith("D:20240122")


def test_the_same_letter_is_the_same_file(drawn: bytes) -> None:
    assert to_pdf(LETTER, identifier="x") == drawn != to_pdf(LETTER, identifier="y")


def test_a_long_letter_is_set_smaller_and_a_longer_one_refused() -> None:
    sentence = "Ces tuteurs accompagnent en proximité les utilisateurs dans leur usage quotidien du progiciel. " * 4
    long = replace(LETTER, paragraphs=(sentence,) * 9)
    assert len(texts(to_pdf(long, identifier="x"))) == 1
    with pytest.raises(LetterTooLong, match="« Lettre d’essai » ne tient pas sur une page"):
        to_pdf(replace(LETTER, paragraphs=(sentence,) * 20), identifier="x")


def test_words_that_ask_for_something_are_only_shown() -> None:
    hostile = replace(LETTER, title=HOSTILE, service=HOSTILE, paragraphs=(HOSTILE,), rules=((HOSTILE, HOSTILE),))
    pdf = to_pdf(hostile, identifier='"><script>', brand=False)
    with pikepdf.open(BytesIO(pdf)) as document:
        assert "/Names" not in document.Root or "/EmbeddedFiles" not in document.Root.Names
    assert "<link rel=attachment" in texts(pdf)[0]


@pytest.mark.skipif(bool(verapdf.missing()), reason=verapdf.missing())
def test_letters_conform_to_pdf_ua(tmp_path: Path, drawn: bytes) -> None:
    long = to_pdf(replace(LETTER, rules=LETTER.rules * 30), identifier="x", is_one_page=False)
    assert len(texts(long)) > 1
    files = {"state": drawn, "neutral": to_pdf(LETTER, identifier="x", brand=False), "long": long}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    for found in verapdf.check(*(tmp_path / name for name in files)):
        assert found["failures"] == [] and found["compliant"]
