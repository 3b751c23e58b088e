"""A campaign of 7,800 establishments, from its criteria to the queue of its mails, beside its rows inserted bare."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, timedelta
from statistics import median
from typing import Any

from django.db import connection, models, transaction
from django.test import Client
from django.utils import timezone

from accounts import jobs
from accounts.choices import Role
from accounts.models import Grant, OutgoingEmail, User
from bench.harness import LEAST_ROUNDS, Measure, compare
from bench.territory import populate
from deployment.choices import Function
from deployment.models import Academy, AccountingAgency, AgencyMembership, Establishment
from deployment.services import posts, wave_states, waves
from deployment.services.posts import Appointment
from deployment.services.wave_states import Ruling
from surveys.choices import CampaignState, Purpose
from surveys.models import Answer, Campaign, Invitation, Link, PopulationEntry, Recipient, Solicitation
from surveys.services import campaigns, sending
from surveys.services.proposals import propose

SINCE = date(2024, 9, 1)
WAVES = [f"V{number}" for number in range(1, 13)]
AGENCY_SIZE = 8
VACANT_EVERY = 30
WRITTEN = (PopulationEntry, Recipient, Invitation, Answer, OutgoingEmail, Link, Solicitation)
Rows = list[tuple[type[models.Model], list[tuple[Any, ...]]]]


def measure() -> Measure:
    academy, person = _country()
    browser = Client()
    browser.force_login(person)
    campaign = campaigns.save(propose(academy, Purpose.WAVE_WISH, by=person), by=person)
    pages: dict[str, list[tuple[float, float]]] = {}

    def timed(name: str, ask: Callable[..., Any], address: str, data: dict[str, Any] | None = None) -> None:
        start, start_cpu = time.perf_counter(), time.process_time()
        response = ask(f"{campaign.get_absolute_url()}{address}", data or {})
        pages.setdefault(name, []).append((time.perf_counter() - start, time.process_time() - start_cpu))
        assert response.status_code in (200, 302), (name, response.status_code)

    def ours() -> None:
        timed("criteria counted", browser.get, "population/", {"compter": "1", "waves": WAVES})
        timed("criteria kept", browser.post, "population/criteres/", {"waves": WAVES})
        timed("population", browser.get, "population/")
        timed("preview", browser.get, "apercu/")
        timed("one mail shown", browser.get, f"apercu/{campaign.entries.order_by('pk')[0].pk}/head/")
        timed("preparation asked", browser.post, "preparation/")
        prepared = Campaign.objects.get(pk=campaign.pk)
        assert prepared.job_id
        timed("campaign, mails being written", browser.get, "")
        jobs.run(prepared.job_id, sending.write_mails)
        timed("campaign, mails to be read", browser.get, "")
        timed("mails sent", browser.post, "envoi/", {"expected": str(sending.drafts(prepared).count())})
        timed("campaign, sent", browser.get, "")
        assert Campaign.objects.get(pk=campaign.pk).state == CampaignState.SENT
        if not rows:  # the warm-up makes them
            rows.extend((model, list(model.objects.order_by("pk").values_list())) for model in WRITTEN)

    rows: Rows = []

    def empty() -> None:
        """Back to the draft without population."""
        Campaign.objects.update(state=CampaignState.DRAFT, job=None, sent_at=None)
        for model in reversed(WRITTEN):
            _delete(model)

    result = compare("survey_campaign", "", ours=ours, floor=lambda: _insert(rows), before=empty, rounds=LEAST_ROUNDS)
    told = ", ".join(_words(name, taken[1:]) for name, taken in pages.items())  # the first one warms up
    mails = OutgoingEmail.objects.count()
    what = f"{PopulationEntry.objects.count()} establishments, {mails} mails; each page, median: {told}"
    return Measure(result.name, what, result.ours, result.floor)


def _words(name: str, taken: list[tuple[float, float]]) -> str:
    seconds, processor = (median(values) for values in zip(*taken, strict=True))
    return f"{name} {seconds:.2f} s ({processor:.2f} s of processor)"


def _country() -> tuple[Academy, User]:
    """Everyone under one académie: twelve waves, agencies of eight, heads and accountants in post but for some."""
    academy, *others = populate()
    Establishment.objects.filter(academy__in=others).update(academy=academy)
    everyone = list(academy.establishments.order_by("uai"))
    ruling = Ruling(SINCE, "Banc d’essai", None)
    opened = [wave_states.open_wave(academy, code, ruling, cutover_on=None) for code in WAVES]
    placed = {e: opened[number % len(opened)] for number, e in enumerate(everyone)}
    waves.place(academy, placed, effective_on=SINCE, reason="Banc d’essai", by=None)
    seats = everyone[::AGENCY_SIZE]
    agencies = AccountingAgency.objects.bulk_create(AccountingAgency(academy=academy, seat=seat) for seat in seats)
    AgencyMembership.objects.bulk_create(
        AgencyMembership(
            establishment=member,
            agency=agencies[number // AGENCY_SIZE],
            effective_on=SINCE,
            recorded_at=timezone.now() - timedelta(days=1),
            reason="Banc d’essai",
        )
        for number, member in enumerate(everyone)
    )
    people = [(e, Function.HEAD) for e in everyone] + [(e, Function.SECRETARY_GENERAL) for e in everyone]
    people += [(seat, Function.ACCOUNTANT) for seat in seats]
    posts.appoint(academy, [_appointment(n, *who) for n, who in enumerate(people)], by=None, reason="Banc d’essai")
    person = User.objects.create_user("banc@exemple.invalid", first_name="Banc", last_name="Essai")
    Grant.objects.create(user=person, role=Role.STAFF, academy=academy.slug)
    return academy, person


def _appointment(number: int, place: Establishment, function: Function) -> Appointment:
    if number % VACANT_EVERY == 0:
        return Appointment(place, function, "", "", SINCE)
    email = f"{function}.{place.uai.lower()}@exemple.invalid"
    return Appointment(place, function, f"Personne {number}", email, SINCE)


def _insert(rows: Rows) -> None:
    """The floor: the same rows, already made, in one transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        for model, values in rows:
            fields = model._meta.concrete_fields
            names = ", ".join(f'"{field.column}"' for field in fields)
            marks = ", ".join(["%s"] * len(fields))
            ready = [[f.get_db_prep_save(v, connection) for f, v in zip(fields, row, strict=True)] for row in values]
            statement = f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({marks})'  # noqa: S608, names of ours
            cursor.executemany(statement, ready)


def _delete(model: type[models.Model]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{model._meta.db_table}"')  # noqa: S608, a name of ours
