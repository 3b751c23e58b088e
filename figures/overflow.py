"""Which slides hold more than their page: seen in the laid-out boxes, before the PDF is written.

WeasyPrint 70 moves what does not fit to another page, or drops it silently (inside a grid). So the words and pictures
that stand on a slide's page are compared with those of its section.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from weasyprint import HTML
from weasyprint.document import Document

TOLERANCE = 1.5  # CSS pixels
FOOT = 38.0  # CSS pixels: two lines of source under the body


def overflowing(html: HTML, document: Document) -> list[int]:
    """Positions of the slides that lack something on their page, or cross the edge of a column."""
    pages: dict[int, Any] = {}
    for page in document.pages:
        for anchor in page.anchors:
            if anchor[0] == "s" and anchor[1:].isdigit():
                pages.setdefault(int(anchor[1:]), page._page_box)
    sections = {_position(section): section for section in html.etree_element.iter("section")}
    return sorted(
        index
        for index, section in sections.items()
        if index is not None and (index not in pages or _is_crowded(section, pages[index]))
    )


def _position(section: Element) -> int | None:
    """The slide's position, read from its heading; None for the cover and the agenda."""
    mark = next((heading.get("id", "") for heading in section.iter("h2")), "")
    return int(mark[1:]) if mark[:1] == "s" and mark[1:].isdigit() else None


def _is_crowded(section: Element, page_box: Any) -> bool:
    boxes = list(_descendants(page_box))
    told = "".join(box.text for box in boxes if hasattr(box, "text"))
    pictures = sum(box.element_tag == "img" for box in boxes if hasattr(box, "replacement"))
    return (
        len(_letters(told)) < len(_letters("".join(section.itertext())))
        or pictures < sum(1 for _ in section.iter("img"))
        or any(_spills(box) for box in boxes)
    )


def _letters(text: str) -> str:
    return "".join(text.split())


def _spills(box: Any) -> bool:
    """A column or a table's cell crossed by its words or pictures, or a foot note too high for the foot."""
    classes = (box.element.get("class", "") if box.element is not None else "").split()
    if "src" in classes:
        return bool(box.margin_height() > FOOT)
    if "col" not in classes and box.element_tag not in ("td", "th"):
        return False
    return any(_right(inner) > _right(box) + TOLERANCE for inner in _descendants(box) if _is_content(inner))


def _is_content(box: Any) -> bool:
    return hasattr(box, "text") or hasattr(box, "replacement")


def _descendants(box: Any) -> Iterator[Any]:
    yield box
    for child in getattr(box, "children", ()):
        yield from _descendants(getattr(child, "_box", child))


def _right(box: Any) -> float:
    right: float = box.position_x + box.margin_width()
    return right
