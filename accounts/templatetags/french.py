"""French words in pages: « 1er octobre 2024 », « 0 établissement »."""

from datetime import date, datetime
from decimal import Decimal

from django import template

from figures import french

register = template.Library()


@register.filter(expects_localtime=True)
def long_day(day: date | None) -> str:
    """« 1er octobre 2024 »; nothing for no date."""
    return french.long_day(day) if day else ""


@register.filter(expects_localtime=True)
def instant(moment: datetime | None) -> str:
    """« 1er octobre 2024 à 14 h 05 », in the site's time; nothing for no instant."""
    return french.long_instant(moment) if moment else ""


@register.filter(expects_localtime=True)
def short_instant(moment: datetime | None) -> str:
    """« 01/10/2024 à 14 h 05 », in the site's time; nothing for no instant."""
    return french.short_instant(moment) if moment else ""


@register.filter
def counted(number: int, noun: str) -> str:
    """« 1 établissement », « 2 établissements », « 0 établissement »; `noun` is « singular » or « singular,plural »."""
    singular, _, plural = noun.partition(",")
    return french.count(number, singular, plural)


@register.filter
def of_name(name: str) -> str:
    """« de Grenoble », « d’Oscar Hêtre »."""
    return french.of_name(name)


@register.filter
def euros(amount: Decimal | None) -> str:
    """« 500 € », « 1 250,50 € »; a dash for no amount."""
    return "–" if amount is None else french.euros(amount)


@register.filter(expects_localtime=True)
def full_day(day: date | None) -> str:
    """« lundi 5 février 2024 »; nothing for no date."""
    return french.full_day(day) if day else ""
