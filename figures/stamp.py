"""The emblem and the motto, drawn once and shown on every slide (drawing them on each page doubles the time)."""

from __future__ import annotations

from functools import cache
from io import BytesIO

import pikepdf
from weasyprint import HTML

from figures.brand import Brand
from figures.fetching import LocalFetcher
from figures.rail import LEFT, LINE, TOP, data_uri

PAGE_HEIGHT = 540
SIZE = 200  # points, square
FIRST_PAGE = 1  # the cover has its own, larger


def stamped(pdf: bytes, look: Brand, ministry_lines: int) -> bytes:
    """The same PDF with the mark on each page but the cover, as an artifact (it is told on the cover)."""
    with pikepdf.open(BytesIO(pdf)) as document, pikepdf.open(BytesIO(_mark(look, ministry_lines))) as mark:
        form = document.copy_foreign(mark.pages[0].as_form_xobject())
        for page in document.pages[FIRST_PAGE:]:
            name = page.add_resource(form, pikepdf.Name.XObject, name=pikepdf.Name.StateMark)
            steps = f"/Artifact BMC q 1 0 0 1 {LEFT} {PAGE_HEIGHT - TOP - SIZE} cm {name} Do Q EMC\n"
            page.contents_add(steps.encode(), prepend=True)
        finished = BytesIO()
        document.save(finished, deterministic_id=True)
        return finished.getvalue()


@cache
def _mark(look: Brand, ministry_lines: int) -> bytes:
    """A small page that holds the emblem above and the motto below the lines of the ministry."""
    below = 12.1 + LINE * ministry_lines + 5
    html = (
        f"<style>@page{{size:{SIZE}pt;margin:0}}i{{position:absolute;left:0;background-size:100% 100%}}</style>"
        f'<i style="top:0;width:25pt;height:10.2pt;background-image:url({data_uri(look.emblem)})"></i>'
        f'<i style="top:{below}pt;width:23.8pt;height:17pt;background-image:url({data_uri(look.motto)})"></i>'
    )
    drawn: bytes = HTML(string=html, url_fetcher=LocalFetcher([])).write_pdf()
    return drawn
