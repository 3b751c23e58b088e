"""What a paper says on a day: the values of its fields read from the registers, and the letter they make."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from accounts.placeholders import fill
from deployment.choices import Sphere
from deployment.models import Academy, Establishment
from figures.french import enumeration, euros, in_sentence, long_day
from figures.letters import Letter
from tutoring.choices.candidates import CallState
from tutoring.choices.papers import PaperKind
from tutoring.coverage import spells
from tutoring.models import Tutor, TutorCall
from tutoring.paper_texts import PLACES, PaperText, is_table

NO_PLACE = "les établissements que le service lui confiera"
NO_RATE = "l’indemnité prévue par les textes en vigueur"
TRAINED = "Vous avez suivi le {day} la formation à la prise en main à distance de l’écran d’un utilisateur."
TO_TRAIN = "Vous bénéficiez d’une formation à la prise en main à distance de l’écran d’un utilisateur."

Places = tuple[tuple[str, str], ...]  # (agency, its sphere and establishments)


@dataclass(frozen=True)
class Situation:
    """What the registers say of an académie on a day, read once for any number of tutors."""

    academy: Academy
    places: Mapping[int, Places]  # by tutor
    rate: TutorCall | None

    @classmethod
    def of(cls, academy: Academy, on: date) -> Situation:
        """A constant number of queries, whatever the number of tutors."""
        calls = TutorCall.objects.filter(academy=academy).exclude(state=CallState.DRAFT)
        return cls(academy, _places(academy, on), calls.first())

    def places_of(self, tutor: Tutor) -> Places:
        return self.places.get(tutor.pk, ())


def _places(academy: Academy, on: date) -> dict[int, Places]:
    """By tutor, each agency and sphere with the establishments tutored that day, in the order of their names."""
    rows = Establishment.objects.filter(academy=academy).with_agency(on).order_by("sort_name", "uai")
    order = {row.pk: (rank, row) for rank, row in enumerate(rows)}
    seats = {row.uai: row.name for _, row in order.values()}
    found: dict[int, dict[tuple[str, str], list[tuple[int, Establishment]]]] = defaultdict(lambda: defaultdict(list))
    for spell in spells(academy, on, on):
        rank, place = order[spell.establishment]
        found[spell.tutor][place.agency_uai or "", spell.sphere].append((rank, place))
    return {
        tutor: tuple(
            (f"Agence comptable : {seats[seat]} ({seat})", f"{Sphere(sphere).label} : {_told(places)}")
            for (seat, sphere), places in sorted(held.items(), key=lambda item: (seats[item[0][0]], item[0]))
        )
        for tutor, held in found.items()
    }


def _told(places: list[tuple[int, Establishment]]) -> str:
    in_order = [place for _, place in sorted(places, key=lambda item: item[0])]
    return enumeration(f"{place.name} ({place.town})" if place.town else place.name for place in in_order)


@dataclass(frozen=True)
class Draft:
    """A paper about to be issued."""

    kind: PaperKind
    number: str
    year: str
    on: date
    valid_from: date
    valid_to: date


def values_of(tutor: Tutor, situation: Situation, draft: Draft) -> dict[str, str]:
    """The value of each field, one line each. A value is never read again for fields."""
    academy = situation.academy
    call = (tutor.application.call if tutor.application else None) or situation.rate
    trained = tutor.remote_training_on
    values = {
        "tuteur": tutor.name,
        "fonction": in_sentence(tutor.get_function_display()) if tutor.function else "tuteur Op@le",
        "etablissement": _home(tutor),
        "spheres": enumeration(in_sentence(label) for label in tutor.sphere_labels),
        PLACES: " ; ".join(f"{agency}, {what}" for agency, what in situation.places_of(tutor)) or NO_PLACE,
        "annee": draft.year,
        "debut": long_day(draft.valid_from),
        "fin": long_day(draft.valid_to),
        "jour": long_day(draft.on),
        "numero": draft.number,
        "formation": TRAINED.format(day=long_day(trained)) if trained else TO_TRAIN,
        "indemnite": _indemnity(call),
        "service": academy.service_name,
        "academie": in_sentence(str(academy)),
    }
    return {name: " ".join(value.split()) for name, value in values.items()}


def _home(tutor: Tutor) -> str:
    place = tutor.establishment
    if tutor.home_academy or place is None:
        return tutor.origin
    return f"{place.name}, {place.town}" if place.town else place.name


def _indemnity(call: TutorCall | None) -> str:
    if call is None or not call.rate:
        return NO_RATE
    return f"une indemnité de {euros(call.rate)} par établissement tutoré"


def letter_of(text: PaperText, values: Mapping[str, str], places: Places, academy: Academy, draft: Draft) -> Letter:
    """The letter: the structure is the template's, words are filled in afterwards, so no value can add any."""
    before, after = _around_table(text.paragraphs)
    table = places if after is not None and places else ()
    if after is not None and not places:
        before, after = [*before, f"{NO_PLACE[:1].upper()}{NO_PLACE[1:]}."], after

    def filled(parts: Iterable[str]) -> tuple[str, ...]:
        return tuple(fill(part, values) for part in parts)

    return Letter(
        title=fill(text.title, values),
        on=draft.on,
        ministry=tuple(str(academy).split(" ", 1)),
        service=academy.service_name,
        reference=draft.number,
        addressees=(values["tuteur"], values["fonction"], values["etablissement"]),
        addressees_label="À l’attention de" if draft.kind == PaperKind.MISSION_LETTER else "Bénéficiaire",
        routing=fill(text.routing, values),
        paragraphs=filled(before),
        rules=table,
        closing=filled(after or ()),
        signatory=filled(text.signatory.splitlines()),
        copies=fill(text.copies, values),
    )


def _around_table(paragraphs: list[str]) -> tuple[list[str], list[str] | None]:
    """Paragraphs before the table and after it; None when the text has no table."""
    for index, paragraph in enumerate(paragraphs):
        if is_table(paragraph):
            return paragraphs[:index], paragraphs[index + 1 :]
    return paragraphs, None


def frozen(letter: Letter) -> dict[str, Any]:
    """The letter as plain JSON, exactly as the database gives it back."""
    content: dict[str, Any] = json.loads(json.dumps(asdict(letter) | {"on": letter.on.isoformat()}))
    return content


def thawed(content: Mapping[str, Any]) -> Letter:
    """The letter that was frozen, word for word."""
    told: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in content.items()}
    told |= {"on": date.fromisoformat(content["on"]), "rules": tuple(tuple(rule) for rule in content["rules"])}
    return Letter(**told)
