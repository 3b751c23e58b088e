"""The thirty académies and the ways files name them."""

import pytest

from accounts.academies import ACADEMIES, AcademyUnknown, academy_named, academy_of_label
from accounts.words import normalise
from deployment.departements import NAMES, code_of


def test_thirty_academies_share_all_departements() -> None:
    held = [code for academy in ACADEMIES for code in academy.departements]
    assert len(ACADEMIES) == 30
    assert sorted(held) == sorted(NAMES)


@pytest.mark.parametrize(
    ("label", "slug"),
    [
        ("Grenoble", "grenoble"),
        ("GRENOBLE", "grenoble"),
        ("Académie d’Aix-Marseille", "aix-marseille"),
        ("Orleans Tours", "orleans-tours"),
        ("La Réunion", "la-reunion"),
        ("Réunion", "la-reunion"),
        ("Académie de la Guadeloupe", "guadeloupe"),
        ("Caen", "normandie"),
        ("ROUEN", "normandie"),
        ("08", "grenoble"),
        ("8", "grenoble"),
        ("70", "normandie"),
        ("5", "normandie"),
    ],
)
def test_files_name_academies_in_many_ways(label: str, slug: str) -> None:
    found = academy_of_label(label)
    assert found and found.slug == slug


@pytest.mark.parametrize(
    ("slug", "name"),
    [
        ("grenoble", "académie de Grenoble"),
        ("aix-marseille", "académie d’Aix-Marseille"),
        ("orleans-tours", "académie d’Orléans-Tours"),
        ("la-reunion", "académie de La Réunion"),
    ],
)
def test_full_name_elides_before_a_vowel(slug: str, name: str) -> None:
    assert academy_named(slug).full_name == name


@pytest.mark.parametrize("label", ["", "Mars", "99", "Étranger"])
def test_unknown_label_is_no_academy(label: str) -> None:
    assert academy_of_label(label) is None


def test_unknown_slug_is_answered_with_the_thirty() -> None:
    with pytest.raises(AcademyUnknown) as refusal:
        academy_named("mars")
    assert all(academy.slug in str(refusal.value) for academy in ACADEMIES)


def test_every_slug_finds_its_academy() -> None:
    assert [academy_named(academy.slug) for academy in ACADEMIES] == list(ACADEMIES)


@pytest.mark.parametrize(("given", "code"), [("038", "38"), ("1", "01"), ("02a", "2A"), ("974", "974"), ("075", "75")])
def test_departement_codes_take_one_form(given: str, code: str) -> None:
    assert code_of(given) == code


@pytest.mark.parametrize("written", ["Op@le", "OP@LE", "Opale", "OPALÉ", " opale "])
def test_op_at_le_is_one_word(written: str) -> None:
    assert normalise(written) == "opale"


def test_normalised_names_keep_letters_and_digits_only() -> None:
    assert normalise("Lycée  Boissy d’Anglas — Sœur-n°2") == "lycee boissy d anglas soeur n 2"
