"""What is chosen in a list, ticked in a box: an attribute, or nothing. A `Hole` says it once it has its value."""

from __future__ import annotations

from typing import Any

from django import template

from surveys.skeletons import Hole

register = template.Library()


@register.filter
def checked(value: Any, option: Any) -> str:
    """` checked` when that option is chosen, alone or with others."""
    if isinstance(value, Hole):
        return value.told(lambda given: checked(given, option))
    is_chosen = option in value if isinstance(value, list | tuple) else option == value
    return " checked" if is_chosen else ""


@register.filter
def selected(value: Any, option: Any) -> str:
    """` selected` when that option is the one."""
    if isinstance(value, Hole):
        return value.told(lambda given: selected(given, option))
    return " selected" if option == value else ""


@register.filter
def ticked(value: Any) -> str:
    """` checked` when the box is ticked."""
    if isinstance(value, Hole):
        return value.told(ticked)
    return " checked" if value else ""
