"""A year with a slip of the finger is refused, wherever a day is typed, in a form or in an address."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.days import plausible, read_day
from accounts.models import User
from deployment.models import Academy
from surveys.forms.times import ParisTimeField
from surveys.models import Campaign
from tests.factories import make_wave
from tests.tutoring.factories import make_call
from tutoring.models import TutorCall

Signed = Callable[[User], Client]
ROOMS = ("accounts", "deployment", "surveys", "tutoring", "cosui", "opale_pilot")
ABSURD = ("0001-01-01", "0204-10-08", "1949-12-31", "2101-01-01", "9999-12-31")


def house_forms() -> Iterator[type[forms.BaseForm]]:
    """Every form class written in the rooms."""
    for room in ROOMS:
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            if ".forms" in module.name:
                found = vars(importlib.import_module(module.name)).values()
                yield from (one for one in found if isinstance(one, type) and issubclass(one, forms.BaseForm))


def test_every_day_of_every_form_is_watched() -> None:
    days = [
        (form.__name__, name, field)
        for form in set(house_forms())
        for name, field in form.base_fields.items()
        if isinstance(field, forms.DateField | forms.DateTimeField | ParisTimeField)
    ]
    assert len(days) > 20
    assert [(form, name) for form, name, field in days if plausible not in field.validators] == []


@pytest.mark.parametrize("text", ABSURD)
def test_what_nobody_means_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="entre 1950 et 2100"):
        plausible(date.fromisoformat(text))
    with pytest.raises(ValueError, match="entre 1950 et 2100"):
        read_day(text)
    assert read_day("1950-01-01").year == 1950 and read_day("2100-12-31").year == 2100


@pytest.mark.parametrize("text", ["9999-12-31", "0001-01-01"])
def test_settings_of_an_academy_keep_their_day(text: str, grenoble: Academy, nadia: User, signed: Signed) -> None:
    page = signed(nadia).post("/grenoble/reglages/", {"label": "Grenoble", "observed_on": text})
    assert "entre 1950 et 2100" in page.content.decode()
    assert Academy.objects.get(slug="grenoble").observed_on == grenoble.observed_on


@pytest.mark.parametrize("name", ["wave_wishes", "tutor_loads", "tutor_indemnities", "response_rate", "volumetry"])
@pytest.mark.parametrize("query", ["au=9999-12-31", "au=0001-01-01"])
def test_a_figure_of_an_absurd_day_is_unknown(
    name: str, query: str, grenoble: Academy, samir: User, signed: Signed
) -> None:
    make_wave(grenoble, "V8")
    assert signed(samir).get(f"/grenoble/chiffres/{name}/?{query}").status_code == 404


@pytest.mark.parametrize("year", ["0-1", "9999-10000", "1949-1950", "abc"])
def test_an_absurd_school_year_is_unknown(year: str, grenoble: Academy, nadia: User, signed: Signed) -> None:
    browser = signed(nadia)
    assert browser.get(f"/grenoble/tutorat/indemnites/?annee={year}").status_code == 404
    assert browser.get(f"/grenoble/chiffres/tutor_indemnities/?year={year}").status_code == 404


def test_a_call_of_an_absurd_day_is_shown_again(grenoble: Academy, samir: User, signed: Signed) -> None:
    call = make_call(grenoble, state="draft")
    typed = {"published_on": "9999-12-31", "deadline_on": "", "extensions": "31/08/9999", "title": "Appel"}
    page = signed(samir).post(f"/grenoble/tutorat/appels/{call.pk}/modifier/", typed)
    assert page.content.decode().count("entre 1950 et 2100") >= 2
    assert TutorCall.objects.get().published_on == call.published_on


@pytest.mark.parametrize(("name", "value"), [("closes_at", "9999-12-31T18:00"), ("reminder_days", "99999999999")])
def test_a_campaign_of_an_absurd_end_or_rhythm_is_shown_again(
    name: str, value: str, grenoble: Academy, samir: User, signed: Signed
) -> None:
    browser = signed(samir)
    page = browser.post("/grenoble/enquetes/nouvelle/training_needs/", {name: value})
    (wrong,) = page.context["form"].errors[name]
    assert "entre 1950 et 2100" in wrong or "90" in wrong
    assert not Campaign.objects.exists()
