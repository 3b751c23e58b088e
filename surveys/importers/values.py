"""The cells of one answer become what its form would have received, and the form judges them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from accounts.words import normalise
from deployment import cells
from deployment.cells import Cell, CellRefused
from deployment.choices import AGENCY_FUNCTIONS, Sphere
from deployment.importers.posts import functions
from surveys.choices import Purpose, QuestionKind, WishReason
from surveys.forms.answers import PEOPLE, PeopleForm, WishForm, waves_for
from surveys.forms.fields import Mistake, Sheet, mistakes
from surveys.forms.questionnaire import field_for
from surveys.models import Campaign, PopulationEntry

Cells = Mapping[str, Cell]  # what the columns of one line hold, by target
Content = dict[str, Any]

FRENCH_INSTANT = re.compile(
    r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?:,? (?:à )?([0-9]{1,2})\s?[:hH]\s?([0-9]{2})(?::([0-9]{2}))?)?"
)
EARLIEST, LATEST = 2000, 2100
YES = {"oui", "yes", "true", "vrai", "1", "x", "o"}
NO = {"non", "no", "false", "faux", "0", "n", "aucun", "aucun besoin", "aucune", "personne", "neant"}
SEPARATORS = re.compile(r"\s*(?:[\n;|]|, (?=\S))\s*")
REASONS = {normalise(words): reason.value for reason in WishReason for words in (reason.value, reason.label)}


def instant(cell: Cell) -> datetime | None:
    """A date and hour of Paris, unless the file says another zone; a day alone is its first instant."""
    if isinstance(cell, datetime):
        found: datetime | None = cell
    elif isinstance(cell, date):
        found = datetime(cell.year, cell.month, cell.day)
    else:
        shown = cells.text(cell)
        if not shown:
            return None
        found = _typed_instant(shown)
    if found is None or not EARLIEST <= found.year <= LATEST:
        raise CellRefused(f"« {str(cell)[:30]} » n’est pas une date (JJ/MM/AAAA HH:MM)")
    return timezone.make_aware(found) if timezone.is_naive(found) else found


def _typed_instant(shown: str) -> datetime | None:
    french = FRENCH_INSTANT.fullmatch(shown)
    try:
        if french:
            day, month, year, hour, minute, second = (int(part or 0) for part in french.groups())
            return datetime(year, month, day, hour, minute, second)
        return datetime.fromisoformat(shown)
    except ValueError:
        return None


class AnswerReader:
    """Reads answers of one campaign; the lists of waves are looked up once each."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self.questions = list(campaign.questions.all())
        self._waves: dict[str, list[tuple[str, str]]] = {}

    def content(self, entry: PopulationEntry, lines: Sequence[Cells]) -> Content:
        """What these lines answer for that establishment. Raises `ValueError` with a French sentence."""
        if self.campaign.purpose == Purpose.WAVE_WISH:
            return self._wish(entry, lines[-1])
        if self.campaign.purpose == Purpose.QUESTIONNAIRE:
            return self._questionnaire(lines[-1])
        return self._people(lines)

    def _wish(self, entry: PopulationEntry, line: Cells) -> Content:
        if entry.wave_code not in self._waves:
            self._waves[entry.wave_code] = waves_for(self.campaign, entry)
        waves = self._waves[entry.wave_code]
        said, reason = cells.text(line.get("wave")), cells.text(line.get("reason"))
        known = {normalise(code): code for code, _ in waves}
        first = normalise(said).partition(" ")[0]
        data = {
            "wave": known.get(normalise(said)) or known.get(first) or said,
            "reason": REASONS.get(normalise(reason), reason) or WishReason.OTHER.value,
            "comment": _long(line.get("comment")),
        }
        form = WishForm(waves, data=_data(data))
        _judge(form.mistakes)
        return form.content

    def _people(self, lines: Sequence[Cells]) -> Content:
        named = [line for line in lines if cells.text(line.get("person_name"))]
        said = [answer for line in lines if (answer := _yes_or_no(line.get("has_people"))) is not None]
        if said and not any(said) and named:
            raise ValueError("Il est dit qu’il n’y a personne, et une personne est nommée.")
        data = {"has_people": "yes" if named or any(said) else "no", "comment": _long(lines[-1].get("comment"))}
        rows = MultiValueDict({key: [value] for key, value in data.items()})
        rows.setlist("people", [str(place) for place, _ in enumerate(named)])
        for place, line in enumerate(named):
            for name, value in self._person(line).items():
                rows.setlist(f"people-{place}-{name}", value if isinstance(value, list) else [value])
        sheet, row = PEOPLE[self.campaign.purpose]
        form = PeopleForm(sheet, row, data=rows, content={})
        if len(form.rows) < len(named):
            raise ValueError(f"{len(named)} personnes sont nommées : {len(form.rows)} au plus.")
        form.is_valid()
        _judge(form.mistakes)
        return form.content

    def _person(self, line: Cells) -> dict[str, Any]:
        has_function = cells.text(line.get("person_function"))
        function = functions(line.get("person_function"))[0] if has_function else ""
        default = Sphere.ACCOUNTING if function in AGENCY_FUNCTIONS else Sphere.ORDERING
        shared = {
            "name": cells.text(line.get("person_name")),
            "email": cells.text(line.get("person_email")),
            "function": str(function),
        }
        if self.campaign.purpose == Purpose.TUTOR_VOLUNTEERS:
            return shared | {
                "spheres": _spheres(line.get("spheres")) or [default.value],
                "capacity": cells.text(line.get("capacity")) or "1",
                "area": cells.text(line.get("area")),
                "is_remote": "on" if _yes_or_no(line.get("is_remote")) else "",
                "motivation": _long(line.get("motivation")),
            }
        starts_on = cells.day(line.get("starts_on"))
        return shared | {
            "sphere": (_spheres(line.get("sphere")) or [default.value])[0],
            "starts_on": starts_on.isoformat() if starts_on else "",
            "need": _long(line.get("need")),
        }

    def _questionnaire(self, line: Cells) -> Content:
        asked = {f"q{question.pk}": question for question in self.questions if question.kind != QuestionKind.FILE}
        data: MultiValueDict[str, Any] = MultiValueDict()
        for name, question in asked.items():
            cell = line.get(name)
            if question.kind == QuestionKind.MULTIPLE:
                data.setlist(name, _options(cell, question.options))
            elif question.kind == QuestionKind.SINGLE:
                data[name] = _option(cells.text(cell), question.options)
            elif question.kind == QuestionKind.DATE:
                day = cells.day(cell)
                data[name] = day.isoformat() if day else ""
            else:
                data[name] = _long(cell) if question.kind == QuestionKind.TEXT else cells.text(cell)
        sheet = Sheet(data)
        sheet.fields = {name: field_for(question) for name, question in asked.items()}
        _judge(mistakes(sheet))
        values = {name[1:]: value for name, value in sheet.cleaned_data.items() if value not in (None, "", [])}
        return {"values": values}


