"""Form widgets that Django's own are too slow for."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class LongSelect(forms.Select):
    """A drop-down list of many flat choices, drawn at once: Django's renders one template an option."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        return _drawn(self, {"" if value is None else str(value)}, {**(attrs or {}), "name": name})


class LongSelectMultiple(forms.SelectMultiple):
    """The same for several choices at once."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        chosen = {str(key) for key in value or ()}
        return _drawn(self, chosen, {**(attrs or {}), "name": name, "multiple": True})


def _drawn(widget: forms.Select, chosen: Collection[str], attrs: dict[str, Any]) -> SafeString:
    options = format_html_join(
        "\n",
        '<option value="{}"{}>{}</option>',
        ((key, SafeString(" selected") if str(key) in chosen else "", label) for key, label in widget.choices),
    )
    return format_html("<select{}>\n{}\n</select>", flatatt(widget.build_attrs(widget.attrs, attrs)), options)
