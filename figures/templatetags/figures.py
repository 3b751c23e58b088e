"""`{% load figures %}`: `{{ text|typeset }}`."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from figures import typography

register = template.Library()


@register.filter
def typeset(text: str) -> SafeString:
    return typography.typeset(text)
