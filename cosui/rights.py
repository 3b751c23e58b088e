"""Who may do what around the committee."""

from accounts.choices import Role
from accounts.rights import right

STAFF = (Role.LEAD, Role.STAFF)

VIEW_MEETINGS = right("cosui.view_meetings", "Voir les comités et leur ordre du jour", *STAFF, Role.MEMBER, Role.DSI)
EDIT_AGENDA = right("cosui.edit_agenda", "Préparer l’ordre du jour", *STAFF)
COMPOSE_BRIEFING = right("cosui.compose_briefing", "Composer un dossier", *STAFF)
PUBLISH_BRIEFING = right("cosui.publish_briefing", "Publier un dossier aux membres", Role.LEAD)
VIEW_DRAFTS = right("cosui.view_drafts", "Voir les dossiers non publiés", *STAFF)
DOWNLOAD_BRIEFING = right("cosui.download_briefing", "Télécharger un dossier", *STAFF, Role.MEMBER, Role.DSI)
