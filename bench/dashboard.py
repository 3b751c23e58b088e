"""Cockpit, list of establishments and volumetry of one académie among thirty, beside their own SQL run bare."""

from __future__ import annotations

from datetime import date

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.choices import Role
from accounts.models import Grant, User
from bench.harness import Measure, compare
from bench.territory import populate
from deployment.models import Academy
from deployment.services import wave_states, waves
from deployment.services.wave_states import Ruling

WAVES = [f"V{number}" for number in range(1, 13)]
INITIAL_ON, MOVED_ON = date(2024, 6, 28), date(2024, 10, 1)
PAGES = ("", "etablissements/", "volumetrie/")


def measure() -> Measure:
    academies = populate()
    for academy in academies:
        _fill(academy)
    slug = academies[0].slug
    person = User.objects.create_user("banc@exemple.invalid", first_name="Banc", last_name="Essai")
    Grant.objects.create(user=person, role=Role.STAFF, academy=slug)
    browser = Client()
    browser.force_login(person)

    def ours() -> None:
        for page in PAGES:
            assert browser.get(f"/{slug}/{page}").status_code == 200

    ours()
    with CaptureQueriesContext(connection) as captured:
        ours()
    asked = (query["sql"] for query in captured)
    statements = list(dict.fromkeys(sql for sql in asked if sql.startswith("SELECT")))  # each once: the least SQL

    def floor() -> None:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                cursor.fetchall()

    what = f"three pages among {len(academies)} académies, against their {len(statements)} distinct SELECT alone"
    return compare("dashboard", what, ours=ours, floor=floor)


def _fill(academy: Academy) -> None:
    """Twelve waves, everyone placed, a quarter moved once."""
    academy.initial_volumetry_on = INITIAL_ON
    academy.save()
    ruling = Ruling(date(2024, 1, 1), "Banc d’essai", None)
    opened = [wave_states.open_wave(academy, code, ruling, cutover_on=None) for code in WAVES]
    everyone = list(academy.establishments.all())
    placed = {e: opened[number % len(opened)] for number, e in enumerate(everyone)}
    waves.place(academy, placed, effective_on=INITIAL_ON, reason="Banc d’essai", by=None)
    moved = {e: opened[(number + 3) % len(opened)] for number, e in enumerate(everyone[::4])}
    waves.place(academy, moved, effective_on=MOVED_ON, reason="Banc d’essai", by=None)
