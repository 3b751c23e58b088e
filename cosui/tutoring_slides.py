"""Slides drawn from the tutoring: how many tutors the last wave needs."""

from __future__ import annotations

from cosui.models import AgendaItem
from figures.breakdowns import Breakdown
from figures.deck import Block, Slide
from figures.french import count, in_sentence, long_day
from tutoring.figures.needs import last_cut_over, tutor_needs, waves_of


def needs(item: AgendaItem) -> tuple[Slide, ...]:
    """Tutors to find by sphere, and what makes the range; nothing before a first wave has cut over."""
    academy = item.meeting.academy
    wave = last_cut_over(waves_of(academy, item.on), item.on)
    if wave is None:
        return ()
    figure = tutor_needs(academy, on=item.on, wave=wave.code)
    blocks = [Block(figure.count("ordering", "Sphère ordonnateur"), "number", "tuteurs sphère ordonnateur")]
    least, most = figure.value("accounting/min"), figure.value("accounting/max")
    if least == most:
        blocks.append(Block(figure.count("accounting/min", "Sphère comptable"), "number", "tuteurs sphère comptable"))
    else:
        words = "tuteurs sphère comptable au moins", "tuteurs sphère comptable au plus"
        blocks += [
            Block(figure.count(f"accounting/{end}", "Sphère comptable"), "number", text)
            for end, text in zip(("min", "max"), words, strict=True)
        ]
    slide = Slide(
        key=f"{item.position}-tutor-needs",
        section=item.position,
        headline=_headline(figure),
        blocks=tuple(blocks),
        layout="thirds" if len(blocks) == 3 else "halves",
        remark=_remark(figure),
        source=f"Source : {in_sentence(figure.source)}, situation au {long_day(item.on)}.",
    )
    return (slide,)


def _headline(figure: Breakdown) -> str:
    least, most = figure.value("total/min"), figure.value("total/max")
    spread = count(least, "tutorat") if least == most else f"{least} à {count(most, 'tutorat')}"
    return f"{spread} à mettre en place pour {count(figure.value('establishments'), 'établissement')}"


def _remark(figure: Breakdown) -> str:
    """Why it is a range, and the rule."""
    rule = "Un tuteur de chaque sphère par agence comptable, moins ceux déjà présents."
    vacant = figure.value("agencies_without_accountant")
    if not vacant:
        return rule
    waits = "est en attente" if vacant == 1 else "sont en attente"
    return f"{rule} {count(vacant, 'agence comptable', 'agences comptables')} {waits} de recrutement."
