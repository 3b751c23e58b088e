"""Slides drawn from the surveys: wishes of wave, volunteers to tutor, persons to train."""

from __future__ import annotations

from cosui.models import AgendaItem
from figures.breakdowns import Breakdown
from figures.deck import Block, Layout, Slide
from figures.french import count, in_sentence, long_day
from figures.kinds import TOTAL, CrossTable
from surveys.figures import persons, responses, wishes

ANSWERED = "établissements ont répondu"
DIFFER = "établissements où le vœu du chef et celui de l’agent comptable diffèrent"
DIFFERS = "établissement où le vœu du chef et celui de l’agent comptable diffèrent"
NOT_ASKED = "Aucune enquête n’était envoyée à cette date"


def wave_wishes(item: AgendaItem) -> tuple[Slide, ...]:
    """What heads and accountants wished when asked, and how far the plan follows it; nothing if nobody was asked."""
    academy, on = item.meeting.academy, item.on
    asked = wishes.wave_wishes(academy, on=on, plan=wishes.WHEN_ASKED)
    if not asked.population.size:
        return ()
    campaign = int(asked.parameters["campaign"])
    rate = responses.response_rate(academy, on=on, campaign=campaign)
    followed = wishes.followed_wishes(academy, on=on, campaign=campaign)
    divergent = wishes.divergent_wishes(academy, on=on, campaign=campaign)
    numbers = [Block(rate, "number"), Block(followed, "number")]
    if divergent.value:
        numbers.append(Block(divergent, "number", DIFFER if divergent.value > 1 else DIFFERS))
    slide = Slide(
        key=f"{item.position}-wishes",
        section=item.position,
        headline=_wishes_headline(asked),
        blocks=(*numbers, Block(asked, "table", "Vague prévue à l’envoi, et vague souhaitée")),
        layout="stack",
        source=f"Source : {in_sentence(asked.source)} auprès des chefs d’établissement et des agents comptables, "
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
    return Slide(
        key=f"{item.position}-{name}",
        section=item.position,
        headline=headline if figure.population.size else NOT_ASKED,
        blocks=blocks,
        layout=layout,
        source=f"Source : {in_sentence(figure.source)}, situation au {long_day(item.on)}.",
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
    most = f", dont {away[code]} vers {code}" if away[code] < total else f" pour {code}"
    return f"{count(total, 'établissement')} {wish} changer{most}"


def _volunteers_headline(figure: Breakdown) -> str:
    volunteers, accounting = figure.value("volunteers"), figure.value("accounting")
    if not volunteers:
        return "Aucun volontaire pour assurer un accompagnement"
    return f"{count(volunteers, 'volontaire')}, dont {accounting} en sphère comptable"


def _needs_headline(figure: Breakdown) -> str:
    answered, asked = figure.value("answered"), figure.value("asked")
    said = "a répondu" if answered < 2 else "ont répondu"
    needs = count(figure.value(f"ordering/{TOTAL}"), "personnel")
    return f"{count(answered, 'établissement')} sur {asked} {said} : {needs} à former en sphère ordonnateur"
