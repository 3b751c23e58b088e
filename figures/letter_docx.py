"""A letter as DOCX, for the service to edit: real styles, language and properties, plain text and nothing that runs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, time
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from figures.letters import Letter

FONT = "Arial"  # Marianne may not be embedded in a file that others edit
ITEM = re.compile(r"\s*[-–•]\s+")
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_docx(letter: Letter) -> bytes:
    """The letter's words in Word's own styles; « - » at the start of a line makes an item of a list."""
    document = Document()
    _set_up(document, letter)
    _lines(document, letter.ministry, bold=True)
    _lines(document, [letter.service, letter.reference, f"Le {letter.on:%d/%m/%Y}"])
    document.add_heading(_clean(letter.title), level=1)
    if letter.addressees:
        document.add_heading(_clean(letter.addressees_label), level=2)
        _lines(document, [*letter.addressees, letter.routing])
    _body(document, letter.paragraphs)
    for label, value in letter.rules:
        item = document.add_paragraph(style="List Bullet")
        item.add_run(_clean(label)).bold = True
        item.add_run(_clean(f" — {value}"))
    _body(document, letter.closing)
    for line in letter.signatory:
        document.add_paragraph(_clean(line)).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if letter.copies:
        document.add_paragraph(_clean(letter.copies))
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def _set_up(document: Any, letter: Letter) -> None:
    """A4, margins, font and language of every style, and what the file says of itself."""
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2.5)
    page.top_margin = page.bottom_margin = Cm(2)
    normal = document.styles["Normal"]
    normal.font.size = Pt(11)
    for name in ("Normal", "Heading 1", "Heading 2"):
        fonts = document.styles[name].element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        for script in ("ascii", "hAnsi", "cs", "eastAsia"):
            fonts.set(qn(f"w:{script}"), FONT)
    for tongue in document.styles.element.iter(qn("w:lang")):
        tongue.set(qn("w:val"), "fr-FR")
    day = datetime.combine(letter.on, time(12))
    about = document.core_properties
    about.title = _clean(letter.title + (f" — {letter.reference}" if letter.reference else ""))[:255]
    about.author = about.last_modified_by = _clean(letter.author or letter.service)[:255]
    about.language, about.comments, about.created, about.modified = "fr-FR", "", day, day


def _lines(document: Any, lines: Iterable[str], *, bold: bool = False) -> None:
    """Lines that belong together, in one paragraph."""
    text = "\n".join(_clean(line) for line in lines if line)
    if text:
        document.add_paragraph().add_run(text).bold = bold or None


def _body(document: Any, paragraphs: Iterable[str]) -> None:
    for paragraph in paragraphs:
        lines = _clean(paragraph).splitlines()
        if all(ITEM.match(line) for line in lines):
            for line in lines:
                document.add_paragraph(ITEM.sub("", line, count=1), style="List Bullet")
        else:
            document.add_paragraph("\n".join(lines))


def _clean(text: str) -> str:
    """Without what XML cannot hold."""
    return NOT_XML.sub("", text)
