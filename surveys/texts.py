"""What each purpose proposes to a new campaign: functions, title and mail texts, all of which may be changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deployment.choices import Function
from surveys.choices import Purpose


@dataclass(frozen=True)
class Proposal:
    """`summary` tells the purpose to the agent who chooses it; the mail adds the link, the deadline and the sender."""

    summary: str
    title: str
    asked: tuple[Function, ...]
    copied: tuple[Function, ...]
    subject: str
    body: str
    reminder_body: str

    @property
    def reminder_subject(self) -> str:
        return f"Rappel – {self.subject}"


HELLO = "Madame, Monsieur,"
IF_DONE = (
    "Si vous avez répondu entre-temps, ne tenez pas compte de ce message. Si une autre personne doit répondre, vous "
    "pouvez lui confier la préparation depuis la page."
)

PROPOSALS: Mapping[Purpose, Proposal] = {
    Purpose.WAVE_WISH: Proposal(
        summary="Le chef d’établissement et l’agent comptable disent, chacun de son côté, la vague qui leur convient.",
        title="Vœux de vague",
        asked=(Function.HEAD, Function.ACCOUNTANT),
        copied=(Function.SECRETARY_GENERAL, Function.DEPUTY_ACCOUNTANT),
        subject="Op@le : votre vœu de vague pour {etablissements}",
        body=(
            f"{HELLO}\n\n"
            "Le {service} prépare le calendrier de bascule vers Op@le. Vous êtes invité, comme {fonction}, à "
            "indiquer la vague qui vous convient pour {etablissements}, avec la raison de ce choix.\n\n"
            "L’ordonnateur et l’agent comptable répondent séparément. Si les deux vœux diffèrent, nous reviendrons "
            "vers vous avant toute décision."
        ),
        reminder_body=(
            f"{HELLO}\n\n"
            "Nous n’avons pas encore reçu votre vœu de vague pour {etablissements}. Sans réponse avant le {cloture}, "
            "la vague prévue sera maintenue.\n\n"
            f"{IF_DONE}"
        ),
    ),
    Purpose.TUTOR_VOLUNTEERS: Proposal(
        summary="L’établissement signale les personnes prêtes à accompagner ceux qui basculent, s’il y en a.",
        title="Appel à tuteurs volontaires",
        asked=(Function.HEAD,),
        copied=(Function.SECRETARY_GENERAL, Function.ACCOUNTANT),
        subject="Op@le : qui, dans votre établissement, accepterait d’être tuteur ?",
        body=(
            f"{HELLO}\n\n"
            "Votre établissement travaille déjà dans Op@le. Le {service} recherche des personnes volontaires pour "
            "accompagner, dans leurs premiers mois, des établissements qui vont basculer, en sphère ordonnateur ou "
            "comptable.\n\n"
            "Merci d’indiquer, pour {etablissements}, les volontaires, avec leur accord. « Personne » est aussi une "
            "réponse : elle nous évite de vous relancer."
        ),
        reminder_body=(
            f"{HELLO}\n\n"
            "Nous n’avons pas encore votre réponse, pour {etablissements}, à l’appel à tuteurs volontaires. Une minute "
            "suffit s’il n’y a pas de volontaire.\n\n"
            f"{IF_DONE}"
        ),
    ),
    Purpose.TRAINING_NEEDS: Proposal(
        summary="L’établissement nomme les personnes à former à Op@le, avec leur fonction et leur sphère, s’il y en a.",
        title="Recensement des besoins de formation",
        asked=(Function.HEAD,),
        copied=(Function.SECRETARY_GENERAL,),
        subject="Op@le : vos besoins de formation",
        body=(
            f"{HELLO}\n\n"
            "Avant la bascule vers Op@le, chaque personne qui s’en servira est formée. Merci d’indiquer, pour "
            "{etablissements}, les personnes à former : leur fonction, leur sphère et leur date de prise de poste "
            "si elles arrivent.\n\n"
            "« Aucun besoin » est aussi une réponse. Les convocations seront établies d’après votre liste."
        ),
        reminder_body=(
            f"{HELLO}\n\n"
            "Nous n’avons pas encore votre liste des personnes à former pour {etablissements}. Après le {cloture}, les "
            "places seront réparties entre les établissements qui ont répondu.\n\n"
            f"{IF_DONE}"
        ),
    ),
    Purpose.QUESTIONNAIRE: Proposal(
        summary="Vos propres questions : choix, nombre, texte, date ou fichier.",
        title="",
        asked=(Function.HEAD,),
        copied=(Function.SECRETARY_GENERAL,),
        subject="Op@le : {enquete}",
        body=(
            f"{HELLO}\n\n"
            "Le {service} a besoin de quelques informations pour {etablissements}. Merci de répondre avant le "
            "{cloture}."
        ),
        reminder_body=(
            f"{HELLO}\n\n"
            "Nous n’avons pas encore reçu votre réponse à « {enquete} », pour {etablissements}.\n\n"
            f"{IF_DONE}"
        ),
    ),
}
