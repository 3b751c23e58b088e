"""veraPDF finds nothing against PDF/UA-1 in a whole deck, and does find what is wrong in an untagged one."""

from pathlib import Path

import pytest
from weasyprint import HTML

from figures.deck import Block
from figures.pdf import to_pdf
from tests.figures import samples, verapdf

pytestmark = pytest.mark.skipif(bool(verapdf.missing()), reason=verapdf.missing())


def test_decks_conform_to_pdf_ua(tmp_path: Path, cosui: bytes) -> None:
    hostile = samples.slide("<b>Titre</b>", Block(samples.statement("<img src=x>", "- a", "-- b"), "text"))
    files = {
        "state": cosui,
        "neutral": to_pdf(samples.deck(hostile), identifier="x", brand=False),
        "untagged": HTML(string="<p>Texte").write_pdf(),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    state, neutral, untagged = verapdf.check(*(tmp_path / name for name in files))
    assert state["failures"] == [] and state["compliant"] and state["checks"] > 10_000
    assert neutral["failures"] == [] and neutral["compliant"]
    assert not untagged["compliant"]
