"""The paragraphs of a statement, gathered as a page writes them: small titles, texts, lists within lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from figures.kinds import Paragraph


@dataclass
class Bullet:
    text: str
    under: list[str] = field(default_factory=list)


@dataclass
class Passage:
    """A small title, a text, or the bullets that follow one another."""

    text: str = ""
    is_heading: bool = False
    bullets: list[Bullet] = field(default_factory=list)


def passages(paragraphs: Sequence[Paragraph]) -> list[Passage]:
    gathered: list[Passage] = []
    for paragraph in paragraphs:
        if paragraph.heading or not paragraph.level:
            gathered.append(Passage(paragraph.text, paragraph.heading))
            continue
        if not gathered or not gathered[-1].bullets:
            gathered.append(Passage())
        bullets = gathered[-1].bullets
        if paragraph.level > 1 and bullets:
            bullets[-1].under.append(paragraph.text)
        else:
            bullets.append(Bullet(paragraph.text))
    return gathered


@dataclass
class Step:
    """A numbered step: its name and what it is about."""

    title: str
    texts: list[str] = field(default_factory=list)


def steps(paragraphs: Sequence[Paragraph]) -> list[Step]:
    """Each small title, or each bullet where there is no title, opens a step; what follows belongs to it."""
    has_titles = any(paragraph.heading for paragraph in paragraphs)
    found: list[Step] = []
    for paragraph in paragraphs:
        opens = paragraph.heading if has_titles else paragraph.level <= 1
        if opens or not found:
            found.append(Step(paragraph.text))
        else:
            found[-1].texts.append(paragraph.text)
    return found
