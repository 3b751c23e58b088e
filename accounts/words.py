"""One way to write a name for searching and sorting, the same for the text kept and for what a person types."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss", "@": "a"})
COMBINING = re.compile(r"[\u0300-\u036f]")
NOT_A_LETTER = re.compile(r"[^a-z0-9]+")


def normalise(text: str) -> str:
    """Lower case without accents; whatever is neither letter nor digit is one space: « OP@LE », « Opalé » → `opale`."""
    letters = unicodedata.normalize("NFKD", text.translate(LIGATURES))
    return NOT_A_LETTER.sub(" ", COMBINING.sub("", letters).lower()).strip()


def without_nul(value: Any) -> Any:
    """The same text, list or mapping of plain JSON without the character NUL, which PostgreSQL keeps nowhere."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, Mapping):
        return {without_nul(key): without_nul(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_nul(item) for item in value]
    return value
