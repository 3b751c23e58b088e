"""What an answer says, in words: for its receipt, the pages of the staff and the exports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from deployment.choices import Function, Sphere
from figures.french import count, enumeration, long_day, number_text
from surveys import contents
from surveys.choices import Purpose, QuestionKind, WishReason
from surveys.models import Campaign

Content = Mapping[str, Any]
Lines = list[tuple[str, str]]
SEPARATOR = " · "
NOTHING = "Sans réponse"


def told(campaign: Campaign, content: Content) -> Lines:
    """(French label, value) of each thing answered. Empty for a content that was erased.

    A free questionnaire reads `campaign.questions`: prefetch them to tell many answers.
    """
    return TELLERS[campaign.purpose](campaign, content) if content else []


def _wish(campaign: Campaign, content: Content) -> Lines:
    wish = contents.wish(content)
    lines = [("Vague souhaitée", wish.wave), ("Motif", _label(WishReason, wish.reason))]
    return [*lines, ("Commentaire", wish.comment)] if wish.comment else lines


def _volunteers(campaign: Campaign, content: Content) -> Lines:
    people = contents.volunteers(content)
    if not people:
        return [("Volontaires", "Personne")]
    return [(f"Volontaire {rank}", _volunteer(person)) for rank, person in enumerate(people, start=1)]


def _volunteer(person: contents.Volunteer) -> str:
    return _joined(
        person.name,
        person.email,
        _label(Function, person.function),
        enumeration(_label(Sphere, sphere) for sphere in person.spheres),
        count(person.capacity, "établissement"),
        "à distance aussi" if person.is_remote else "",
        f"secteur : {person.area}" if person.area else "",
        f"motivation : {person.motivation}" if person.motivation else "",
    )


def _trainees(campaign: Campaign, content: Content) -> Lines:
    people = contents.trainees(content)
    lines = [(f"Personne {rank}", _trainee(person)) for rank, person in enumerate(people, start=1)]
    lines = lines or [("Personnes à former", "Aucun besoin")]
    comment = content.get("comment", "")
    return [*lines, ("Commentaire", comment)] if comment else lines


def _trainee(person: contents.Trainee) -> str:
    return _joined(
        person.name,
        person.email,
        _label(Function, person.function),
        _label(Sphere, person.sphere),
        f"arrivée le {_day(person.starts_on)}" if person.starts_on else "",
        f"besoin : {person.need}" if person.need else "",
    )


def _questionnaire(campaign: Campaign, content: Content) -> Lines:
    values = contents.values(content)
    return [(q.label, value_text(q.kind, values.get(q.pk))) for q in campaign.questions.all()]


def value_text(kind: str, value: Any) -> str:
    """What was answered to a question of that kind, as it is read; the name of a file."""
    if value in (None, "", []):
        return NOTHING
    if kind == QuestionKind.MULTIPLE:
        return SEPARATOR.join(map(str, value))
    if kind == QuestionKind.NUMBER:
        return number_text(value) if isinstance(value, int) else str(value).replace(".", ",")
    if kind == QuestionKind.DATE:
        return _day(str(value))
    return str(value["name"]) if isinstance(value, dict) else str(value)


def _day(text: str) -> str:
    try:
        return long_day(date.fromisoformat(text))
    except ValueError:
        return text


def _label(choices: Any, value: str) -> str:
    """The French word of a value; itself when a former version knew another."""
    return str(choices(value).label) if value in choices.values else value


def _joined(*parts: str) -> str:
    return SEPARATOR.join(part for part in parts if part)


TELLERS: dict[str, Callable[[Campaign, Content], Lines]] = {
    Purpose.WAVE_WISH: _wish,
    Purpose.TUTOR_VOLUNTEERS: _volunteers,
    Purpose.TRAINING_NEEDS: _trainees,
    Purpose.QUESTIONNAIRE: _questionnaire,
}
