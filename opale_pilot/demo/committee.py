"""The COSUI of 8 October 2024: its agenda, and the words of its slides as they were shown."""

from __future__ import annotations

from datetime import date

from cosui import services
from cosui.choices import SectionKind
from cosui.models import AgendaItem, Meeting, TypedSlide
from deployment.models import Academy

HELD_ON = date(2024, 10, 8)
Slides = tuple[tuple[str, str, str], ...]  # headline, text, source

VOLUMETRY_COMMENT = """- Objectif : amoindrir la dernière vague, V12
- 1 GRETA pilote en V8 (Haute-Savoie) et les 3 autres en V12"""

SECTIONS = {
    "Volumétrie V8 à V12": SectionKind.VOLUMETRY,
    "Retour tutorat 2024-2025": SectionKind.VOLUNTEERS,
    "Besoins formation V8": SectionKind.TRAINING,
}
AGENDA: tuple[tuple[str, date, Slides], ...] = (
    ("Volumétrie V8 à V12", date(2024, 10, 1), ()),
    ("Retour tutorat 2024-2025", date(2024, 9, 30), ()),
    ("Besoins formation V8", date(2024, 10, 3), ()),
    (
        "Intégrations des budgets",
        date(2024, 9, 27),
        (
            (
                "Bascule V7 au 27 septembre : pas de ticket en cours à la DSI",
                "# Accompagnement\n"
                "- Via un ticket SUMIT (DSI)\n"
                "- Via un phoning aux établissements par le bureau Rconseil\n"
                "# Tickets\n"
                "- Pas de ticket en cours au niveau de la DSI\n"
                "- 2 tickets ouverts au national",
                "Source : DSI et bureau Rconseil, situation au 27 septembre 2024.",
            ),
        ),
    ),
    (
        "Relance de la campagne des clés OTP",
        HELD_ON,
        (
            (
                "Une seule campagne pour les établissements V1 à V8",
                "# Qui\n"
                "Les établissements déjà dans Op@le (V1 à V7) et ceux qui intègrent la V8.\n"
                "# Comment\n"
                "Comme pour les vagues précédentes, la DSI ouvre un formulaire Colibris. Le lien est envoyé aux chefs "
                "d’établissement sous Op@le.\n"
                "# En copie\n"
                "- Secrétaires généraux\n"
                "- Agents comptables concernés\n"
                "- Fondés de pouvoir (COSUI de juillet 2024)",
                "",
            ),
        ),
    ),
    (
        "Suivi des demandes d’assistance",
        HELD_ON,
        (
            (
                "Dans chaque vague, des tickets de demande d’accès",
                "Dans chaque vague figurent des tickets relatifs aux demandes d’accès (habilitations).\n"
                "- Générer les adresses mail et l’accès au portail intranet au plus près de la prise de poste des "
                "nouveaux utilisateurs",
                "",
            ),
            (
                "Mieux identifier les tickets, mieux guider leur saisie",
                "# Identifier\n"
                "La DSI travaille à une identification plus précise des tickets :\n"
                "- demande d’accès\n"
                "- incident technique\n"
                "- question métier ou fonctionnelle\n"
                "- demande d’évolution\n"
                "# Guider\n"
                "Nous envisageons un formulaire qui guide l’utilisateur dans la saisie de son ticket et l’invite à "
                "donner les éléments indispensables pour lui répondre, propres à Op@le.",
                "",
            ),
        ),
    ),
    (
        "Stratégie de remontée des demandes d’évolutions",
        HELD_ON,
        (
            (
                "Du ticket à la remontée nationale, en quatre étapes",
                "1. Typologie\n"
                "  - Typologie des tickets par la DSI, et notamment identification des demandes d’évolution\n"
                "2. Analyse\n"
                "  - Analyse de ces tickets lors des EP@C mensuels\n"
                "3. Discussion\n"
                "  - Présentation et discussion en COSUI\n"
                "4. Remontée\n"
                "  - Remontée au national",
                "",
            ),
        ),
    ),
    (
        "Perspectives d’évolution de la formation",
        HELD_ON,
        (
            (
                "De la préparation à la bascule à la formation des usagers",
                "- Passage d’une logique de préparation à la bascule à une logique de formation des usagers\n"
                "- Réflexion sur la rénovation de la formation à la fonction financière\n"
                "- Réflexion sur la formation métier SG\n"
                "  - Néo-secrétaires généraux\n"
                "  - Formation continue\n"
                "- Mise en place d’un comité de pilotage et de suivi du catalogue des formations",
                "",
            ),
        ),
    ),
    (
        "Plateforme documentaire",
        HELD_ON,
        (
            (
                "Deux supports identifiés pour les documents ressources",
                "# Besoins\n"
                "- Une plateforme ergonomique et facile d’utilisation, accessible par MF²\n"
                "- Réactivité et traçabilité des mises à jour des modes opératoires\n"
                "# Supports\n"
                "- TRIBU : sans difficulté technique\n"
                "- RESANA : sans bloquant, en attente du retour de la DINUM pour accès et points techniques\n"
                "# Pour\n"
                "- Regrouper les informations par thématique, avec recherche par mot-clé\n"
                "- Supprimer les documents obsolètes\n"
                "- Disposer de fiches « correctifs en cas d’erreur » par thématique",
                "",
            ),
        ),
    ),
)


def load(academy: Academy) -> Meeting:
    """The meeting and its nine points; the first three are drawn from the registers, the surveys and the tutoring."""
    meeting = services.plan_meeting(academy, HELD_ON, by=None)
    for title, on, slides in AGENDA:
        item = AgendaItem(meeting=meeting, title=title, on=on)
        item.section = SECTIONS.get(title, SectionKind.TYPED)
        if item.section == SectionKind.VOLUMETRY:
            item.comment = VOLUMETRY_COMMENT
            item.parameters = {"from_wave": "V8", "to_wave": "V12"}
        services.save_item(item, by=None)
        for headline, text, source in slides:
            services.save_slide(TypedSlide(item=item, headline=headline, text=text, source=source), by=None)
    return meeting
