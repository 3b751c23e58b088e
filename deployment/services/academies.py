"""The settings of an académie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.models import User
from deployment.models import Academy
from deployment.rights import EDIT_ACADEMY


@transaction.atomic
def edit(academy: Academy, changes: Mapping[str, Any], *, by: User | None) -> dict[str, tuple[str, str]]:
    """Write the settings that differ, and the trail of each as (before, after); returns them. None differ: no trail."""
    held = Academy.objects.select_for_update(of=("self",)).get(pk=academy.pk)
    differing = {name: value for name, value in changes.items() if getattr(held, name) != value}
    told = {name: (str(getattr(held, name)), str(value)) for name, value in differing.items()}
    if differing:
        for name, value in differing.items():
            setattr(held, name, value)
        held.save(update_fields=list(differing))
        audit.record(by, EDIT_ACADEMY, held, academy=held.slug, **told)
    return told
