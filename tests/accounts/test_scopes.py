"""A grant over one establishment opens that establishment, never an act on the académie as a whole."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.choices import Role
from accounts.models import User
from deployment.models import Academy
from tests.factories import make_establishment, make_person

Signed = Callable[[User], Client]


@pytest.fixture
def agent(grenoble: Academy) -> User:
    """An agent of the service for one establishment only."""
    return make_person("Ines", Role.STAFF, grenoble, scope="0380033E")


def test_scoped_agent_sees_the_establishment_and_no_other(grenoble: Academy, agent: User, signed: Signed) -> None:
    make_establishment(grenoble, uai="0380033E", name="Lycée Vaucanson")
    make_establishment(grenoble, uai="0740003B", name="Lycée Berthollet")
    page = signed(agent).get("/grenoble/etablissements/").content.decode()

    assert "Vaucanson" in page
    assert "Berthollet" not in page
    assert signed(agent).get("/grenoble/etablissements/0740003B/").status_code == 404


@pytest.mark.parametrize("page", ["", "volumetrie/", "vagues/", "importations/", "cosui/", "traitements/", "envois/"])
def test_scoped_agent_does_nothing_on_the_whole_academy(page: str, agent: User, signed: Signed) -> None:
    assert signed(agent).get(f"/grenoble/{page}").status_code == 403
