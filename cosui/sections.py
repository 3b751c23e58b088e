"""What a briefing can contain: one explicit list, from an agenda item to its slides."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from cosui import survey_slides, tutoring_slides
from cosui.choices import SectionKind
from cosui.models import AgendaItem, Meeting, TypedSlide
from deployment.figures import volumetry as waves
from figures.deck import Block, Deck, Layout, Slide
from figures.french import count, enumeration, in_words, long_day
from figures.kinds import CrossTable, Paragraph, Population, Statement
from figures.readings import one_reading

LAYOUT_BY_BLOCKS: dict[int, Layout] = {1: "one", 2: "halves", 3: "thirds"}


@dataclass(frozen=True)
class Section:
    """The slides of one agenda item; annexes go to the end of the deck."""

    slides: tuple[Slide, ...]
    annexes: tuple[Slide, ...] = ()


def compose(meeting: Meeting) -> Deck:
    """The table of contents of the meeting: every agenda item drawn at its own date."""
    items = list(meeting.items.prefetch_related("slides"))
    with one_reading():
        sections = [SECTIONS[SectionKind(item.section)](item) for item in items]
    academy = meeting.academy
    return Deck(
        title=meeting.title,
        subtitle=meeting.subtitle,
        on=meeting.held_on,
        ministry=academy.ministry_lines,
        author=f"{academy.service_name} · {academy}",
        audience="Document de travail à l’usage des membres du comité"
        + (" · données de démonstration" if academy.is_demonstration else ""),
        sections=tuple(item.title for item in items),
        slides=tuple(slide for section in sections for slide in section.slides)
        + tuple(slide for section in sections for slide in section.annexes),
    )


def volumetry(item: AgendaItem) -> Section:
    """Initial volumetry beside the one of the item's day, then what changed, what was wished; the map as an annex."""
    academy, on = item.meeting.academy, item.on
    span: dict[str, Any] = {name: str(item.parameters.get(name, "")) for name in ("from_wave", "to_wave")}
    initial_on = academy.initial_volumetry_on or on
    before = waves.volumetry(academy, on=initial_on, **span).without_empty_columns()
    now = waves.volumetry(academy, on=on, **span)
    source = f"Source : {now.source.lower()}, situation au {long_day(on)}."
    tables = Slide(
        key=f"{item.position}-volumetry",
        section=item.position,
        headline=_spread_headline(before, now),
        blocks=(
            Block(before, "table", f"Volumétrie initiale ({long_day(initial_on)})"),
            Block(now, "table", f"Volumétrie au {long_day(on)}"),
        ),
        layout="narrow_left",
        remark=_last_wave_remark(now),
        source=source,
    )
    atlas = Slide(
        key=f"{item.position}-map",
        section=item.position,
        headline=f"Les {count(now.total, 'établissement')} par vague de bascule",
        blocks=(Block(waves.wave_map(academy, on=on, **span), "map"),),
        source=source,
    )
    return Section((tables, _moves_slide(item, span, initial_on), *survey_slides.wave_wishes(item)), (atlas,))


def _moves_slide(item: AgendaItem, span: dict[str, Any], initial_on: date) -> Slide:
    """What changed since the initial volumetry, with the comment typed for the item."""
    academy, on = item.meeting.academy, item.on
    change = waves.volumetry_change(academy, on=on, **span)
    difference = waves.volumetry_difference(academy, on=on, **span)
    blocks = [
        Block(change, "bars", "Nombre d’établissements par vague"),
        Block(difference, "differences", "Écart à la volumétrie initiale"),
    ]
    if item.comment.strip():
        blocks.append(Block(_statement(item, item.comment, title="", source=""), "text"))
    return Slide(
        key=f"{item.position}-movements",
        section=item.position,
        headline=_movement_headline(waves.wave_movements(academy, on=on, **span)),
        blocks=tuple(blocks),
        layout="wide_left",
        source=f"Source : {waves.SOURCE.lower()}, du {long_day(initial_on)} au {long_day(on)}. "
        f"Solde des mouvements : {difference.total}.",
    )


