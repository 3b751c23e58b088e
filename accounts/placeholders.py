"""Fields in a text that a person wrote: replaced by a look-up, no template engine ever reads user text.

A room keeps its closed list of fields, name → what it becomes, as `FIELDS`.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping

FIELD = re.compile(r"\{([^{}\n]{0,40})\}")


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text, each known field replaced once by its value; a value is never read again for fields."""
    return FIELD.sub(lambda found: values.get(found[1].strip(), found[0]), text)


def unknown_names(text: str, known: Container[str]) -> list[str]:
    """Fields that the text asks for and that do not exist, as they are written."""
    return [found[0] for found in FIELD.finditer(text) if found[1].strip() not in known]
