"""What a letter or an order says when no one has written anything else, and the closed list of its fields.

The default texts follow the call of Aix-Marseille of 22 January 2024: close support, trips paid, training in taking
over a screen, indemnity, one school year.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from accounts.placeholders import FIELD, unknown_names
from tutoring.choices.papers import PaperKind

PLACES = "tutorats"  # alone in its paragraph, it becomes a table

FIELDS: Mapping[str, str] = {
    "tuteur": "prénom et nom du tuteur",
    "fonction": "sa fonction",
    "etablissement": "son établissement d’exercice, ou l’académie dont il vient",
    "spheres": "ses sphères",
    PLACES: "les agences comptables et les établissements tutorés ; seul dans son paragraphe, il devient un tableau",
    "annee": "année scolaire, par exemple 2024-2025",
    "debut": "premier jour de validité",
    "fin": "dernier jour de validité",
    "jour": "jour où la lettre ou l’ordre est émis",
    "numero": "numéro de la lettre ou de l’ordre",
    "formation": "une phrase : la formation à la prise en main à distance, suivie ou à suivre",
    "indemnite": "l’indemnité de l’appel auquel la personne a répondu",
    "service": "nom du service académique",
    "academie": "nom de l’académie",
}


class TextRefused(Exception):
    """A text cannot be kept as it is; the message is French and is shown to the person."""


@dataclass(frozen=True)
class PaperText:
    """The words of a template. An empty line parts the paragraphs of `body`; a line break is kept."""

    title: str
    body: str
    signatory: str
    routing: str = ""
    copies: str = ""

    @property
    def paragraphs(self) -> list[str]:
        """Paragraphs of the body, spaces aside."""
        parts = self.body.replace("\r\n", "\n").replace("\r", "\n").split("\n\n")
        return [part.strip() for part in parts if part.strip()]

    def check(self) -> None:
        """Raises `TextRefused` for a field that does not exist, two tables, or an empty part that is needed."""
        unknown = sorted({name for text in asdict(self).values() for name in unknown_names(text, FIELDS)})
        if unknown:
            raise TextRefused(f"Champ inconnu : {', '.join(unknown)}. Voir la liste des champs.")
        if not self.title.strip() or not self.paragraphs or not self.signatory.strip():
            raise TextRefused("Le titre, le texte et le signataire sont obligatoires.")
        if sum(is_table(paragraph) for paragraph in self.paragraphs) > 1:
            raise TextRefused(f"Le champ {{{PLACES}}} ne peut être seul dans son paragraphe qu’une fois.")


def is_table(paragraph: str) -> bool:
    """Whether this paragraph of a template becomes the table of what is tutored."""
    found = FIELD.fullmatch(paragraph)
    return found is not None and found[1].strip() == PLACES


def shown_fields() -> Iterator[tuple[str, str]]:
    """« {tuteur} », what it becomes: as a page tells them."""
    return ((f"{{{name}}}", meaning) for name, meaning in FIELDS.items())


SIGNATORY = "Pour le recteur et par délégation,\nLe secrétaire général de l’académie"

DEFAULTS: Mapping[PaperKind, PaperText] = {
    PaperKind.MISSION_LETTER: PaperText(
        title="Lettre de mission de tuteur Op@le",
        routing="s/c de la cheffe ou du chef d’établissement",
        body="""\
La présente lettre vous confie la mission de tuteur Op@le dans l’{academie}, pour l’année scolaire {annee}, du {debut} \
au {fin}. Elle en fixe le contenu.

Vous accompagnez en proximité les utilisateurs d’Op@le dans leur déploiement et dans leur usage quotidien du \
progiciel, en complément de la formation qu’ils ont reçue dans le cadre du plan académique. Vous intervenez dans les \
établissements suivants :

{tutorats}

Vous pouvez vous déplacer dans chacun de ces établissements ou exercer votre tutorat à distance. Un ordre de mission \
permanent, valable pour la même année scolaire, permet la prise en charge de vos déplacements. {formation}

Le {service} et l’école académique de la formation continue (EAFC) vous réunissent régulièrement. Vous y faites part \
de votre analyse du plan d’accompagnement, au regard de vos échanges avec les utilisateurs, et vous proposez les \
actions propres à l’améliorer, en particulier pour ceux qui rencontrent le plus de difficultés. Vous participez à \
l’ensemble des actions d’information, de formation et de suivi.

Votre engagement est reconnu par {indemnite}.

Cette mission s’achève le {fin}. Elle peut être prolongée par une nouvelle lettre, ou prendre fin plus tôt à votre \
demande ou à l’initiative du service.""",
        signatory=SIGNATORY,
        copies="Copie : division des personnels (DIEPAT)",
    ),
    PaperKind.TRAVEL_ORDER: PaperText(
        title="Ordre de mission permanent",
        body="""\
La personne désignée ci-dessus, dont la résidence administrative est : {etablissement}, est chargée d’une mission \
permanente de tutorat Op@le pour l’année scolaire {annee}.

À ce titre, elle est autorisée à se déplacer, pour les besoins de sa mission, entre sa résidence administrative et \
les établissements suivants :

{tutorats}

Le présent ordre vaut également pour les réunions et les formations organisées par le {service} et par l’école \
académique de la formation continue (EAFC), y compris la formation à la prise en main à distance.

Les frais de déplacement sont pris en charge dans les conditions fixées par le décret \
n°\N{NO-BREAK SPACE}2006-781 du 3 juillet 2006. L’usage d’un véhicule personnel est \
soumis à l’autorisation préalable du chef de service.

Cet ordre de mission est valable du {debut} au {fin}.""",
        signatory=SIGNATORY,
    ),
}
