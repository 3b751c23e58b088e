"""What the tutoring writes to candidates."""

from __future__ import annotations

from accounts import mail
from accounts.models import OutgoingEmail
from figures.french import long_day
from tutoring.choices.candidates import ApplicationOrigin, ApplicationState
from tutoring.models import Application

DECISIONS = {
    ApplicationState.ACCEPTED: "tutoring/emails/application_accepted.html",
    ApplicationState.POOLED: "tutoring/emails/application_pooled.html",
    ApplicationState.REFUSED: "tutoring/emails/application_refused.html",
}


def acknowledgement(application: Application) -> OutgoingEmail | None:
    """To who has applied to a call, at once, in copy to those whom the call names; nothing without an address."""
    call = application.call
    if call is None or not application.email:
        return None
    return mail.queue(
        "tutoring/emails/application_received.html",
        to=application.email,
        cc=call.copies,
        academy=application.academy.slug,
        key=f"tutor-application-{application.pk}",
        reply_to=call.reply_to,
        **_told(application),
        reference=call.reference,
        function=application.get_function_display(),
        spheres=", ".join(application.sphere_labels),
        capacity=application.capacity,
        available_from=long_day(application.available_from) if application.available_from else "",
        is_remote=application.is_remote,
        area=application.area,
        received_on=long_day(application.received_on),
        deadline=long_day(call.deadline_on),
        is_late=application.is_late,
        by_staff=application.origin == ApplicationOrigin.STAFF,
    )


def decision(application: Application, *, batch: str) -> OutgoingEmail | None:
    """To the person, what two persons decided: a draft, read and released on the page « Envois »."""
    if not application.email:
        return None
    call = application.call
    return mail.queue(
        DECISIONS[ApplicationState(application.state)],
        to=application.email,
        academy=application.academy.slug,
        key=decision_key(application),
        reply_to=call.reply_to if call else "",
        draft=batch,
        **_told(application),
        mission_end=long_day(call.mission_ends_on) if call else "",
    )


def decision_key(application: Application) -> str:
    return f"tutor-decision-{application.pk}"


def _told(application: Application) -> dict[str, str]:
    return {
        "name": application.name,
        "call": application.call.title if application.call else "",
        "establishment": application.establishment.name,
        "service": application.academy.service_name,
    }
