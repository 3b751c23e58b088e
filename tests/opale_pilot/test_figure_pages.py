"""Every number opens on its rows, for those who may see them."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from defusedxml import ElementTree
from django.test import Client

from accounts.models import User
from deployment.choices import Kind
from deployment.models import Academy
from deployment.services import waves
from opale_pilot.figures import CATALOGUE
from tests.factories import make_establishment, make_wave

Signed = Callable[[User], Client]


@pytest.fixture
def filled(grenoble: Academy) -> Academy:
    grenoble.observed_on, grenoble.initial_volumetry_on = date(2024, 10, 8), date(2024, 6, 28)
    grenoble.save()
    v8 = make_wave(grenoble, "V8")
    members = [make_establishment(grenoble, kind=kind) for kind in (Kind.COLLEGE, Kind.COLLEGE, Kind.LYCEE)]
    waves.place(grenoble, dict.fromkeys(members, v8), effective_on=date(2024, 6, 28), reason="Liste", by=None)
    return grenoble


def test_rows_behind_a_cell_are_listed_and_exported(filled: Academy, lise: User, signed: Signed) -> None:
    url = "/grenoble/chiffres/volumetry/lignes/?au=2024-10-08&cellule=college/V8"
    page = signed(lise).get(url)
    exported = b"".join(signed(lise).get(f"{url}&format=csv")).decode("utf-8-sig")  # type: ignore[arg-type]

    assert page.context["page"].paginator.count == 2
    assert "Collèges" in page.content.decode()
    assert len(exported.splitlines()) == 3


def test_member_reads_the_rows_without_links_that_are_refused(
    filled: Academy, lise: User, samir: User, signed: Signed
) -> None:
    url = "/grenoble/chiffres/volumetry/lignes/?cellule=lycee/V8"
    name = filled.establishments.get(kind=Kind.LYCEE).name
    opened, read = (signed(person).get(url).content.decode() for person in (samir, lise))
    assert 'href="/grenoble/etablissements/' in opened and 'href="/grenoble/etablissements/' not in read
    assert name in read


def test_only_figures_that_can_be_computed_are_listed(filled: Academy, nadia: User, signed: Signed) -> None:
    browser = signed(nadia)

    def listed() -> set[str]:
        return set(re.findall(r'href="/grenoble/chiffres/(\w+)/"', browser.get("/grenoble/chiffres/").content.decode()))

    assert listed() == set(CATALOGUE)
    filled.initial_volumetry_on = None
    filled.save()
    assert set(CATALOGUE) - listed() == {"volumetry_change", "volumetry_difference", "wave_movements"}
    assert {browser.get(f"/grenoble/chiffres/{name}/").status_code for name in listed()} == {200}


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_figure_has_a_page_and_an_envelope(name: str, filled: Academy, nadia: User, signed: Signed) -> None:
    browser = signed(nadia)
    assert browser.get(f"/grenoble/chiffres/{name}/").status_code == 200
    envelope = browser.get(f"/grenoble/chiffres/{name}/?format=json").json()
    assert list(envelope) == ["figure", "title", "academy", "on", "population", "source", "data"]
    assert (envelope["figure"], envelope["academy"], envelope["on"]) == (name, "grenoble", "2024-10-08")


def test_drawing_is_taken_away_as_svg(filled: Academy, nadia: User, signed: Signed) -> None:
    browser = signed(nadia)
    for name in ("volumetry_change", "volumetry_difference", "wave_sizes", "wave_map"):
        drawing = browser.get(f"/grenoble/chiffres/{name}/?format=svg")
        assert drawing["Content-Type"] == "image/svg+xml"
        assert drawing["Content-Disposition"].endswith(f'{name}-grenoble-2024-10-08.svg"')
        assert ElementTree.fromstring(drawing.content).find("{http://www.w3.org/2000/svg}title") is not None
    assert browser.get("/grenoble/chiffres/establishment_count/?format=svg")["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    "url",
    [
        "/grenoble/chiffres/unknown/",
        "/grenoble/chiffres/volumetry/?au=hier",
        "/grenoble/chiffres/volumetry/?connu=demain",
        "/grenoble/chiffres/volumetry/?from_wave=V99",
        "/grenoble/chiffres/volumetry/?academy__slug=lyon",
        "/grenoble/chiffres/volumetry/lignes/?cellule=college/V99",
        "/grenoble/chiffres/volumetry/lignes/",
    ],
)
def test_address_that_asks_nothing_known_is_unknown(url: str, filled: Academy, nadia: User, signed: Signed) -> None:
    assert signed(nadia).get(url).status_code == 404


def test_stranger_and_wrong_role_see_no_figure(filled: Academy, victor: User, tom: User, signed: Signed) -> None:
    for page in ("", "volumetry/", "volumetry/lignes/?cellule=college/V8"):
        assert signed(victor).get(f"/grenoble/chiffres/{page}").status_code == 404
        assert signed(tom).get(f"/grenoble/chiffres/{page}").status_code == 403
