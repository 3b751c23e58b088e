"""`{% load figures %}`: `{% figure volumetry form="bars" rows_url=url %}` and `{{ text|typeset }}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from figures import blocks, typography
from figures.deck import Form
from figures.kinds import Figure

register = template.Library()


@register.inclusion_tag("components/figure.html")
def figure(figure: Figure, form: Form | None = None, rows_url: str = "", caption: str = "") -> dict[str, Any]:
    """The block of a figure. `rows_url` is the page of its rows, to which `cellule=` is added for each number."""
    return blocks.block_context(figure, form=form, rows_url=rows_url, caption=caption)


@register.filter
def typeset(text: str) -> SafeString:
    """French typography: `figures.typography.typeset`."""
    return typography.typeset(text)
