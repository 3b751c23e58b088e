"""French words around figures: dates, plurals, lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from unicodedata import normalize

MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
VOWELS = tuple("aeiouœæ")
SMALL_NUMBERS = ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix")


def short_day(day: date) -> str:
    """« 01/10/2024 »."""
    return f"{day:%d/%m/%Y}"


def long_day(day: date) -> str:
    """« 1er octobre 2024 », « 8 octobre 2024 »."""
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"


def full_day(day: date) -> str:
    """« lundi 5 février 2024 »."""
    return f"{DAYS[day.weekday()]} {long_day(day)}"


def clock(moment: datetime) -> str:
    """« 18 h 00 »."""
    return f"{moment:%H} h {moment:%M}"


def short_instant(moment: datetime) -> str:
    """« 01/10/2024 à 18 h 00 »."""
    return f"{short_day(moment)} à {clock(moment)}"


def long_instant(moment: datetime) -> str:
    """« 1er octobre 2024 à 18 h 00 »."""
    return f"{long_day(moment)} à {clock(moment)}"


def count(number: int, singular: str, plural: str = "") -> str:
    """« 1 établissement », « 2 établissements »; French takes the plural from 2."""
    return f"{number} {singular if abs(number) < 2 else plural or singular + 's'}"


def in_words(number: int, *, feminine: bool = False) -> str:
    """« cinq » up to ten, digits beyond; « une » before a feminine noun."""
    if number == 1 and feminine:
        return "une"
    return SMALL_NUMBERS[number] if 0 <= number < len(SMALL_NUMBERS) else str(number)


def enumeration(words: Iterable[str]) -> str:
    """« V8 », « V8 et V9 », « V8, V9 et V10 »."""
    items: Sequence[str] = list(words)
    return " et ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def of_name(name: str) -> str:
    """« de Grenoble », « d’Orléans-Tours », « d’Oscar Hêtre »: elided before a vowel, not before H or Y."""
    return f"d’{name}" if normalize("NFKD", name[:1]).lower().startswith(VOWELS) else f"de {name}"


def in_sentence(text: str) -> str:
    """The text, its first word without capital unless it is an acronym."""
    first = text.split(" ", 1)[0]
    return text if first.isupper() and len(first) > 1 else text[:1].lower() + text[1:]


def signed(number: int) -> str:
    """« +45 », « −43 » (with a true minus sign), « 0 »."""
    return f"+{number}" if number > 0 else f"−{-number}" if number < 0 else "0"


def number_text(number: int) -> str:
    """« 151 », « 7 908 » (narrow space between thousands), « −43 » with a true minus sign."""
    return f"{'−' if number < 0 else ''}{abs(number):,}".replace(",", "\u202f")


def euros(amount: Decimal) -> str:
    """« 500 € », « 1 250,50 € », « −43 € »: cents only where there are some."""
    whole, cents = divmod(abs(amount).quantize(Decimal("0.01")), 1)
    sign = "−" if amount < 0 else ""
    return f"{sign}{number_text(int(whole))}{f',{int(cents * 100):02d}' if cents else ''}\u202f€"


def percent_text(value: float | None) -> str:
    """« 30 % », « 98,6 % »: one decimal when it tells something; « — » when there is nothing to divide by."""
    if value is None:
        return "—"
    rounded = round(value, 1)
    return f"{rounded:.0f}\u202f%" if rounded == int(rounded) else f"{rounded:.1f}\u202f%".replace(".", ",")


def whole_percent_text(value: float) -> str:
    """« 43 % »: without decimal, for a drawing that shows the counts too."""
    return f"{value:.0f}\u202f%"
