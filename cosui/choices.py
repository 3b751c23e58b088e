"""Words of the committee."""

from django.db.models import TextChoices


class SectionKind(TextChoices):
    """What an agenda item shows in the briefing; `cosui/sections.py` draws each."""

    VOLUMETRY = "volumetry", "Volumétrie (depuis les registres)"
    TYPED = "typed", "Texte saisi"
