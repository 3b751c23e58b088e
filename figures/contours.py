"""The outlines of the départements as decoration of the cover."""

from __future__ import annotations

from functools import cache

from figures.maps import Window, outlines, ring_path

WIDTH, HEIGHT = 625.0, 540.0  # points of the cover's right part
KILOMETRES_ACROSS = 830_000


@cache
def cover_contours() -> str:
    """Western France, cut by the edges of the page."""
    view = Window(-166_000, 7_010_000 - 190_000, WIDTH / KILOMETRES_ACROSS, WIDTH, HEIGHT)
    steps = "".join(ring_path(ring, view, detail=1.6) for rings in outlines().values() for ring in rings)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}">'
        f'<path d="{steps}" fill="none" stroke="#8585f6" stroke-width=".8" stroke-opacity=".75"/></svg>'
    )
