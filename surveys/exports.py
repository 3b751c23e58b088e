"""What leaves the surveys as a file: the follow-up row by row, the answers with a column for each thing asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils import timezone

from deployment.choices import Function, Sphere
from figures.french import enumeration
from surveys import contents
from surveys.choices import Progress, Purpose, QuestionKind, WishReason
from surveys.models import AnswerVersion, Campaign, Invitation, PopulationEntry, Question
from surveys.models.invitations import InvitationQuerySet
from surveys.reading import value_text

Row = list[Any]
Versions = dict[str, AnswerVersion]
PLACE = ("UAI", "Établissement", "Commune", "Département", "Vague à l’envoi", "Agence comptable (UAI du siège)")
FOLLOW_UP = (
    *PLACE,
    "Fonction",
    "Personne",
    "Adresse électronique",
    "État",
    "Ouverte le",
    "Brouillon enregistré le",
    "Répondue le",
    "Répondue par",
    "Relances",
    "Dernière relance",
    "Précision",
)
RECEIVED = ("État", "Répondue par", "Fonction du répondant", "Répondue le", "Provenance", "Après la clôture")
WISH = ("Vague souhaitée", "Motif", "Commentaire")
VOLUNTEER = (
    *("Nom", "Adresse électronique", "Fonction", "Sphères"),
    *("Établissements acceptés", "À distance", "Secteur", "Motivation"),
)
TRAINEE = ("Nom", "Adresse électronique", "Fonction", "Sphère", "Arrivée le", "Besoin", "Commentaire")


def follow_up_rows(rows: InvitationQuerySet) -> Iterator[Row]:
    """One line a function of an establishment, in the order of `FOLLOW_UP`; `rows` come `with_progress`."""
    ordered = rows.order_by("entry__establishment__sort_name", "entry_id", "function")
    for row in ordered.select_related("recipient", "entry__establishment").iterator(chunk_size=1000):
        yield [*_place(row.entry), *_progress(row)]


def _progress(row: Invitation) -> Row:
    person = row.recipient
    return [
        row.get_function_display(),
        person.name if person else "",
        person.email if person else "",
        Progress(row.progress).label,
        row.opened_at,
        row.draft_saved_at,
        row.answered_at,
        row.answered_by,
        person.reminders if person else 0,
        person.reminded_at if person else None,
        row.disowned_note,
    ]


def spoken(rows: Iterable[Row]) -> Iterator[Row]:
    """The same for a file without types: instants in Paris time, « 03/10/2024 14:05 »."""
    for row in rows:
        yield [f"{timezone.localtime(v):%d/%m/%Y %H:%M}" if isinstance(v, datetime) else v for v in row]


def answers(campaign: Campaign) -> tuple[list[str], Iterator[Row]]:
    """Headings and lines: one an establishment, or one a person for volunteers and training needs.

    Who has not answered has a line too, which says so.
    """
    versions: dict[int, Versions] = {}
    current = AnswerVersion.objects.filter(answer__entry__campaign=campaign, number=F("answer__number"))
    for version in current.select_related("answer"):
        versions.setdefault(version.answer.entry_id, {})[version.answer.part] = version
    entries = campaign.entries.filter(is_excluded=False).select_related("establishment")
    entries = entries.order_by("establishment__sort_name", "pk")
    heading, lines = EXPORTS[campaign.purpose](campaign)

    def rows() -> Iterator[Row]:
        for entry in entries.iterator(chunk_size=1000):
            for line in lines(versions.get(entry.pk, {})):
                yield [*_place(entry), *line]

    return [*PLACE, *heading], rows()


Lines = Callable[[Versions], Iterator[Row]]
Export = tuple[list[str], Lines]


def _wishes(campaign: Campaign) -> Export:
    """The functions asked side by side."""
    labels = {part: Function(part).label for part in campaign.parts}
    heading = [f"{label} : {title.lower()}" for label in labels.values() for title in (*RECEIVED, *WISH)]

    def lines(versions: Versions) -> Iterator[Row]:
        yield [value for part in labels for value in (*_received(versions.get(part)), *_wish(versions.get(part)))]

    return heading, lines


def _wish(version: AnswerVersion | None) -> Row:
    if version is None or not version.content:
        return [""] * len(WISH)
    wish = contents.wish(version.content)
    return [wish.wave, _label(WishReason, wish.reason), wish.comment]


def _volunteers(campaign: Campaign) -> Export:
    def lines(versions: Versions) -> Iterator[Row]:
        version = versions.get("")
        people = contents.volunteers(version.content) if version and version.content else []
        for person in people:
            told = [person.name, person.email, _label(Function, person.function), _spheres(person.spheres)]
            offer = [person.capacity, _yes(person.is_remote), person.area, person.motivation]
            yield [*_received(version), *told, *offer]
        if not people:
            yield [*_received(version), "Personne" if version else "", *[""] * (len(VOLUNTEER) - 1)]

    return [*RECEIVED, *VOLUNTEER], lines


def _trainees(campaign: Campaign) -> Export:
    def lines(versions: Versions) -> Iterator[Row]:
        version = versions.get("")
        content = version.content if version and version.content else {"people": []}
        comment, people = content.get("comment", ""), contents.trainees(content)
        for person in people:
            told = [person.name, person.email, _label(Function, person.function), _label(Sphere, person.sphere)]
            yield [*_received(version), *told, person.starts_on, person.need, comment]
        if not people:
            yield [*_received(version), "Aucun besoin" if version else "", *[""] * (len(TRAINEE) - 2), comment]

    return [*RECEIVED, *TRAINEE], lines


def _questionnaire(campaign: Campaign) -> Export:
    questions = list(campaign.questions.all())

    def lines(versions: Versions) -> Iterator[Row]:
        version = versions.get("")
        values = contents.values(version.content) if version and version.content else {}
        yield [*_received(version), *[_value(question, values.get(question.pk)) for question in questions]]

    return [*RECEIVED, *[question.label for question in questions]], lines


def _value(question: Question, value: Any) -> Any:
    """A number stays one; nothing is an empty cell."""
    if value in (None, "", []):
        return ""
    is_number = question.kind == QuestionKind.NUMBER and isinstance(value, int | float)
    return value if is_number else value_text(question.kind, value)


def _place(entry: PopulationEntry) -> Row:
    place = entry.establishment
    return [place.uai, place.name, place.town, place.departement_label, entry.wave_code, entry.agency_uai]


def _received(version: AnswerVersion | None) -> Row:
    if version is None:
        return ["Sans réponse", *[""] * (len(RECEIVED) - 1)]
    origin, late = version.get_origin_display(), _yes(version.is_late)
    return ["Répondue", version.name, version.function, version.submitted_at, origin, late]


def _yes(value: bool) -> str:
    return "oui" if value else "non"


def _spheres(values: tuple[str, ...]) -> str:
    return enumeration(_label(Sphere, value) for value in values)


def _label(choices: Any, value: str) -> str:
    return str(choices(value).label) if value in choices.values else value


EXPORTS: dict[str, Callable[[Campaign], Export]] = {
    Purpose.WAVE_WISH: _wishes,
    Purpose.TUTOR_VOLUNTEERS: _volunteers,
    Purpose.TRAINING_NEEDS: _trainees,
    Purpose.QUESTIONNAIRE: _questionnaire,
}
