"""Decks as PDF: whole, tagged, in one font, the same twice, deaf to what their words ask for."""

import re
import socket
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from weasyprint import HTML

from figures.brand import state_brand
from figures.deck import Block, Deck
from figures.fetching import LocalFetcher, RefusedFetch
from figures.overflow import overflowing
from figures.pdf import SlideOverflow, to_pdf
from tests.figures import samples

MILLIMETRE = 72 / 25.4
HOSTILE = (
    '\x00\x1b<img src="http://127.0.0.1:{port}/a"><link rel=attachment href="file:///etc/passwd">'
    '<style>@import "http://127.0.0.1:{port}/b";</style>{{% now "Y" %}}&lt;b&gt;'
)


def texts(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    found = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return [re.sub(r"\s+", " ", text) for text in found]


def font_families(pdf: bytes) -> set[str]:
    with pikepdf.open(BytesIO(pdf)) as document:
        names = {
            str(item.BaseFont)
            for item in document.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font" and "/BaseFont" in item
        }
    return {name.split("+")[-1].lstrip("/").split("-")[0] for name in names}


def one_slide(*blocks: Block, headline: str = "Titre", **fields: object) -> Deck:
    return samples.deck(samples.slide(headline, *blocks), **fields)


def test_one_page_a_slide_after_cover_and_agenda(cosui: bytes) -> None:
    with pikepdf.open(BytesIO(cosui)) as document:
        assert len(document.pages) == len(samples.cosui_slides()) + 2
        width, height = (float(side) for side in document.pages[0].MediaBox[2:])
    assert (round(width / MILLIMETRE, 1), round(height / MILLIMETRE, 1)) == (338.7, 190.5)


def test_pages_say_what_the_deck_holds(cosui: bytes) -> None:
    pages = texts(cosui)
    cover, agenda, volumetry = pages[:3]
    assert "COSUI Op@le" in cover and "8 octobre 2024" in cover and "Service d’appui aux EPLE" in cover
    assert "Neuf points à l’ordre du jour" in agenda and "p. 5" in agenda
    assert all(title in agenda for title in samples.SECTIONS)
    assert "1 · Volumétrie V8 à V12" in volumetry and "3 / 15" in volumetry
    for number in ("114", "37", "151", "71", "12", "45", "18", "dont 1 GRETA", "dont 3 GRETA"):
        assert number in volumetry
    assert "Source : enquête auprès des chefs d’établissement" in volumetry


def test_a_slide_without_source_names_those_of_its_figures(cosui: bytes) -> None:
    assert "Source : Registre des mouvements de vague, situation au 1" in texts(cosui)[3]


def test_document_is_tagged_named_and_bookmarked(cosui: bytes) -> None:
    with pikepdf.open(BytesIO(cosui)) as document:
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang) == "fr"
        assert document.docinfo["/Title"] == "COSUI Op@le — 8 octobre 2024"
        with document.open_outline() as outline:
            titles = [str(item.title) for item in outline.root]
    assert titles[:3] == ["COSUI Op@le", "Neuf points à l’ordre du jour", samples.cosui_slides()[0].headline]
    assert len(titles) == len(samples.cosui_slides()) + 2


def test_state_brand_uses_marianne_alone(cosui: bytes) -> None:
    assert font_families(cosui) == {"Marianne"}


def test_neutral_brand_has_no_marianne_and_no_emblem() -> None:
    pdf = to_pdf(one_slide(Block(samples.change(), "bars")), identifier="x", brand=False)
    families = font_families(pdf)
    assert len(families) == 1 and "Marianne" not in families
    with pikepdf.open(BytesIO(pdf)) as document:
        assert "/StateMark" not in document.pages[1].Resources.get("/XObject", {})


def test_emblem_and_motto_come_from_the_installed_package() -> None:
    look = state_brand()
    assert "#e1000f" in look.emblem and "0 0 126 90" in look.motto
    assert look.folder is not None and "dsfr" in look.folder.parts


