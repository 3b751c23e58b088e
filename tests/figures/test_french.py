from dataclasses import replace
from datetime import datetime

import pytest

from figures.french import clock, long_instant, of_name, short_instant
from figures.words import unlocated_sentence
from tests.figures.samples import wave_map

EVENING = datetime(2024, 10, 8, 18, 5)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Oscar Hêtre", "d’Oscar Hêtre"),
        ("Éloïse Aulne", "d’Éloïse Aulne"),
        ("Œillet", "d’Œillet"),
        ("Hélène Orme", "de Hélène Orme"),
        ("Grenoble", "de Grenoble"),
        ("Yann Tilleul", "de Yann Tilleul"),
        ("", "de "),
    ],
)
def test_of_name_elides_before_a_vowel_only(name: str, said: str) -> None:
    assert of_name(name) == said


def test_hours_have_one_form() -> None:
    assert clock(EVENING) == "18 h 05"
    assert short_instant(EVENING) == "08/10/2024 à 18 h 05"
    assert long_instant(EVENING) == "8 octobre 2024 à 18 h 05"


@pytest.mark.parametrize(
    ("unlocated", "said"),
    [
        (0, ""),
        (1, " 1 sans coordonnées, absent de la carte."),
        (2, " 2 sans coordonnées, absents de la carte."),
    ],
)
def test_what_the_map_lacks_agrees_in_number(unlocated: int, said: str) -> None:
    assert unlocated_sentence(replace(wave_map(), unlocated=unlocated)) == said
