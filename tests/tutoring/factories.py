"""Calls for tutors, for tests."""

from datetime import date
from decimal import Decimal
from typing import Any

from deployment.choices import Sphere
from deployment.models import Academy
from surveys.models.invitations import hash_token
from tutoring.choices.candidates import CallState, TutorFunction
from tutoring.models import TutorCall
from tutoring.services.calls import deadline_for

TOKEN = "token-of-the-call"
PUBLISHED_ON = date(2024, 9, 30)
FUNCTIONS = [TutorFunction.SECRETARY_GENERAL, TutorFunction.DEPUTY_ACCOUNTANT]


def make_call(academy: Academy, *, token: str = TOKEN, **fields: Any) -> TutorCall:
    """A call of the first four waves, published unless `fields` say otherwise; without drawing its letter."""
    values: dict[str, Any] = {
        "reference": "SA/2024-1",
        "title": "Appel à candidatures : tuteurs Op@le",
        "published_on": PUBLISHED_ON,
        "deadline_on": deadline_for(PUBLISHED_ON),
        "recipients": "Mesdames et messieurs les chefs d’établissement",
        "functions": list(FUNCTIONS),
        "waves": ["V1", "V2", "V3", "V4"],
        "spheres": [Sphere.ORDERING, Sphere.ACCOUNTING],
        "rate": Decimal(500),
        "bonus_coefficient": Decimal(3),
        "mission_ends_on": date(2025, 8, 31),
        "extensions": ["2026-08-31", "2027-08-31"],
        "copies": ["diepat@exemple.invalid"],
        "reply_to": "tuteurs@exemple.invalid",
        "body": "Premier paragraphe.\n\nSecond paragraphe.",
        "state": CallState.PUBLISHED,
    } | fields
    if values["state"] != CallState.DRAFT:
        values["token_hash"] = hash_token(token)
    return TutorCall.objects.create(academy=academy, **values)
