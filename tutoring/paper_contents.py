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
from deployment.models import Academy, Establishment, Wave
from figures.french import enumeration, in_sentence, long_day, number_text
from figures.letters import Letter
from tutoring.choices.candidates import CallState
from tutoring.choices.papers import PaperKind
from tutoring.models import Assignment, Tutor, TutorCall
from tutoring.paper_texts import PLACES, PaperText, is_table
from tutoring.tutorships import standing_rows

NO_PLACE = "les établissements que le service lui confiera"
NO_RATE = "l’indemnité prévue par les textes en vigueur"
TRAINED = "Vous avez suivi le {day} la formation à la prise en main à distance de l’écran d’un utilisateur."
TO_TRAIN = "Vous bénéficiez d’une formation à la prise en main à distance de l’écran d’un utilisateur."
READ = ("agency_uai", "wave_code", "name", "town")

Places = tuple[tuple[str, str], ...]  # (agency, its sphere and establishments)


@dataclass(frozen=True)
class Situation:
    """What the registers say of an académie on a day, read once for any number of tutors."""

    academy: Academy
    places: Mapping[int, Places]  # by tutor
    rate: TutorCall | None

    @classmethod
    def of(cls, academy: Academy, on: date) -> Situation:
        """Four queries, whatever the number of tutors."""
        rows = standing_rows(academy, on)
        members = _members(academy, on)
        cut_over = _cut_over(academy, on)
        served = {(row.need.agency_id, row.need.sphere, row.need.wave.rank) for row in rows}
        places: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for row in rows:
            assert row.tutor_id
            places[row.tutor_id].append(_place(row, members, cut_over, served))
        calls = TutorCall.objects.filter(academy=academy).exclude(state=CallState.DRAFT)
        return cls(academy, {tutor: tuple(told) for tutor, told in places.items()}, calls.first())

    def places_of(self, tutor: Tutor) -> Places:
        return self.places.get(tutor.pk, ())


Members = Mapping[tuple[str, str], list[str]]


def _members(academy: Academy, on: date) -> Members:
    """Establishments in words by seat of their agency and wave."""
    rows = Establishment.objects.filter(academy=academy).existing_on(on).with_wave(on).with_agency(on)
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for seat, code, name, town in rows.order_by("sort_name", "uai").values_list(*READ):
        found[seat or "", code or ""].append(f"{name} ({town})" if town else name)
    return found


def _cut_over(academy: Academy, on: date) -> dict[str, int]:
    """Rank of the waves that have cut over by that day, by code."""
    waves = Wave.objects.filter(academy=academy).with_state(on).order_by("rank")
    return {wave.code: wave.rank for wave in waves if wave.cutover_on and wave.cutover_on <= on}


def _place(
    row: Assignment, members: Members, cut_over: Mapping[str, int], served: set[tuple[int, str, int]]
) -> tuple[str, str]:
    """The agency, then its establishments: of the need's wave, and of the waves that followed until another tutor's."""
    need = row.need
    others = [rank for agency, sphere, rank in served if (agency, sphere) == (need.agency_id, need.sphere)]
    until = min((rank for rank in others if rank > need.wave.rank), default=None)
    later = [code for code, rank in cut_over.items() if rank > need.wave.rank and (until is None or rank < until)]
    seat = need.agency.seat
    names = [name for code in (need.wave.code, *later) for name in members.get((seat.uai, code), [])]
    where = enumeration(names) or seat.name
    return f"Agence comptable : {seat.name} ({seat.uai})", f"{Sphere(need.sphere).label} : {where}"


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
    euros, cents = divmod(int(call.rate * 100), 100)
    amount = number_text(euros) + (f",{cents:02d}" if cents else "")
    return f"une indemnité de {amount} € par établissement tutoré"


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