def typed(item: AgendaItem) -> Section:
    """The slides typed for this item."""
    return Section(tuple(_typed_slide(item, slide) for slide in item.slides.all()))


def volunteers(item: AgendaItem) -> Section:
    """The slides typed for this item, then the tutors to find, then the volunteers."""
    return Section((*typed(item).slides, *tutoring_slides.needs(item), *survey_slides.tutor_volunteers(item)))


def training(item: AgendaItem) -> Section:
    """The slides typed for this item, then the persons to train."""
    return Section((*typed(item).slides, *survey_slides.training_needs(item)))


SECTIONS: dict[SectionKind, Callable[[AgendaItem], Section]] = {
    SectionKind.VOLUMETRY: volumetry,
    SectionKind.VOLUNTEERS: volunteers,
    SectionKind.TRAINING: training,
    SectionKind.TYPED: typed,
}


def _spread_headline(before: CrossTable, now: CrossTable) -> str:
    filled = len(now.without_empty_columns().columns)
    spread = f"{count(now.total, 'établissement')}, {'désormais ' if before.total else ''}"
    spread += f"répartis sur {in_words(filled, feminine=True)} {'vague' if filled < 2 else 'vagues'}"
    gained = now.total - before.total
    if before.total and gained:
        spread += f" ({abs(gained)} de {'plus' if gained > 0 else 'moins'} qu’initialement)"
    return spread


def _movement_headline(movements: CrossTable) -> str:
    origins = [line.key for line in movements.lines if line.total]
    if not origins:
        return "Aucun établissement n’a changé de vague"
    total = movements.total
    code, label = max(movements.columns, key=lambda column: movements.column_total(column[0]))
    most = movements.column_total(code)
    leave = "quitte" if total < 2 else "quittent"
    where = f", dont {most} vers {label}" if most < total else f" vers {label}"
    return f"{count(total, 'établissement')} {leave} {enumeration(origins)}{where}"


def _last_wave_remark(now: CrossTable) -> str:
    if not now.columns:
        return ""
    code, label = now.columns[-1]
    gretas = {column: sum(line.notes.get(column, 0) for line in now.lines) for column, _ in now.columns}
    remark = f"La vague {label} porte désormais {count(now.column_total(code), 'établissement')}"
    if gretas[code]:
        remark += f", dont {gretas[code]} GRETA"
    elsewhere = [f"{number} GRETA en {column}" for column, number in gretas.items() if number and column != code]
    return f"{remark} ; {enumeration(elsewhere)}." if elsewhere else f"{remark}."


def _typed_slide(item: AgendaItem, slide: TypedSlide) -> Slide:
    """Each line « # titre » begins a column of the page; a text that opens with « 1. » is drawn as steps."""
    parts: list[tuple[str, list[str]]] = [("", [])]
    for line in slide.text.splitlines():
        if line.startswith("# "):
            parts.append((line[2:].strip(), []))
        else:
            parts[-1][1].append(line)
    texts = [(title, "\n".join(lines)) for title, lines in parts if title or "".join(lines).strip()]
    blocks = tuple(
        Block(
            _statement(item, text, title=title, source=slide.source),
            "steps" if text.lstrip().startswith("1. ") else "text",
            caption=title,
        )
        for title, text in texts
    )
    return Slide(
        key=f"{item.position}-typed-{slide.position}",
        section=item.position,
        headline=slide.headline,
        blocks=blocks,
        layout=LAYOUT_BY_BLOCKS.get(len(blocks), "stack"),
        source=slide.source,
    )


def _statement(item: AgendaItem, text: str, *, title: str, source: str) -> Statement:
    return Statement(
        name="statement",
        title=title,
        academy=item.meeting.academy.slug,
        on=item.on,
        population=Population("Texte saisi par le service", 0),
        source=source or "Service académique",
        unit="text",
        paragraphs=tuple(_paragraph(line) for line in text.splitlines() if line.strip()),
    )


def _paragraph(line: str) -> Paragraph:
    for mark, level in ((r"\s+- ", 2), (r"- ", 1), (r"\d+\. ", 1)):
        if found := re.match(mark, line):
            return Paragraph(line[found.end() :].strip(), level)
    return Paragraph(line.strip())
