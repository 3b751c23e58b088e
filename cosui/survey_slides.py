"""Slides drawn from the surveys: wishes of wave, volunteers to tutor, persons to train."""

from __future__ import annotations

from datetime import date

from cosui.models import AgendaItem
from deployment.models import Academy
from figures.breakdowns import Breakdown
from figures.deck import Block, Layout, Slide
from figures.french import count, long_day
from figures.kinds import TOTAL, CrossTable
from surveys.figures import persons, responses, wishes

ANSWERED = "établissements ont répondu"
NOT_ASKED = "Aucune enquête n’était envoyée à cette date"


def wave_wishes(item: AgendaItem) -> tuple[Slide, ...]:
    """What heads and accountants wished when asked, and how far the plan follows it; nothing if nobody was asked."""
    academy, on = item.meeting.academy, item.on
    asked = wishes.wave_wishes(academy, on=on, plan=wishes.WHEN_ASKED)
    if not asked.population.size:
        return ()
    campaign = int(asked.parameters["campaign"])
    rate = responses.response_rate(academy, on=on, campaign=campaign)
    divergent = wishes.divergent_wishes(academy, on=on, campaign=campaign)
    numbers = [Block(rate, "number")]
    if divergent.value:
        told = "établissements où les deux vœux diffèrent" if divergent.value > 1 else "établissement où ils diffèrent"
        numbers.append(Block(divergent, "number", told))
    slide = Slide(
        key=f"{item.position}-wishes",
        section=item.position,
        headline=_wishes_headline(asked),
        blocks=(Block(asked, "table", "Vague prévue à l’envoi, et vague souhaitée"), *numbers),
        layout="wide_left",
        remark=_followed(academy, on, campaign),
        source=f"Source : {_in_sentence(asked.source)} auprès des chefs d’établissement et des agents comptables, "
        f"situation au {long_day(on)}.",
    )
    return (slide,)


def tutor_volunteers(item: AgendaItem) -> tuple[Slide, ...]:
    """How many answered, how many offered, in which sphere."""
    figure = persons.tutor_volunteers(item.meeting.academy, on=item.on)
    blocks = (
        Block(figure.rate("answered", "asked", title="Réponses", part_label=ANSWERED), "number"),
        Block(figure, "bars", "Volontaires pour assurer un accompagnement"),
    )
    headline = _volunteers_headline(figure)
    return (_slide(item, "volunteers", headline, figure, blocks, "narrow_left"),)


def training_needs(item: AgendaItem) -> tuple[Slide, ...]:
    """How many answered, who is to be trained: by function in the ordering sphere, in all in the other."""
    figure = persons.training_needs(item.meeting.academy, on=item.on)
    accounting = figure.value(f"accounting/{TOTAL}")
    told = "personnels ont besoin" if accounting > 1 else "personnel a besoin"
    title = f"{told} d’une formation en sphère comptable"
    blocks = (
        Block(figure, "bars", figure.drawn_title),
        Block(figure.rate("answered", "asked", title="Réponses", part_label=ANSWERED), "number"),
        Block(figure.count(f"accounting/{TOTAL}", title), "number"),
    )
    return (_slide(item, "needs", _needs_headline(figure), figure, blocks, "wide_left"),)


def _slide(
    item: AgendaItem, name: str, headline: str, figure: Breakdown, blocks: tuple[Block, ...], layout: Layout
) -> Slide:
    """The population, with its additions and exclusions, stands with the source."""
    population = figure.population.label
    return Slide(
        key=f"{item.position}-{name}",
        section=item.position,
        headline=headline if figure.population.size else NOT_ASKED,
        blocks=blocks,
        layout=layout,
        source=f"Source : {_in_sentence(figure.source)}, situation au {long_day(item.on)}. Population : {population}.",
    )


def _wishes_headline(asked: CrossTable) -> str:
    away = {
        code: sum(line.cells.get(code, 0) for line in asked.lines if line.key != code)
        for code, _ in asked.columns
        if code != wishes.DIVERGENT
    }
    total = sum(away.values())
    if not total:
        return f"{count(asked.total, 'établissement')} : tous les vœux suivent le calendrier prévu"
    code = max(away, key=lambda wave: away[wave])
    wish = "souhaite" if total < 2 else "souhaitent"
    most = f", dont {away[code]} la {code}" if away[code] < total else f", la {code}"
    return f"{count(total, 'établissement')} {wish} une autre vague{most}"


def _followed(academy: Academy, on: date, campaign: int) -> str:
    """« Le calendrier au 1er octobre 2024 suit 138 des 142 vœux. »"""
    now = wishes.wave_wishes(academy, on=on, campaign=campaign)
    followed = sum(line.cells.get(line.key, 0) for line in now.lines)
    return f"Le calendrier au {long_day(on)} suit {followed} des {now.total} vœux exprimés."


def _volunteers_headline(figure: Breakdown) -> str:
    volunteers, accounting = figure.value("volunteers"), figure.value("accounting")
    headline = f"{count(volunteers, 'volontaire')} pour assurer un accompagnement"
    return f"{headline}, dont {accounting} en sphère comptable" if volunteers else headline


def _needs_headline(figure: Breakdown) -> str:
    answered, asked = figure.value("answered"), figure.value("asked")
    said = "a répondu" if answered < 2 else "ont répondu"
    needs = count(figure.value(f"ordering/{TOTAL}"), "personnel")
    return f"{count(answered, 'établissement')} sur {asked} {said} : {needs} à former en sphère ordonnateur"


def _in_sentence(source: str) -> str:
    return source[:1].lower() + source[1:]
