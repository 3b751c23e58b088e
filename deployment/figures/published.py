"""The figures that the territory publishes to pages, commands, the API and briefings."""

from accounts.figures import Published
from deployment.figures import agencies, posts, progress, volumetry
from deployment.rights import VIEW_WAVES

FIGURES = (
    Published("volumetry", "Volumétrie par type et par vague", VIEW_WAVES, volumetry.volumetry),
    Published("volumetry_change", "Volumétrie initiale et actuelle", VIEW_WAVES, volumetry.volumetry_change),
    Published("volumetry_difference", "Écart à la volumétrie initiale", VIEW_WAVES, volumetry.volumetry_difference),
    Published("wave_movements", "Mouvements entre vagues", VIEW_WAVES, volumetry.wave_movements),
    Published("wave_map", "Carte des vagues", VIEW_WAVES, volumetry.wave_map),
    Published("wave_sizes", "Taille des vagues dans le temps", VIEW_WAVES, progress.wave_sizes),
    Published("wave_calendar", "Calendrier des vagues", VIEW_WAVES, progress.wave_calendar),
    Published("cutover_progress", "Part des établissements basculés", VIEW_WAVES, progress.cutover_progress),
    Published("split_agencies", "Agences réparties sur plusieurs vagues", VIEW_WAVES, agencies.split_agencies),
    Published("vacant_accountants", "Postes d’agent comptable vacants", VIEW_WAVES, posts.vacant_accountants),
    Published("establishment_count", "Établissements suivis", VIEW_WAVES, progress.establishment_count),
)
