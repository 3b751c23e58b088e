"""Where the numbers of a figure lead."""

from django import template

from accounts import figures
from figures.kinds import Figure

register = template.Library()


@register.filter
def rows_url(figure: Figure) -> str:
    return figures.rows_url(figure)


@register.filter
def figure_url(figure: Figure) -> str:
    return figures.figure_url(figure)
