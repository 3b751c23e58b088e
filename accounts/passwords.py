"""How strong a password must be: the CNIL's recommendation of 17 October 2022, by entropy and without renewal."""

from __future__ import annotations

import re
import string

from django.core.exceptions import ValidationError

from accounts.models import User

LENGTH_WITH_FOUR_CLASSES = 12
LENGTH_WITH_THREE_CLASSES = 14
WORDS_OF_A_PHRASE = 7
WORD = re.compile(r"[^\W\d_]{2,}")
RULE = (
    "Au moins 12 caractères avec majuscules, minuscules, chiffres et signes, "
    "ou 14 caractères avec trois de ces quatre familles, ou une phrase d’au moins 7 mots différents."
)


class EntropyValidator:
    """Django's validator interface: 12 characters of four classes, 14 of three, or seven different words."""

    def validate(self, password: str, user: User | None = None) -> None:
        if not is_strong(password):
            raise ValidationError(f"Ce mot de passe est trop facile à deviner. {RULE}", code="password_too_weak")

    def get_help_text(self) -> str:
        return RULE


def is_strong(password: str) -> bool:
    """Whether it reaches the 80 bits or so that the recommendation asks for."""
    if len({word.lower() for word in WORD.findall(password)}) >= WORDS_OF_A_PHRASE:
        return True
    classes = _classes(password)
    long_enough = {4: LENGTH_WITH_FOUR_CLASSES, 3: LENGTH_WITH_THREE_CLASSES}.get(classes)
    return long_enough is not None and len(password) >= long_enough


def _classes(password: str) -> int:
    found = {
        "lower" if c.islower() else "upper" if c.isupper() else "digit" if c in string.digits else "sign"
        for c in password
    }
    return len(found)
