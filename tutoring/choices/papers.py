"""Words of the letters and orders of mission."""

from django.db.models import TextChoices


class PaperKind(TextChoices):
    """What a tutor is given, each for one school year."""

    MISSION_LETTER = "letter", "Lettre de mission"
    TRAVEL_ORDER = "order", "Ordre de mission permanent"


PAPER_PREFIXES = {PaperKind.MISSION_LETTER: "LM", PaperKind.TRAVEL_ORDER: "OMP"}


class PaperState(TextChoices):
    """Where a letter or an order stands: the last event of its register."""

    ISSUED = "issued", "À signer"
    SENT = "sent", "À la signature"
    SIGNED = "signed", "Signé"
    REFUSED = "refused", "Signature refusée"
    CANCELLED = "cancelled", "Annulé"
    REPLACED = "replaced", "Remplacé"


# What may follow each state, by the hand of a person; `REPLACED` is written by the paper that replaces.
PAPER_STEPS = {
    PaperState.ISSUED: (PaperState.SENT, PaperState.CANCELLED),
    PaperState.SENT: (PaperState.SIGNED, PaperState.REFUSED, PaperState.CANCELLED),
    PaperState.SIGNED: (PaperState.CANCELLED,),
    PaperState.REFUSED: (),
    PaperState.CANCELLED: (),
    PaperState.REPLACED: (),
}
LIVE_PAPERS = (PaperState.ISSUED, PaperState.SENT, PaperState.SIGNED)
