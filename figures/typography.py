"""French typography of plain text in HTML: escaped first, then spaces that hold, raised ordinals and squares."""

from __future__ import annotations

import re

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

NO_BREAK = "\u00a0"
NARROW = "\u202f"
BEFORE_TALL = re.compile(r"[ \u00a0](?=[;!?%»])")
RAISED = str.maketrans({"²": "<sup>2</sup>", "³": "<sup>3</sup>", "¹": "<sup>1</sup>"})
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
ORDINAL = re.compile(r"\b(1)(er|re)\b|\b(\d+)(e)\b")


def printable(text: str) -> str:
    """The text without the characters that XML forbids and no font draws."""
    return UNPRINTABLE.sub("", text)


def typeset(text: str) -> SafeString:
    """Safe HTML of a plain text."""
    held = BEFORE_TALL.sub(NARROW, printable(text).replace(" :", f"{NO_BREAK}:").replace("« ", f"«{NARROW}"))
    # escape() writes entities that end with « ; » and holds no space, so the order matters only for the marks added.
    return mark_safe(ORDINAL.sub(_raised, str(escape(held))).translate(RAISED))  # text was escaped above


def _raised(ordinal: re.Match[str]) -> str:
    number, mark = ordinal[1] or ordinal[3], ordinal[2] or ordinal[4]
    return f"{number}<sup>{mark}</sup>"
