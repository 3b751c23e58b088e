"""Words of the committee."""

from django.db.models import TextChoices


class SectionKind(TextChoices):
    """What an agenda item shows in the briefing; `cosui/sections.py` draws each."""

    VOLUMETRY = "volumetry", "Volumétrie et vœux de vague (depuis les registres)"
    VOLUNTEERS = "volunteers", "Besoins de tutorat et volontaires (depuis les registres et l’enquête)"
    TRAINING = "training", "Besoins de formation (depuis l’enquête)"
    TYPED = "typed", "Texte saisi"
