"""What a file of answers would add to a campaign: each line is added, already here, left out or refused, and told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.utils import timezone

from accounts.words import normalise
from deployment import cells
from deployment.cells import CellRefused
from deployment.choices import Function
from deployment.importers.posts import functions
from deployment.tables import FileRefused, Line, Table, read_table
from figures.french import short_instant
from surveys.choices import AnswerOrigin, Purpose
from surveys.importers import publik
from surveys.importers.columns import names_people, targets_of, unrolled
from surveys.importers.values import AnswerReader, Cells, instant
from surveys.models import Answer, AnswerVersion, Campaign, PopulationEntry
from surveys.services.answers import Submission
from surveys.services.intake import Taking

NAMESPACE = UUID("5a0f7f0e-7c1d-4e0b-9f61-2a3f3a6c9a10")
MOST_SHOWN = 200
NOT_SENT = {
    "draft": "brouillon",
    "brouillon": "brouillon",
    "rejected": "demande rejetée",
    "rejete": "demande rejetée",
    "rejetee": "demande rejetée",
    "refuse": "demande rejetée",
    "refusee": "demande rejetée",
    "annule": "demande annulée",
    "annulee": "demande annulée",
    "cancelled": "demande annulée",
    "abandonne": "demande annulée",
    "supprime": "demande annulée",
}


@dataclass(frozen=True)
class Read:
    """One submission of the source: the lines that make it, of one establishment and part."""

    line: int
    entry: PopulationEntry
    part: str
    at: datetime
    is_dated: bool
    number: str
    lines: list[Cells] = field(default_factory=list, compare=False)

    @property
    def label(self) -> str:
        function = f", {Function(self.part).label.lower()}" if self.part else ""
        return f"{self.entry.establishment}{function}"

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.number, self.entry.pk, self.part, self.at)


@dataclass
class Plan:
    """What becomes of each line. `rows`: what the preview shows of the answers to add."""

    takings: list[Taking] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    here: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def tell(self, told: list[dict[str, Any]], line: int, label: str, words: str) -> None:
        told.append({"line": line, "label": label, "words": words})

    def report(self) -> dict[str, Any]:
        """What the page shows: each list cut, its whole length beside it."""
        lists = {"added": self.rows, "here": self.here, "left_out": self.left_out, "refused": self.refused}
        return {
            "counts": {name: len(told) for name, told in lists.items()},
            "warnings": self.warnings[:MOST_SHOWN],
            "fingerprint": self.fingerprint(),
            **{name: sorted(told, key=lambda row: int(row["line"]))[:MOST_SHOWN] for name, told in lists.items()},
        }

    def fingerprint(self) -> str:
        """Tells whether a confirmation would do what the preview said."""
        told = [(taking.answer, str(taking.submission.identifier), taking.at.isoformat()) for taking in self.takings]
        return hashlib.sha256(json.dumps([told, len(self.refused)]).encode()).hexdigest()


def read_source(content: bytes, file_name: str, campaign: Campaign) -> Table:
    """The table in a CSV, XLSX, ODS or JSON of Publik, a person a line. Raises `FileRefused`."""
    table = publik.read(content, file_name) if publik.is_json(content) else read_table(content, file_name)
    table = unrolled(table) if names_people(campaign) else table
    if len(table.lines) > publik.MOST_LINES:
        raise FileRefused(f"Le fichier dépasse {publik.MOST_LINES} lignes.")
    return table


def plan(campaign: Campaign, table: Table, mapping: Mapping[str, str], *, taken_at: datetime) -> Plan:
    """What these columns would add now. A line without date is dated `taken_at`. A fixed number of queries."""
    result = Plan(warnings=list(table.warnings))
    reads = _Lines(campaign, table, mapping, taken_at).read(result)
    reader = AnswerReader(campaign)
    answered = []
    for read in reads:
        try:
            answered.append((read, reader.content(read.entry, read.lines)))
        except ValueError as refusal:
            result.tell(result.refused, read.line, read.label, _sentence(refusal))
    _settle(campaign, _latest(answered, result), result)
    return result


class _Lines:
    """The lines of one file, read through its columns."""

    def __init__(self, campaign: Campaign, table: Table, mapping: Mapping[str, str], taken_at: datetime) -> None:
        self.campaign, self.table, self.taken_at = campaign, table, taken_at
        known = {target.name for target in targets_of(campaign)}
        places = {header: place for place, header in enumerate(table.headers)}
        self.places = {name: places[h] for name, h in mapping.items() if name in known and h in places}
        rows = campaign.entries.filter(is_excluded=False).select_related("establishment")
        self.entries = {entry.establishment.uai: entry for entry in rows}

    def read(self, result: Plan) -> list[Read]:
        """The submissions that the lines make, in the order of the file."""
        reads: dict[tuple[Any, ...], Read] = {}
        for line in self.table.lines:
            values = {name: line.cells[place] for name, place in self.places.items()}
            try:
                if out := self._left_out(values):
                    result.tell(result.left_out, line.number, self._shown(values, "uai"), out)
                    continue
                read = self._read(line, values)
            except ValueError as refusal:
                result.tell(result.refused, line.number, self._shown(values, "uai"), _sentence(refusal))
                continue
            key = read.key if names_people(self.campaign) else (line.number,)
            reads.setdefault(key, read).lines.append(values)
        return list(reads.values())

    def _read(self, line: Line, values: Cells) -> Read:
        uai = cells.uai(values.get("uai"))
        entry = self.entries.get(uai)
        if entry is None:
            raise CellRefused(f"{uai} n’est pas dans la population de cette enquête")
        at = instant(values.get("submitted_at"))
        if at and at > self.taken_at:
            raise CellRefused(f"la date d’envoi, {short_instant(timezone.localtime(at))}, est à venir")
        number = self._shown(values, "number")
        return Read(line.number, entry, self._part(values), at or self.taken_at, at is not None, number)

    def _part(self, values: Cells) -> str:
        """Whose answer it is, where each function gives its own."""
        if not self.campaign.is_separate:
            return ""
        if not cells.text(values.get("function")):
            raise CellRefused("la fonction du répondant manque : chaque fonction donne son propre vœu")
        asked = [function for function in functions(values.get("function")) if function in self.campaign.asked]
        if not asked:
            raise CellRefused(f"« {cells.text(values.get('function'))[:40]} » n’est pas une fonction interrogée")
        return asked[0].value

    def _left_out(self, values: Cells) -> str:
        """Why the line was never an answer: a draft, a request that was turned down."""
        words = normalise(self._shown(values, "status"))
        reason = NOT_SENT.get(words) or NOT_SENT.get(words.partition(" ")[0])
        return f"{reason} dans l’outil d’origine" if reason else ""

    def _shown(self, values: Cells, name: str) -> str:
        try:
            return cells.text(values.get(name))[:120]
        except CellRefused:
            return ""


def _latest(answered: list[tuple[Read, Any]], result: Plan) -> list[tuple[Read, Any]]:
    """Of several submissions for one answer, the last by date, then by line; the others are told."""
    last: dict[tuple[int, str], tuple[Read, Any]] = {}
    for read, content in sorted(answered, key=lambda pair: (pair[0].at, pair[0].line)):
        place = (read.entry.pk, read.part)
        if place in last:
            former = last[place][0]
            words = f"remplacée par la ligne {read.line}, plus récente"
            result.tell(result.left_out, former.line, former.label, words)
        last[place] = (read, content)
    return sorted(last.values(), key=lambda pair: pair[0].line)


def _settle(campaign: Campaign, answered: list[tuple[Read, Any]], result: Plan) -> None:
    """Tell what is new from what is here already, or was answered since."""
    rows = Answer.objects.filter(entry__campaign=campaign)
    answers = {(row.entry_id, row.part): row for row in rows}
    imported = AnswerVersion.objects.filter(answer__entry__campaign=campaign, origin=AnswerOrigin.IMPORT)
    here = set(imported.values_list("submission", flat=True))
    for read, content in answered:
        answer = answers[read.entry.pk, read.part]
        identifier = identifier_of(campaign, read, content)
        if identifier in here:
            result.tell(result.here, read.line, read.label, "déjà importée")
        elif answer.submitted_at and answer.submitted_at > read.at:
            words = f"une réponse plus récente est là, du {short_instant(timezone.localtime(answer.submitted_at))}"
            result.tell(result.left_out, read.line, read.label, words)
        else:
            name, function = _who(read)
            submission = Submission(identifier, content, name, function, answer.number)
            result.takings.append(Taking(answer.pk, submission, read.at))
            when = f"{short_instant(timezone.localtime(read.at))}"
            again = "remplace la réponse reçue" if answer.number else ""
            words = " · ".join(part for part in (when, summary(campaign, content), again) if part)
            result.tell(result.rows, read.line, read.label, words)


def identifier_of(campaign: Campaign, read: Read, content: Any) -> UUID:
    """The same for the same answer of the same request, so that importing again changes nothing.

    A request corrected in the other tool is another submission, as a correction made here is.
    """
    when = read.at.isoformat() if read.is_dated else ""
    parts = [campaign.pk, read.number, "" if read.number else when, read.entry.pk, read.part, content, *_who(read)]
    return uuid5(NAMESPACE, json.dumps(parts, sort_keys=True, ensure_ascii=False))


def summary(campaign: Campaign, content: Any) -> str:
    """An answer in a few words that name nobody."""
    if campaign.purpose == Purpose.WAVE_WISH:
        return str(content["wave"])
    if campaign.purpose == Purpose.QUESTIONNAIRE:
        return f"{len(content['values'])} réponse{'s' if len(content['values']) > 1 else ''}"
    people = len(content["people"])
    return f"{people} personne{'s' if people > 1 else ''}" if people else "personne"


def _who(read: Read) -> tuple[str, str]:
    """Name and function of who answered, on one line; without a name, what is known."""
    line = read.lines[0]
    name, function = (" ".join(str(cells.text(line.get(field))).split()) for field in ("name", "function"))
    return (name or "Répondant non précisé")[:120], function[:80]


def _sentence(refusal: ValueError) -> str:
    words = str(refusal).rstrip(".")
    return f"{words[:1].upper()}{words[1:]}."
