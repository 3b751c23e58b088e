"""Who of ours a foreign identity is: ProConnect authenticates, it does not authorise."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import FederatedIdentity, User
from accounts.rights import ENTER


@transaction.atomic
def recognise(*, issuer: str, subject: str, email: str) -> User | None:
    """The person with a role here that this identity is: by its `sub`, else by the address, which is then attached.

    None for whoever was never invited, is suspended, or has no role left.
    """
    known = FederatedIdentity.objects.filter(issuer=issuer, subject=subject).select_related("user").first()
    if known:
        return known.user if known.user.is_active and known.user.held_grants else None
    invited = User.objects.filter(is_active=True, grants__isnull=False).distinct()
    person = invited.filter(email=email).first() if email else None
    if person:
        FederatedIdentity.objects.create(user=person, issuer=issuer, subject=subject)
        audit.record(person, ENTER, "Identité ProConnect rattachée", academy="", issuer=issuer)
    return person
