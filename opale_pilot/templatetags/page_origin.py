"""The line at the foot of each page, in development, that says which code drew it."""

from typing import Any

from django import template
from django.template.context import RequestContext

register = template.Library()


@register.simple_tag(takes_context=True)
def page_origin(context: RequestContext) -> str:
    """View and template of this page, as « deployment.views.waves.wave_list · deployment/wave_list.html »."""
    request: Any = context.request
    drawn_by = context.template.name if context.template else ""
    if request is None or request.resolver_match is None:
        return drawn_by or ""
    view = request.resolver_match.func
    named = getattr(view, "view_class", view)
    return f"{named.__module__}.{named.__name__} · {drawn_by}"
