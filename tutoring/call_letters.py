"""The letter of a call for tutors: its text, its rules as data, on one page. What only HR may know is not in it."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings

from figures.french import enumeration, euros, full_day, in_sentence, long_day
from figures.letters import Letter, to_pdf
from tutoring.models import TutorCall


def drawn(call: TutorCall) -> bytes:
    """The PDF. Raises `figures.letters.LetterTooLong` when the text does not hold on one page."""
    identifier = f"appel-{call.academy.slug}-{call.pk}"
    return to_pdf(letter(call), identifier=identifier, brand=settings.OPALE_STATE_BRAND)


def letter(call: TutorCall) -> Letter:
    academy = call.academy
    return Letter(
        title=call.title,
        on=call.published_on,
        ministry=academy.ministry_lines,
        academy=str(academy),
        service=academy.service_name,
        reference=call.reference,
        addressees=_lines(call.recipients),
        routing=call.routing,
        paragraphs=paragraphs(call.body),
        rules=_rules(call),
        signatory=_lines(call.signatory),
        copies=f"Copie : {', '.join(call.copies)}" if call.copies else "",
    )


def _rules(call: TutorCall) -> tuple[tuple[str, str], ...]:
    told = (
        ("Fonctions", _sentence(call.function_labels)),
        ("Vagues", enumeration(call.waves)),
        ("Sphères", _sentence(call.sphere_labels)),
        ("Établissements par tuteur", str(call.target_load)),
        ("Indemnité", f"{euros(call.rate)} par établissement tutoré" if call.rate else ""),
        ("Fin de la mission", _mission(call)),
        ("Candidatures", _deadline(call)),
    )
    return tuple((label, value) for label, value in told if value)


def _sentence(labels: Sequence[str]) -> str:
    """« Secrétaire général et fondé de pouvoir »: one capital."""
    return enumeration([*labels[:1], *(in_sentence(label) for label in labels[1:])])


def _mission(call: TutorCall) -> str:
    """« 31 août 2025, extension possible jusqu’au 31 août 2026, puis jusqu’au 31 août 2027 »."""
    days = [f"jusqu’au {long_day(day)}" for day in call.possible_extensions]
    end = long_day(call.mission_ends_on)
    return f"{end}, extension possible {', puis '.join(days)}" if days else end


def _deadline(call: TutorCall) -> str:
    until = f"jusqu’au {full_day(call.deadline_on)}"
    return f"{until}, à {call.reply_to}" if call.reply_to else until


def paragraphs(text: str) -> tuple[str, ...]:
    """Those that an empty line parts."""
    blocks = text.replace("\r\n", "\n").split("\n\n")
    return tuple(block.strip() for block in blocks if block.strip())


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())
