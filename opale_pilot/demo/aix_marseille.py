"""A second académie, of which one accounting agency is shown, and its call for tutors: other rules, same product.

The rules are those of the public call of 22 January 2024; the persons, the addresses and the wave lists are invented.
The académie observes 6 February 2024, the day after the deadline.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

from django.utils import timezone

from accounts.choices import MailState, Role
from accounts.models import Grant, OutgoingEmail, User
from deployment.choices import ImportKind, Sphere
from deployment.models import Academy, Establishment
from deployment.services import wave_states, waves
from deployment.services.enrolment import enrol
from deployment.services.registers import recording_at
from deployment.services.wave_states import Ruling
from opale_pilot.demo.cast import CALL_TOKEN, SECOND_ACADEMY
from opale_pilot.demo.posts import invented
from opale_pilot.demo.surveys import NOT_LEAVING
from opale_pilot.demo.territory import DIRECTORY, FICTION, at_noon, import_file
from opale_pilot.demo.waves import CALENDAR
from surveys.clock import happening_at
from surveys.models.invitations import hash_token
from tutoring.choices.candidates import TutorFunction, Verdict
from tutoring.models import Application, TutorCall
from tutoring.services import applications, applying, calls

AGENCY = DIRECTORY.with_name("agence_marseilleveyre.csv")
TEXT = DIRECTORY.with_name("appel_aix_marseille.txt")
OBSERVED_ON = date(2024, 2, 6)
PUBLISHED_ON = date(2024, 1, 22)
PLACES = {  # the first four waves; one establishment is left out
    "V1": ("0130038W", "0131923V"),
    "V2": ("0130063Y", "0130054N"),
    "V3": ("0130062X", "0130139F"),
    "V4": ("0132310R",),
}
FUNCTIONS = (
    TutorFunction.SECRETARY_GENERAL,
    TutorFunction.SECRETARY_GENERAL_ACCOUNTANT,
    TutorFunction.DEPUTY_ACCOUNTANT,
    TutorFunction.MANAGEMENT_ASSISTANT,
    TutorFunction.ACCOUNTING_ASSISTANT,
)
RECIPIENTS = """\
Mesdames et messieurs les chefs d’établissement
Mesdames et messieurs les secrétaires généraux d’EPLE"""
MOTIVATION = (
    "Utiliser Op@le depuis plusieurs exercices m’a appris ce qui aide au quotidien : je souhaite le transmettre."
)
CANDIDATES = (  # UAI, function, spheres, day it came
    ("0130063Y", TutorFunction.SECRETARY_GENERAL, (Sphere.ORDERING,), date(2024, 1, 24)),
    ("0130038W", TutorFunction.DEPUTY_ACCOUNTANT, (Sphere.ACCOUNTING,), date(2024, 1, 26)),
    ("0130062X", TutorFunction.MANAGEMENT_ASSISTANT, (Sphere.ORDERING,), date(2024, 1, 31)),
    ("0130139F", TutorFunction.HEAD, (Sphere.ORDERING,), date(2024, 2, 1)),  # not a function of the call
    ("0132311S", TutorFunction.SECRETARY_GENERAL, (Sphere.ORDERING,), date(2024, 2, 6)),  # no wave, and late
)
FIRST_NUMBER = 1200  # of the invented persons: of no other part of the demonstration


def load(lead: User) -> Academy:
    """The académie, its agency, its waves, its call and what came in answer."""
    academy = enrol(SECOND_ACADEMY)
    academy.service_name = "Service académique des établissements publics locaux d’enseignement"
    academy.service_acronym, academy.ministry_block = "SA EPLE", "Académie\nd’Aix-Marseille"
    academy.observed_on, academy.is_demonstration = OBSERVED_ON, True
    academy.save()
    import_file(academy, ImportKind.ESTABLISHMENTS, AGENCY.read_bytes(), AGENCY.name, {})
    _open_waves(academy)
    opened = {"effective_on": CALENDAR[0].opened_on.isoformat(), "reason": "Agence comptable réelle (2018)"}
    with recording_at(at_noon(CALENDAR[0].opened_on)):
        import_file(academy, ImportKind.AGENCIES, AGENCY.read_bytes(), AGENCY.name, opened)
    call = _call(academy)
    for number, candidate in enumerate(CANDIDATES):
        _apply(call, number, *candidate)
    OutgoingEmail.objects.filter(academy=academy.slug).update(state=MailState.SENT, answer=NOT_LEAVING)
    _decide(academy, lead)
    return academy


def _open_waves(academy: Academy) -> None:
    """Each wave opened, its establishments placed, then switched: the register is written in the order of the days."""
    places = {e.uai: e for e in Establishment.objects.filter(academy=academy)}
    planned = CALENDAR[: len(PLACES)]
    acts = [*((wave.opened_on, wave) for wave in planned), *((wave.cutover_on, wave) for wave in planned)]
    for day, wave in sorted(acts, key=lambda act: act[0]):
        with recording_at(at_noon(day)):
            if day == wave.cutover_on:
                ruling = Ruling(day, "Bascule effectuée", None)
                wave_states.switch(academy.waves.get(code=wave.code), ruling)
                continue
            ruling = Ruling(day, "Ouverture de la vague", None)
            opened = wave_states.open_wave(academy, wave.code, ruling, cutover_on=wave.cutover_on)
            listed = {places[uai]: opened for uai in PLACES[wave.code]}
            waves.place(academy, listed, effective_on=day, reason=FICTION, by=None)


def _call(academy: Academy) -> TutorCall:
    """Published on its day; its link is printed at the start of the demonstration."""
    call = TutorCall(
        academy=academy,
        reference="SAEPL/24-995-44",
        title="Appel à candidatures – Tuteurs Op@le académiques",
        published_on=PUBLISHED_ON,
        deadline_on=calls.deadline_for(PUBLISHED_ON),
        recipients=RECIPIENTS,
        routing="s/c de mesdames et messieurs les chefs d’établissement",
        functions=list(FUNCTIONS),
        waves=list(PLACES),
        spheres=list(Sphere.values),
        target_load=2,
        rate=Decimal(500),
        mission_ends_on=date(2025, 8, 31),
        extensions=["2026-08-31", "2027-08-31"],
        copies=["diepat@demo.invalid"],
        reply_to="tuteurs-opale@demo.invalid",
        body=TEXT.read_text(encoding="utf-8"),
        signatory="Pour le recteur et par délégation,\nle secrétaire général de l’académie d’Aix-Marseille",
    )
    calls.save(call, by=None)
    calls.set_bonus(call, Decimal(3), by=None)
    calls.publish(call, by=None)
    TutorCall.objects.filter(pk=call.pk).update(token_hash=hash_token(CALL_TOKEN))
    return call


def _apply(
    call: TutorCall, number: int, uai: str, function: TutorFunction, spheres: tuple[Sphere, ...], day: date
) -> None:
    name, email = invented(FIRST_NUMBER + number)
    application = Application(
        academy=call.academy,
        call=call,
        name=name,
        email=email,
        function=function,
        establishment=Establishment.objects.get(uai=uai),
        spheres=list(spheres),
        capacity=call.target_load,
        motivation=MOTIVATION,
        is_remote=number % 2 == 0,
    )
    with _at_ten(day):
        applying.apply(application, identifier=uuid5(NAMESPACE_URL, f"{call.reference}/{uai}"))


@contextmanager
def _at_ten(day: date) -> Iterator[None]:
    with happening_at(timezone.make_aware(datetime.combine(day, time(10)))):
        yield


def _decide(academy: Academy, lead: User) -> None:
    """The first is accepted, which leaves a mail to release; the second waits for another opinion; the rest is left."""
    agent = User.objects.get(pk=Grant.objects.get(academy=academy.slug, role=Role.STAFF).user_id)
    first, second, *_ = Application.objects.filter(academy=academy).order_by("pk")
    applications.give_opinion(first, Verdict.ACCEPT, by=lead)
    applications.give_opinion(first, Verdict.ACCEPT, by=agent)
    applications.give_opinion(second, Verdict.ACCEPT, by=agent)
