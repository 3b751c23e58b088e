"""A visit in a real browser: noted by the tutor, confirmed by the establishment, attested, put in payment and seen."""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from accounts.choices import Role
from accounts.models import OutgoingEmail
from deployment.models import Academy
from tests.browser.conftest import Tab
from tests.factories import make_person, make_wave
from tests.tutoring.conftest import make_tutor
from tests.tutoring.work import make_call, make_own, make_place, serve, token_of

pytestmark = pytest.mark.browser
HOME = "/grenoble/tutorat/"


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


@pytest.mark.django_db(transaction=True)
def test_a_visit_becomes_an_indemnity(grenoble: Academy, open_tab: Callable[..., Tab]) -> None:
    grenoble.observed_on = date(2024, 10, 8)
    grenoble.save()
    make_wave(grenoble, "V6", cutover_on=date(2024, 1, 1), effective_on=date(2023, 9, 1))
    make_call(grenoble)
    tutor = make_tutor(grenoble, "Léa Tutrice")
    serve(tutor, make_place(grenoble))
    tabs = [open_tab(make_own(grenoble, "Theo", tutor)), open_tab(None, width=360)]
    tabs += [open_tab(make_person(name, role, grenoble)) for name, role in (("Samir", Role.STAFF), ("Hugo", Role.HR))]
    own, head, staff, payroll = tabs

    own.open(f"{HOME}moi/")
    own.page.get_by_role("link", name="Noter une visite").click()
    own.page.get_by_label("Établissement").select_option(label="Collège Crest (Grenoble)")
    own.page.get_by_label("Date").fill("2024-06-03")
    own.page.get_by_label("Sur place").check(force=True)
    own.page.get_by_label("Durée en minutes").fill("90")
    own.page.get_by_label("Objet").fill("Premier paiement")
    press(own.page, "Noter la visite")
    expect(own.page.get_by_text("La visite est notée.")).to_be_visible()

    head.open(f"/v/{token_of(OutgoingEmail.objects.get())}/")
    head.page.get_by_role("link", name="Répondre").click()
    head.page.get_by_label("C’est exact").check(force=True)
    head.page.get_by_label("Très utile").check(force=True)
    press(head.page, "Envoyer la réponse")
    expect(head.page.get_by_text("Tout est confirmé, merci.")).to_be_visible()

    staff.open(f"{HOME}service-fait/")
    staff.page.get_by_role("link", name="Attester").click()
    press(staff.page, "Attester")
    payroll.open(f"{HOME}indemnites/")
    press(payroll.page, "Arrêter un état de 500 €")
    own.open(f"{HOME}moi/")
    expect(own.page.get_by_text("Confirmée")).to_be_visible()
    expect(own.page.get_by_text("Dans l’état de paiement n° 1")).to_be_visible()
    assert [complaint for tab in tabs for complaint in tab.complaints] == []
