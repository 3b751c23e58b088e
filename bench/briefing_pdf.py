"""Composing the demonstration's briefing, beside WeasyPrint alone on the same HTML and style sheet."""

from __future__ import annotations

from django.core.management import call_command
from django.template.loader import render_to_string
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from bench.harness import Measure, compare
from cosui import services
from cosui.models import Meeting
from figures import pdf
from figures.brand import brand_for
from figures.deck import Deck
from figures.fetching import LocalFetcher
from figures.pages import deck_context


def measure() -> Measure:
    call_command("demo", verbosity=0)
    meeting = Meeting.objects.get()
    deck = Deck.thaw(services.freeze(meeting))
    look = brand_for(is_state=True)
    markup = render_to_string("figures/deck.html", deck_context(deck, look, [0] * len(deck.slides)))
    style = pdf._sheet(deck, look)

    def ours() -> bytes:
        return services.draw(services.freeze(meeting))

    def floor() -> bytes:
        fonts, fetcher = FontConfiguration(), LocalFetcher([look.folder] if look.folder else [])
        sheet = CSS(string=style, font_config=fonts, url_fetcher=fetcher)
        bare: bytes = HTML(string=markup, url_fetcher=fetcher).write_pdf(stylesheets=[sheet], font_config=fonts)
        return bare

    assert ours().startswith(b"%PDF") and floor().startswith(b"%PDF")
    what = f"{len(deck.slides)} slides: figures computed, frozen, laid out, checked for overflow, tagged"
    return compare("briefing_pdf", what, ours=ours, floor=floor, rounds=3)
