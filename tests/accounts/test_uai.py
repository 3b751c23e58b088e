"""The letter of a UAI, and the forms people give it."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import uai

REAL = ("0740003B", "0382107J", "0130038W", "0740047Z", "0932030B", "0380033E")


@pytest.mark.parametrize("code", REAL)
def test_real_uais_are_valid(code: str) -> None:
    assert uai.is_valid(code)


def test_wrong_letter_is_refused_with_the_expected_one() -> None:
    assert not uai.is_valid("0380033H")
    with pytest.raises(uai.UaiRefused, match="après 0380033, la lettre attendue est E"):
        uai.normalise("0380033H")


@pytest.mark.parametrize("written", ["0380033e", " 0380033E ", "038 0033 E", "380033E", "0380033\u00a0E", "038-0033-E"])
def test_one_uai_has_one_form(written: str) -> None:
    assert uai.normalise(written) == "0380033E"


@pytest.mark.parametrize("text", ["", "Grenoble", "03800331", "0380033EE", "٠٣٨٠٠٣٣E", "38033E", "\0"])
def test_what_is_no_uai_is_refused(text: str) -> None:
    with pytest.raises(uai.UaiRefused, match="n’est pas un UAI"):
        uai.normalise(text)


@given(st.integers(0, 9_999_999))
def test_exactly_one_letter_fits_seven_digits(number: int) -> None:
    digits = f"{number:07d}"
    assert [letter for letter in uai.LETTERS if uai.is_valid(digits + letter)] == [uai.check_letter(digits)]


@given(st.text())
def test_any_text_is_a_uai_or_is_refused(text: str) -> None:
    with suppress(uai.UaiRefused):
        assert uai.is_valid(uai.normalise(text))


@pytest.mark.parametrize(("code", "departement"), [("0380033E", "38"), ("6200001G", "2A"), ("9740001A", "974")])
def test_first_digits_tell_the_departement(code: str, departement: str) -> None:
    assert uai.departement_of(code) == departement
