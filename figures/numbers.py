"""A count or a rate as one big number and its words."""

from __future__ import annotations

from dataclasses import dataclass

from figures.forms import FormRefused
from figures.french import number_text, percent_text
from figures.kinds import Count, Figure, Rate


@dataclass(frozen=True)
class BigNumber:
    """`value` and its unit in small, then what it counts. A rate tells its part, its whole and its population."""

    value: str
    label: str
    small: str = ""
    part: str = ""
    whole: str = ""
    detail: str = ""
    share: float | None = None  # 0 to 100, drawn as a bar

    @property
    def is_rate(self) -> bool:
        return bool(self.whole)

    @property
    def has_bar(self) -> bool:
        return self.share is not None


def big_number(figure: Figure, *, caption: str = "") -> BigNumber:
    match figure:
        case Rate():
            value, _, sign = percent_text(figure.percent).partition("\u202f")
            return BigNumber(
                value,
                figure.part_label,
                small=sign,
                part=number_text(figure.part),
                whole=number_text(figure.whole),
                detail=figure.population.label,
                share=figure.percent,
            )
        case Count():
            return BigNumber(number_text(figure.value), caption or figure.title)
        case _:
            raise FormRefused(f"La figure « {figure.title} » ne tient pas en un nombre.")
