"""The figures that the surveys publish to pages, commands, the API and briefings."""

from accounts.figures import Published
from surveys.figures import persons, responses, wishes
from surveys.rights import VIEW_CAMPAIGNS

FIGURES = (
    Published("wave_wishes", "Vagues souhaitées", VIEW_CAMPAIGNS, wishes.wave_wishes),
    Published("wave_wish_distance", "Écart des vœux au calendrier prévu", VIEW_CAMPAIGNS, wishes.wave_wish_distance),
    Published("followed_wishes", "Vœux suivis par le calendrier", VIEW_CAMPAIGNS, wishes.followed_wishes),
    Published("divergent_wishes", "Vœux divergents à trancher", VIEW_CAMPAIGNS, wishes.divergent_wishes),
    Published("tutor_volunteers", "Tuteurs volontaires", VIEW_CAMPAIGNS, persons.tutor_volunteers),
    Published("training_needs", "Besoins de formation", VIEW_CAMPAIGNS, persons.training_needs),
    Published("response_rate", "Taux de réponse à une enquête", VIEW_CAMPAIGNS, responses.response_rate),
    Published("response_curve", "Réponses reçues au fil des jours", VIEW_CAMPAIGNS, responses.response_curve),
)
