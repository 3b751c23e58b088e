"""The look of the State (Marianne, emblem, motto), taken at run time from the installed django-dsfr; never committed.

The DSFR and Marianne are for services of the State only; the neutral brand has neither.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from urllib.parse import unquote

STATE_FONT, NEUTRAL_FONT = "Marianne", "Liberation Sans, DejaVu Sans, sans-serif"
FACES = (
    ("Light", 300, "normal"),
    ("Regular", 400, "normal"),
    ("Regular_Italic", 400, "italic"),
    ("Medium", 500, "normal"),
    ("Bold", 700, "normal"),
)
LOGO = re.compile(r"\.fr-logo:(before|after)\{background-image:url\(\"data:image/svg\+xml;charset=utf8,([^\"]*)\"")


class BrandMissing(Exception):
    """The installed django-dsfr no longer holds the emblem or the motto where they were."""


@dataclass(frozen=True)
class Brand:
    """`emblem` and `motto` are SVG texts; both are empty in the neutral brand."""

    font: str
    faces: str  # @font-face rules
    folder: Path | None  # where the faces are read from
    emblem: str = ""
    motto: str = ""


def brand_for(*, is_state: bool) -> Brand:
    return state_brand() if is_state else Brand(NEUTRAL_FONT, "", None)


@cache
def state_brand() -> Brand:
    dist = Path(str(resources.files("dsfr"))) / "static" / "dsfr" / "dist"
    pictures = dict(LOGO.findall((dist / "dsfr.min.css").read_text(encoding="utf-8")))
    if set(pictures) != {"before", "after"}:
        raise BrandMissing("Le bloc-marque de l’État est introuvable dans le paquet django-dsfr installé.")
    fonts = dist / "fonts"
    faces = "".join(
        f"@font-face{{font-family:Marianne;font-weight:{weight};font-style:{style};"
        f"src:url({(fonts / f'Marianne-{name}.woff2').as_uri()}) format('woff2')}}"
        for name, weight, style in FACES
    )
    return Brand(STATE_FONT, faces, fonts, _emblem(unquote(pictures["before"])), _motto(unquote(pictures["after"])))


def _emblem(marianne: str) -> str:
    """The DSFR lays the white Marianne over a blue and red gradient of CSS; here the flag is in the picture."""
    flag = (
        '<rect width="22" height="16" y="1" fill="#000091"/><rect width="22" height="16" x="22" y="1" fill="#e1000f"/>'
    )
    return re.sub(r"(<svg[^>]*>)", rf"\1{flag}", marianne, count=1)


def _motto(both: str) -> str:
    """The black motto alone: the wheel's picture has a white copy beside it."""
    return re.sub(r"viewBox='0 0 252 180'", "viewBox='0 0 126 90'", both, count=1)
