"""The UAI, which names an establishment nation-wide: seven digits, and a letter that proves them."""

import re

LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"  # the alphabet without I, O and Q
FORM = re.compile(r"[0-9]{7}[A-Z]")
LOST_ZERO = re.compile(r"[0-9]{6}[A-Z]")
SEPARATORS = re.compile(r"[\s\u00a0\u202f.\-]+")
CORSICA = {"620": "2A", "720": "2B"}


class UaiRefused(ValueError):
    """The text is not a UAI; the message is French and is shown to the person."""


def check_letter(digits: str) -> str:
    """The letter that must follow these seven digits."""
    return LETTERS[int(digits) % 23]


def is_valid(uai: str) -> bool:
    return bool(FORM.fullmatch(uai)) and uai[7] == check_letter(uai[:7])


def normalise(text: str) -> str:
    """The UAI in its official form; raises `UaiRefused` with the letter that was expected."""
    uai = SEPARATORS.sub("", text).upper()
    if LOST_ZERO.fullmatch(uai):
        uai = f"0{uai}"
    if not FORM.fullmatch(uai):
        raise UaiRefused(f"« {text[:20]} » n’est pas un UAI : sept chiffres puis une lettre sont attendus.")
    expected = check_letter(uai[:7])
    if uai[7] != expected:
        raise UaiRefused(f"L’UAI {uai} est faux : après {uai[:7]}, la lettre attendue est {expected}.")
    return uai


def departement_of(uai: str) -> str:
    """The code of the département that the first digits tell: `0380033E` → `38`, `6200001G` → `2A`."""
    prefix = uai[:3]
    return CORSICA.get(prefix) or (prefix if prefix >= "970" else prefix[1:])
