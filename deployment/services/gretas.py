"""GRETA: units with their own wave, carried by a lycée (no legal personality)."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import User
from accounts.uai import is_valid
from accounts.words import normalise
from deployment.choices import Kind
from deployment.models import Establishment
from deployment.rights import IMPORT_FILES


class GretaRefused(Exception):
    """The GRETA cannot be registered; the message is French and is shown to the person."""


@transaction.atomic
def register_greta(host: Establishment, *, uai: str, name: str, by: User | None) -> Establishment:
    """Add a GRETA hosted by that establishment, at the same place."""
    if not is_valid(uai):
        raise GretaRefused(f"« {uai} » n’est pas un UAI valide.")
    if host.kind == Kind.GRETA:
        raise GretaRefused("Un GRETA ne peut pas en porter un autre.")
    if Establishment.objects.filter(uai=uai).exists():
        raise GretaRefused(f"{uai} est déjà enregistré.")
    greta = Establishment.objects.create(
        academy=host.academy,
        uai=uai,
        kind=Kind.GRETA,
        nature="GRETA",
        name=name,
        sort_name=normalise(f"{name} {host.town}"),
        host=host,
        town=host.town,
        postcode=host.postcode,
        departement=host.departement,
        departement_label=host.departement_label,
        x=host.x,
        y=host.y,
    )
    audit.record(by, IMPORT_FILES, greta, academy=host.academy.slug)
    return greta