def test_composing_twice_gives_the_same_bytes() -> None:
    deck = one_slide(Block(samples.volumetry(), "table"), Block(samples.wave_map(), "map"))
    first = to_pdf(deck, identifier="x")
    assert to_pdf(Deck.thaw(deck.freeze()), identifier="x") == first
    assert to_pdf(deck, identifier="y") != first


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A port on which whatever calls is noted."""
    heard: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            heard.append(client.recv(100))
            client.close()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    yield server.getsockname()[1], heard
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


def test_hostile_words_reach_neither_network_nor_files(listener: tuple[int, list[bytes]]) -> None:
    port, heard = listener
    hostile = HOSTILE.format(port=port)
    deck = one_slide(
        Block(samples.statement(hostile, f"- {hostile}"), "text", hostile),
        headline=hostile,
        title=hostile[:60],
        subtitle=hostile,
        author=hostile,
        audience="",
        sections=(hostile,),
        ministry=("<b>Ministère</b>",),
    )
    pdf = to_pdf(deck, identifier='"><script>')
    assert heard == []
    with pikepdf.open(BytesIO(pdf)) as document:
        assert not document.attachments
        assert "/EmbeddedFiles" not in document.Root.get("/Names", {})
    assert "<link rel=attachment" in texts(pdf)[2], "the words are shown as they were typed"


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:9/x", "https://127.0.0.1:9/x", "ftp://127.0.0.1/x", "file:///etc/passwd", "file://host/etc/x"],
)
def test_fetcher_refuses_network_and_other_folders(address: str, tmp_path: Path) -> None:
    with pytest.raises(RefusedFetch):
        LocalFetcher([tmp_path]).fetch(address)


def test_fetcher_does_not_leave_its_folder(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "secret").write_text("x")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "secret")
    fetcher = LocalFetcher([tmp_path / "in"])
    for name in ("in/../secret", "in/%2e%2e/secret", "in/link"):
        with pytest.raises(RefusedFetch):
            fetcher.fetch((tmp_path / "in").as_uri().removesuffix("in") + name)
    (tmp_path / "in" / "font").write_text("x")
    assert fetcher.fetch((tmp_path / "in" / "font").as_uri()).read() == b"x"


def test_a_slide_that_overflows_is_an_error_that_names_it() -> None:
    words = samples.statement(*[samples.LONG] * 60)
    with pytest.raises(SlideOverflow, match="Trop de mots ici") as refused:
        to_pdf(one_slide(Block(words, "text"), headline="Trop de mots ici"), identifier="x")
    assert refused.value.headline == "Trop de mots ici"


def test_an_unbreakable_word_too_wide_for_its_column_is_an_error() -> None:
    words = samples.statement("x" * 400)
    with pytest.raises(SlideOverflow, match="Mot trop long"):
        to_pdf(one_slide(Block(words, "text"), headline="Mot trop long"), identifier="x")


def test_a_picture_that_falls_off_its_page_is_noticed() -> None:
    drawing = "data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22/%3E"
    page = (
        '<style>@page{{size:10cm;margin:0}}</style><section><h2 id="s0">Titre</h2>'
        f'<div><img src="{drawing}" style="height:{{height}}cm"></div></section>'
    )
    for height, found in ((2, []), (9.5, [0])):
        html = HTML(string=page.format(height=height))
        assert overflowing(html, html.render()) == found


def test_a_source_too_long_for_the_foot_is_an_error() -> None:
    slide = samples.slide("Source bavarde", Block(samples.number(), "number"), source="mot " * 200)
    with pytest.raises(SlideOverflow, match="Source bavarde"):
        to_pdf(samples.deck(slide), identifier="x")


def test_long_typed_words_flow_in_their_slide() -> None:
    words = samples.statement(*[f"{number}. {samples.LONG}" for number in range(1, 9)])
    page = texts(to_pdf(one_slide(Block(words, "text")), identifier="x"))[2]
    assert all(f" {number}. Comme" in page for number in range(2, 9))


def test_a_table_of_many_lines_is_set_smaller() -> None:
    table = samples.volumetry(lines=tuple(samples.volumetry().lines) * 4)
    page = texts(to_pdf(one_slide(Block(table, "table")), identifier="x"))[2]
    assert page.count("Collèges") == 4


@pytest.mark.parametrize("points", [1, 12])
@pytest.mark.parametrize("lines", [2, 5])
def test_agenda_and_ministry_hold_whatever_their_length(points: int, lines: int) -> None:
    deck = one_slide(
        Block(samples.number(), "number"),
        sections=tuple(f"{number}e point : {samples.SECTIONS[6]}" for number in range(1, points + 1)),
        ministry=("Ministère", "de l’Éducation", "nationale", "et de", "la Jeunesse")[:lines],
    )
    pages = texts(to_pdf(deck, identifier="x"))
    assert len(pages) == 3
    assert pages[1].count("Stratégie de remontée") == points
    assert "MINISTÈRE" in pages[1]
