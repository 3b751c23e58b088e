"""What the tutoring writes to the establishments about the visits of their tutor."""

from __future__ import annotations

from django.urls import reverse

from accounts import mail
from accounts.links import public_url
from accounts.models import OutgoingEmail
from deployment.models import Academy
from tutoring.models import TutorCall, VisitLink


def service_address(academy: Academy) -> str:
    """Where the service reads about the tutoring: the address of its last call; empty when no call tells one."""
    calls = TutorCall.objects.filter(academy=academy).exclude(reply_to="").order_by("-published_on", "-pk")
    return calls.values_list("reply_to", flat=True).first() or ""


def confirmation(link: VisitLink, *, token: str, waiting: int) -> OutgoingEmail | None:
    """To the head of the tutored establishment: confirm and rate what the tutor noted."""
    academy = link.tutor.academy
    return mail.queue(
        "tutoring/emails/visit_confirmation.html",
        to=link.email,
        academy=academy.slug,
        key=link.mail_key,
        reply_to=service_address(academy),
        secret_link=public_url(reverse("visit_enter", args=[token])),
        tutor=str(link.tutor),
        establishment=str(link.establishment.name),
        waiting=waiting,
        service=academy.service_name,
    )
