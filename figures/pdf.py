"""A deck as PDF: 16:9 slides, tagged (PDF/UA-1), one font family, identical when composed again from the same deck."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.template.loader import render_to_string
from weasyprint import CSS, HTML
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration

from figures.brand import Brand, brand_for
from figures.deck import Deck
from figures.fetching import ForbiddenResource, LocalFetcher, RefusedFetch
from figures.overflow import overflowing
from figures.pages import deck_context
from figures.rail import Rail
from figures.stamp import stamped

DATA = Path(__file__).parent / "data"
DENSEST = 2


class SlideOverflow(Exception):
    """A slide holds more than its page; the message names it by its headline."""

    def __init__(self, headline: str) -> None:
        super().__init__(
            f"La diapositive « {headline} » déborde de sa page : raccourcissez ou répartissez son contenu."
        )
        self.headline = headline


def to_pdf(deck: Deck, *, identifier: str, brand: bool = True) -> bytes:
    """The deck's PDF. Crowded slides are set smaller; raises `SlideOverflow` when that is not enough.

    `brand` is the look of the State; without it a free font and no emblem.
    """
    look = brand_for(is_state=brand)
    try:
        document = _fitted(deck, look)
        pdf: bytes = document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=identifier.encode())
    except RefusedFetch as refused:
        raise ForbiddenResource(str(refused)) from None
    return stamped(pdf, look, len(deck.ministry)) if look.emblem else pdf


def _fitted(deck: Deck, look: Brand) -> Document:
    """The deck laid out so that each slide holds on its page."""
    densities = [0] * len(deck.slides)
    fonts = FontConfiguration()
    fetcher = LocalFetcher([look.folder] if look.folder else [])
    sheet = CSS(string=_sheet(deck, look), font_config=fonts, url_fetcher=fetcher)
    while True:
        markup = render_to_string("figures/deck.html", deck_context(deck, look, densities))
        html = HTML(string=markup, url_fetcher=fetcher)
        document = html.render(stylesheets=[sheet], font_config=fonts)
        crowded = overflowing(html, document)
        if not crowded:
            return document
        for index in crowded:
            if densities[index] == DENSEST:
                raise SlideOverflow(deck.slides[index].headline)
            densities[index] += 1


def _sheet(deck: Deck, look: Brand) -> str:
    """The deck's style, then one named page a slide that carries its rail."""
    rail = Rail(look, deck.ministry, deck.sections, pages=len(deck.slides) + 2)
    sections = [0, *(slide.section for slide in deck.slides)]
    pages = "".join(
        f"@page p{page}{{background:{rail.background(page, section)}}}.p{page}{{page:p{page}}}"
        for page, section in enumerate(sections, start=2)
    )
    return look.faces + deck_style().replace("FONT", look.font) + pages


@cache
def deck_style() -> str:
    return (DATA / "deck.css").read_text(encoding="utf-8")
