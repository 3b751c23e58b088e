"""What a view may expect of its request once the middlewares have passed."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class SignedInRequest(HttpRequest):
    """The request of a page behind `LoginRequiredMiddleware`: its user is a person, never anonymous."""

    user: User
    htmx: HtmxDetails


def wants_partial(request: SignedInRequest) -> bool:
    """Whether htmx asks for the changing part of the page only; the browser's back button wants the whole page."""
    return bool(request.htmx) and not request.htmx.history_restore_request
