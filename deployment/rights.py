"""Who may do what in the territory."""

from accounts.choices import Role
from accounts.rights import right

STAFF = (Role.LEAD, Role.STAFF)
READERS = (*STAFF, Role.CALLER, Role.TRAINING, Role.HR, Role.DSI)

VIEW_WAVES = right("deployment.view_waves", "Voir la volumétrie et les vagues", *READERS, Role.MEMBER)
VIEW_ESTABLISHMENTS = right("deployment.view_establishments", "Voir les établissements", *READERS, is_scoped=True)
EDIT_ACADEMY = right("deployment.edit_academy", "Régler l’académie", Role.LEAD)
MOVE_WAVES = right("deployment.move_waves", "Déplacer des établissements de vague", *STAFF)
DECIDE_WAVES = right("deployment.decide_waves", "Geler, rouvrir ou supprimer une vague", Role.LEAD)
IMPORT_FILES = right("deployment.import_files", "Importer des fichiers", *STAFF)
VIEW_POSTS = right("deployment.view_posts", "Voir les personnes en poste", *READERS)
EDIT_POSTS = right("deployment.edit_posts", "Tenir à jour les personnes en poste", *STAFF, Role.CALLER)
