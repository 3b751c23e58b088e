"""A deck is slides that hold figures. It is what a briefing freezes, and what `pdf.py` draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Self

from figures.frozen import thaw
from figures.kinds import Figure

Form = Literal["table", "bars", "differences", "lines", "map", "number", "text", "steps"]
Layout = Literal["one", "halves", "wide_left", "narrow_left", "thirds", "stack"]


@dataclass(frozen=True)
class Block:
    """One figure drawn in one form; `caption` replaces the figure's title above it."""

    figure: Figure
    form: Form
    caption: str = ""

    def freeze(self) -> dict[str, Any]:
        return {"figure": self.figure.freeze(), "form": self.form, "caption": self.caption}

    @classmethod
    def thaw(cls, frozen: Mapping[str, Any]) -> Self:
        return cls(thaw(frozen["figure"]), frozen["form"], frozen["caption"])


@dataclass(frozen=True)
class Slide:
    """One page. The headline states the finding; `section` is the agenda position, 0 outside the agenda."""

    key: str
    section: int
    headline: str
    blocks: tuple[Block, ...]
    layout: Layout = "one"
    remark: str = ""  # one or two sentences set off under the blocks
    source: str = ""  # foot of the page: where the figures come from and of which day

    def freeze(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "section": self.section,
            "headline": self.headline,
            "blocks": [block.freeze() for block in self.blocks],
            "layout": self.layout,
            "remark": self.remark,
            "source": self.source,
        }

    @classmethod
    def thaw(cls, frozen: Mapping[str, Any]) -> Self:
        return cls(**{**frozen, "blocks": tuple(Block.thaw(block) for block in frozen["blocks"])})


@dataclass(frozen=True)
class Deck:
    """A cover, an agenda and slides. `sections[i]` is the title of the agenda's point i + 1."""

    title: str
    subtitle: str
    on: date
    ministry: tuple[str, ...]  # lines of the ministry block
    author: str
    audience: str
    sections: tuple[str, ...]
    slides: tuple[Slide, ...]

    def freeze(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "subtitle": self.subtitle,
            "on": self.on.isoformat(),
            "ministry": list(self.ministry),
            "author": self.author,
            "audience": self.audience,
            "sections": list(self.sections),
            "slides": [slide.freeze() for slide in self.slides],
        }

    @classmethod
    def thaw(cls, frozen: Mapping[str, Any]) -> Self:
        return cls(
            **{
                **frozen,
                "on": date.fromisoformat(frozen["on"]),
                "ministry": tuple(frozen["ministry"]),
                "sections": tuple(frozen["sections"]),
                "slides": tuple(Slide.thaw(slide) for slide in frozen["slides"]),
            }
        )
