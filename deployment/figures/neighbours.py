"""Where an establishment is, among those of its accounting agency."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from deployment.models import Academy, Establishment
from figures.french import short_day
from figures.kinds import Place, PointMap, Population

OWN, SAME_AGENCY = "own", "same_agency"


def agency_map(
    academy: Academy, establishment: Establishment, colleagues: Sequence[Establishment], *, on: date
) -> PointMap:
    """The establishment, drawn last, and its colleagues, over their départements. Reads nothing."""
    others = [colleague for colleague in colleagues if colleague.pk != establishment.pk]
    everyone = [*others, establishment]
    located = [row for row in everyone if row.x is not None and row.y is not None]
    groups = [(OWN, "Cet établissement")]
    return PointMap(
        name="agency_map",
        title=f"{establishment.name} et son agence comptable" if others else establishment.name,
        academy=academy.slug,
        on=on,
        population=Population(f"Établissements de l’agence comptable au {short_day(on)}", len(everyone)),
        source="Annuaire de l’éducation ; registre des rattachements",
        groups=tuple([(SAME_AGENCY, "Même agence comptable"), *groups] if others else groups),
        places=tuple(
            Place(row.uai, row.name, OWN if row.pk == establishment.pk else SAME_AGENCY, row.x or 0.0, row.y or 0.0)
            for row in located
        ),
        outlines=tuple(sorted({row.departement for row in everyone})),
        unlocated=len(everyone) - len(located),
        rows={OWN: (establishment.uai,), SAME_AGENCY: tuple(row.uai for row in others)},
    )
