"""What the accounts room writes, word for word: the texts of tests/accounts/emails/ are there to be read."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import transaction

from accounts import emails
from accounts.mail_markup import to_mail
from accounts.models import OutgoingEmail, User

GOLDEN = Path(__file__).parent / "emails"
ROLES = ["Agent SA EPLE", "Tuteur (0380033E)"]
WRITE: dict[str, Callable[[User, User], Any]] = {
    "account_changed": lambda to, by: emails.account_changed(to, "Mot de passe modifié"),
    "inactivity": lambda to, by: emails.inactivity(to),
    "invitation": lambda to, by: emails.invitation(to, by=by, academy="grenoble", roles=ROLES),
    "password_link": lambda to, by: emails.password_link(to, uid="1", key="abc"),
    "role_given": lambda to, by: emails.role_given(to, by=by, academy="grenoble", roles=ROLES[:1]),
    "trial": lambda to, by: emails.trial(to, academy="grenoble"),
}


def test_every_template_is_read_here() -> None:
    written = {path.stem for path in Path("templates/accounts/emails").glob("*.html")} - {"layout"}
    assert written == set(WRITE) == {path.stem for path in GOLDEN.glob("*.txt")}


@pytest.mark.parametrize("name", WRITE)
def test_mail_says_what_was_agreed(name: str, samir: User, nadia: User) -> None:
    with time_machine.travel(datetime.fromisoformat("2024-10-08T10:00:00+02:00"), tick=False), transaction.atomic():
        WRITE[name](samir, nadia)
    row = OutgoingEmail.objects.get()
    assert f"{row.subject}\n\n{row.text}" == (GOLDEN / f"{name}.txt").read_text()
    assert "http://localhost:8000" in to_mail(row.html, row.subject)
