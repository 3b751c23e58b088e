"""The floor of a page: a bare Django behind the same gunicorn, with the same engine and its options, nothing else.

POST / reads the form and inserts one row in a transaction; GET / renders the template of `BARE_TEMPLATE`, without a
variable. Run by `gunicorn bench.bare_app:application`.
"""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

from opale_pilot.settings import DATABASES, DEFAULT_AUTO_FIELD

TEMPLATE = Path(os.environ.get("BARE_TEMPLATE", "none.html"))

if not settings.configured:
    settings.configure(
        SECRET_KEY="bare",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        DATABASES=DATABASES,
        DEFAULT_AUTO_FIELD=DEFAULT_AUTO_FIELD,
        USE_TZ=True,
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [TEMPLATE.parent]}],
    )
application = get_wsgi_application()

from django.db import models, transaction  # noqa: E402  # once Django is set up
from django.shortcuts import render  # noqa: E402
from django.utils import timezone  # noqa: E402


class Row(models.Model):
    """What one POST leaves."""

    content = models.JSONField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "bare"
        db_table = "bare_row"

    def __str__(self) -> str:
        return str(self.pk)


def page(request: HttpRequest) -> HttpResponse:
    """One insertion, or one template."""
    if request.method == "GET":
        response = render(request, TEMPLATE.name)
        response["Content-Length"] = str(len(response.content))
        return response
    with transaction.atomic():
        Row._default_manager.create(content=request.POST.dict())
    return HttpResponse(status=303, headers={"Location": "/", "Content-Length": "0"})


urlpatterns = [path("", page)]
