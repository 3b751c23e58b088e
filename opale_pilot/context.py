"""What every template may read."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

SITE_CONFIG = {
    "site_title": "Op@le Pilot",
    "site_tagline": "Pilotage académique du déploiement d’Op@le",
}


def site(request: HttpRequest) -> dict[str, Any]:
    """Site title for django-dsfr (given here, its own context processor costs two queries a page) and debug footer."""
    match = request.resolver_match
    return {"SITE_CONFIG": SITE_CONFIG, "view_name": match.view_name if settings.DEBUG and match else ""}
