"""Applications that come by the link of a call, from people who have no account."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts import audit
from surveys.clock import current
from surveys.services import files
from surveys.services.refusals import SurveyRefused
from tutoring import emails
from tutoring.choices.candidates import ApplicationOrigin
from tutoring.models import Application, TutorCall
from tutoring.rights import APPLY_BY_LINK
from tutoring.services.refusals import TutoringRefused

FOLDER = "applications"
LARGEST_FILE = 5 * files.MEGABYTE


class CallClosed(TutoringRefused):
    """The call takes no application any more."""


class ApplicationSent(TutoringRefused):
    """The same page sent another application before."""


SAID = (
    *("name", "email", "function", "establishment_id", "spheres", "capacity"),
    *("available_from", "is_remote", "area", "motivation"),
)


def file_name(upload: UploadedFile[Any]) -> str:
    """How the file will be shown. Raises `TutoringRefused` when it is empty, too heavy or of no accepted format."""
    try:
        return files.acceptable_name(upload, largest=LARGEST_FILE)
    except SurveyRefused as refused:
        raise TutoringRefused(str(refused)) from None


def apply(application: Application, *, identifier: UUID, upload: UploadedFile[Any] | None = None) -> Application:
    """Keep the application and acknowledge it; the same form sent again is the same application.

    `application` is not saved yet, and names a call. Raises `TutoringRefused`; `ApplicationSent` when the form, found
    again by « Back », says something else than what it sent.
    """
    call = application.call
    assert call is not None
    source = f"call-{call.pk}-{identifier}"
    with transaction.atomic():
        fresh = TutorCall.objects.select_for_update(of=("self",)).select_related("academy").get(pk=call.pk)
        if same := Application.objects.filter(academy=fresh.academy, source=source).first():
            if any(getattr(same, name) != getattr(application, name) for name in SAID):
                raise ApplicationSent(
                    "Cette page a déjà envoyé une candidature : elle est gardée telle quelle, et ce que vous venez de "
                    f"changer ne l’est pas. Pour la corriger, écrivez à {fresh.reply_to}."
                )
            return same
        if not fresh.is_open:
            raise CallClosed("Cet appel est clos : il ne prend plus de candidature.")
        application.call, application.academy = fresh, fresh.academy
        application.origin, application.source = ApplicationOrigin.CALL, source
        application.received_at = current(fresh.academy)
        _keep(application, upload)
    return application


def _keep(application: Application, upload: UploadedFile[Any] | None) -> None:
    """Write the row, its file and its mail: all or none."""
    if upload:
        application.file_name = file_name(upload)
        application.stored_as = _stored(upload)
    try:
        with transaction.atomic():
            application.save()
            emails.acknowledgement(application)
            target = f"{application} · {application.call}"
            audit.record(None, APPLY_BY_LINK, target, academy=application.academy.slug)
    except Exception:
        if application.stored_as:
            default_storage.delete(application.stored_as)
        raise


def _stored(upload: UploadedFile[Any]) -> str:
    try:
        return files.put_aside(upload, f"{FOLDER}/{uuid4()}")
    except SurveyRefused as refused:
        raise TutoringRefused(str(refused)) from None
