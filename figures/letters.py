"""A letter as PDF: A4, on one page unless it may go on, tagged (PDF/UA-1), one font, the same from the same words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.template.loader import render_to_string
from weasyprint import CSS, HTML
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration

from figures.brand import Brand, brand_for
from figures.fetching import ForbiddenResource, LocalFetcher, RefusedFetch
from figures.french import long_day
from figures.rail import data_uri

DATA = Path(__file__).parent / "data"
DENSEST = 3
SMALLEST_FLOWING = 1  # smaller is only worth it to hold on one page

Lines = tuple[str, ...]


class LetterTooLong(Exception):
    """The letter does not hold on one page; the message is French and is shown to the person."""

    def __init__(self, title: str) -> None:
        super().__init__(f"« {title} » ne tient pas sur une page : raccourcissez son texte.")


@dataclass(frozen=True)
class Letter:
    """The words of one letter, plain text all of them; a line break inside a paragraph is kept."""

    title: str
    on: date
    ministry: Lines  # lines of the ministry block
    service: str
    academy: str = ""  # above the service
    reference: str = ""
    addressees: Lines = ()
    addressees_label: str = "Destinataires"
    routing: str = ""  # « s/c de … »
    paragraphs: Lines = ()
    rules: tuple[tuple[str, str], ...] = ()  # what is said of it, and its value
    closing: Lines = ()  # paragraphs after the rules
    signatory: Lines = ()
    copies: str = ""  # « Copie : DIEPAT »
    author: str = ""  # in the file's properties; the service when empty


def to_pdf(letter: Letter, *, identifier: str, brand: bool = True, is_one_page: bool = True) -> bytes:
    """The letter's PDF. A long letter is set smaller; raises `LetterTooLong` when that is not enough.

    `brand` is the look of the State; without it a free font and no emblem. Not `is_one_page`: a long letter goes on.
    """
    try:
        document = _fitted(letter, brand_for(is_state=brand), is_one_page)
        pdf: bytes = document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=identifier.encode())
    except RefusedFetch as refused:
        raise ForbiddenResource(str(refused)) from None
    return pdf


def _fitted(letter: Letter, look: Brand, is_one_page: bool) -> Document:
    """The letter laid out on its page, as large as it can be."""
    last = DENSEST if is_one_page else SMALLEST_FLOWING
    fonts = FontConfiguration()
    fetcher = LocalFetcher([look.folder] if look.folder else [])
    sheet = CSS(string=look.faces + _style().replace("FONT", look.font), font_config=fonts, url_fetcher=fetcher)
    for density in range(last + 1):
        markup = render_to_string("figures/letter.html", _context(letter, look, density))
        document = HTML(string=markup, url_fetcher=fetcher).render(stylesheets=[sheet], font_config=fonts)
        if len(document.pages) == 1 or (density == last and not is_one_page):
            return document
    raise LetterTooLong(letter.title)


def _context(letter: Letter, look: Brand, density: int) -> dict[str, object]:
    return {
        "letter": letter,
        "day": long_day(letter.on),
        "density": density,
        "is_state": bool(look.emblem),
        "emblem": data_uri(look.emblem) if look.emblem else "",
        "motto": data_uri(look.motto) if look.motto else "",
        "paragraphs": [paragraph.splitlines() for paragraph in letter.paragraphs],
        "closing": [paragraph.splitlines() for paragraph in letter.closing],
    }


@cache
def _style() -> str:
    return (DATA / "letter.css").read_text(encoding="utf-8")