def _judge(found: Sequence[Mistake]) -> None:
    if found:
        raise ValueError(f"{found[0].label} : {found[0].message}")


def _data(values: Mapping[str, Any]) -> MultiValueDict[str, Any]:
    return MultiValueDict({name: [value] for name, value in values.items()})


def _long(cell: Cell) -> str:
    """A text with its line breaks."""
    return cell.strip() if isinstance(cell, str) else cells.text(cell)


def _yes_or_no(cell: Cell) -> bool | None:
    words = normalise(cells.text(cell))
    if not words:
        return None
    if words in YES or words.startswith("oui "):
        return True
    if words in NO or words.startswith(("non ", "aucun")):
        return False
    raise CellRefused(f"« {cells.text(cell)[:40]} » ne dit ni oui ni non")


def _spheres(cell: Cell) -> list[str]:
    words = normalise(cells.text(cell))
    found = [
        sphere.value for sign, sphere in (("ord", Sphere.ORDERING), ("compta", Sphere.ACCOUNTING)) if sign in words
    ]
    if words and not found:
        raise CellRefused(f"« {cells.text(cell)[:40]} » n’est pas une sphère (ordonnateur, comptable)")
    return found


def _option(said: str, options: Sequence[str]) -> str:
    return next((option for option in options if normalise(option) == normalise(said)), said)


def _options(cell: Cell, options: Sequence[str]) -> list[str]:
    """Several choices in one cell, apart by a line break, `;`, `|` or a comma; an option may hold a comma itself."""
    said = _long(cell)
    whole = _option(said, options)
    if not said or whole in options:
        return [whole] if said else []
    return [_option(part, options) for part in SEPARATORS.split(said) if part]
