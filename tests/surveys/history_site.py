"""What the history checker asks of a database of its own: `python -m tests.surveys.history_site`, in its own process.

`prepare` migrates; `campaign` makes one and prints its tokens as JSON; `truth KEY` writes the receipts of that one,
then prints all that the database holds of it; `unlock` takes away the constraint on version numbers, for a mutant.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import Any

import django
from django.core.management import call_command

django.setup()

from django.db import connection  # noqa: E402

from accounts.models import OutgoingEmail  # noqa: E402
from deployment.choices import Function  # noqa: E402
from deployment.models import Establishment  # noqa: E402
from surveys.choices import Progress  # noqa: E402
from surveys.clock import current  # noqa: E402
from surveys.models import Answer, AnswerVersion, Campaign, Invitation  # noqa: E402
from surveys.services import receipts  # noqa: E402
from tests.factories import make_academy, uai  # noqa: E402
from tests.surveys.factories import make_campaign, make_staffed, tokens  # noqa: E402

ESTABLISHMENTS = 4
ASKED = (Function.HEAD, Function.SECRETARY_GENERAL)
NUMBERS_UNIQUE = "answer_version_once"


def prepare() -> None:
    call_command("migrate", verbosity=0, interactive=False)


def campaign() -> dict[str, Any]:
    """One answer an establishment, which two functions may give."""
    academy = make_academy("grenoble", "Grenoble")
    first = 380_001 + Establishment.objects.count()
    places = [make_staffed(academy, uai=uai(first + rank)) for rank in range(ESTABLISHMENTS)]
    now = current(academy)
    made = make_campaign(
        academy, establishments=places, asked=[one.value for one in ASKED], opens_at=now - timedelta(days=1)
    )
    rows = Invitation.objects.filter(entry__campaign=made).select_related("entry__establishment")
    found = tokens(made)
    doors = [
        {
            "path": f"/reponse/{row.pk}/",
            "token": found[row.entry.establishment.uai, row.function],
            "answer": Answer.objects.get(entry=row.entry).pk,
        }
        for row in rows.order_by("pk")
    ]
    return {"campaign": made.pk, "doors": doors}


def truth(key: str) -> dict[str, Any]:
    """Receipts twice, as two clocks would; then rows as they are, and what the screens would say."""
    sent = receipts.send_due() + receipts.send_due()
    made = Campaign.objects.with_progress().get(pk=key)
    versions = AnswerVersion.objects.filter(answer__entry__campaign=made).order_by("answer", "number", "pk")
    fields = ("answer", "number", "submission", "content", "name", "function", "submitted_at")
    rows = Invitation.objects.with_progress(made)
    answers = Answer.objects.filter(entry__campaign=made)
    return {
        "versions": list(versions.values(*fields)),
        "answers": list(answers.values("pk", "entry", "part", "number", "submitted_by", "submitted_at", "receipted")),
        "answered": made.answered_count,
        "asked": made.asked_count,
        "followed": rows.in_progress(Progress.ANSWERED).count(),
        "sent": sent,
        "receipts": list(OutgoingEmail.objects.filter(key__startswith="survey-receipt-").values_list("key", flat=True)),
    }


def unlock() -> None:
    """Let two versions bear one number; PostgreSQL only."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE surveys_answerversion DROP CONSTRAINT {NUMBERS_UNIQUE}")


if __name__ == "__main__":
    acts = {"prepare": prepare, "campaign": campaign, "truth": truth, "unlock": unlock}
    sys.stdout.write(json.dumps(acts[sys.argv[1]](*sys.argv[2:]), default=str))  # type: ignore[operator]
