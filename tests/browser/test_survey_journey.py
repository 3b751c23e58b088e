"""A whole survey in a real browser, with a real mail relay: from the blank page to the slide of the committee."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from django.utils.module_loading import import_string
from playwright.sync_api import Page, expect

from accounts import postman
from accounts.choices import JobState
from accounts.models import Job, OutgoingEmail, User
from cosui import services as cosui
from cosui.choices import SectionKind
from cosui.models import AgendaItem
from cosui.sections import compose
from deployment.models import Academy
from figures.text import to_text
from surveys.choices import CampaignState
from surveys.forms.times import render
from surveys.models import AnswerVersion, Campaign
from surveys.services import receipts
from tests.browser.conftest import Tab
from tests.factories import place
from tests.relay import Relay, private_relay
from tests.surveys.factories import make_staffed

pytestmark = pytest.mark.browser
NAMES = ("Collège Stendhal", "Collège Champollion", "Collège Vaucanson")
LINK = re.compile(r"https?://\S+/r/[\w-]{43}/")


@pytest.fixture
def relay(settings: Any) -> Iterator[Relay]:
    with private_relay() as running:
        settings.EMAIL_URL = running.url
        yield running


@pytest.fixture
def wave(grenoble: Academy) -> Academy:
    """Three collèges of V8, each with its persons in post."""
    for name in NAMES:
        place(make_staffed(grenoble, name=name), "V8")
    return grenoble


def work() -> None:
    """What the worker and the clock do, in this process."""
    while job := Job.objects.filter(state=JobState.WAITING).first():
        import_string(job.task)(job.pk)
    receipts.send_due()
    postman.deliver_due()


def last_mail(relay: Relay, address: str) -> str:
    """The text of the last mail that reached this address."""
    mail = [mail for mail in relay.received if address in mail.recipients][-1].message
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def create(tab: Tab) -> None:
    """From « Nouvelle enquête » to the population of V8."""
    page = tab.page
    tab.open("/grenoble/enquetes/")
    page.get_by_role("link", name="Nouvelle enquête").first.click()
    page.get_by_role("link", name="Besoins de formation").click()
    page.get_by_label("Ouverture").fill(render(timezone.now() - timedelta(days=1)))
    press(page, "Enregistrer")
    page.get_by_label("V8").check(force=True)
    press(page, "Retenir ces critères")
    expect(page.get_by_text("3 établissements de V8").first).to_be_visible()


def send(tab: Tab, relay: Relay) -> None:
    page = tab.page
    page.get_by_role("link", name="Qui recevra quoi").click()
    press(page, "Préparer les messages")
    work()
    assert relay.received == [], "nothing leaves before it is asked"
    page.reload()
    press(page, "Envoyer les 3 messages")
    expect(page.get_by_role("heading", level=1)).to_have_text(Campaign.objects.get().title)
    work()
    assert len(relay.received) == 3


def answer_with_a_colleague(head: Tab, colleague: Tab, relay: Relay, box: str) -> None:
    """The head hands the preparation on, the secretary general fills it in, the head resumes and sends."""
    phone = head.page
    phone.goto(LINK.findall(last_mail(relay, f"chef.{box}"))[0])
    phone.get_by_role("link", name="Confier la préparation").click()
    phone.get_by_label("Prénom et nom de votre collègue").fill("Sacha Gestion")
    phone.get_by_label("Son adresse électronique").fill(f"sg.{box}")
    press(phone, "Envoyer le lien")
    work()
    desk = colleague.page
    desk.goto(LINK.findall(last_mail(relay, f"sg.{box}"))[0])
    desk.get_by_label("Oui, une ou plusieurs").check(force=True)
    row = desk.locator("[data-row]").nth(1)
    row.get_by_label("Prénom et nom").fill("Sacha Gestion")
    row.get_by_label("Fonction").select_option("secretary_general")
    row.get_by_label("Sphère ordonnateur").check(force=True)
    press(desk, "Enregistrer le brouillon")
    expect(desk.get_by_text("Brouillon enregistré le").first).to_be_visible()
    expect(desk.get_by_role("button", name="Envoyer la réponse")).to_have_count(0)
    phone.get_by_role("link", name="Revenir à la réponse").click()
    expect(phone.locator("[data-row]").nth(1).get_by_label("Prénom et nom")).to_have_value("Sacha Gestion")
    press(phone, "Envoyer la réponse")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Réponse envoyée")


def remind(tab: Tab, relay: Relay) -> None:
    page = tab.page
    page.get_by_role("link", name="Suivre et relancer").click()
    page.get_by_label("toutes les lignes filtrées").check(force=True)
    press(page, "Relancer")
    expect(page.get_by_text("2 messages", exact=True)).to_be_visible()
    press(page, "Envoyer")
    before = len(relay.received)
    work()
    reminded = {address for mail in relay.received[before:] for address in mail.recipients if "chef." in address}
    assert len(reminded) == 2


def close_and_freeze(tab: Tab) -> None:
    page, campaign = tab.page, Campaign.objects.get()
    tab.open(f"/grenoble/enquetes/{campaign.pk}/dates/")
    page.get_by_label("Nouvelle clôture").fill(render(timezone.now() - timedelta(minutes=2)))
    page.get_by_label("Motif").fill("Toutes les réponses utiles sont là")
    page.locator("main form button").last.click()
    page.get_by_role("link", name="Geler").click()
    page.locator("main form button").last.click()
    expect(page.get_by_text("Gelée").first).to_be_visible()


def test_from_the_blank_page_to_the_slide(
    open_tab: Callable[..., Tab],
    live_server: Any,
    settings: Any,
    tmp_path: Path,
    relay: Relay,
    wave: Academy,
    nadia: User,
) -> None:
    settings.PUBLIC_BASE_URL = live_server.url
    tab, head, colleague = open_tab(nadia), open_tab(None, width=360), open_tab(None)
    create(tab)
    send(tab, relay)
    box = next(a for a in relay.addresses if a.startswith("chef.")).removeprefix("chef.")
    answer_with_a_colleague(head, colleague, relay, box)
    work()
    assert "Sacha Gestion" in last_mail(relay, f"chef.{box}"), "the receipt says what was sent"
    tab.open(f"/grenoble/enquetes/{Campaign.objects.get().pk}/")
    expect(tab.page.get_by_text("1 sur 3").first).to_be_visible()
    remind(tab, relay)
    close_and_freeze(tab)
    assert Campaign.objects.get().state == CampaignState.FROZEN
    assert AnswerVersion.objects.count() == 1
    assert not OutgoingEmail.objects.exclude(state="sent").exists()
    today = timezone.localdate()
    meeting = cosui.plan_meeting(wave, today, by=nadia)
    cosui.save_item(AgendaItem(meeting=meeting, title="Formation", on=today, section=SectionKind.TRAINING), by=nadia)
    slide = compose(meeting).slides[0]
    assert slide.headline == "1 établissement sur 3 a répondu : 2 personnels à former en sphère ordonnateur"
    assert "33,3" in "".join(to_text(block.figure) for block in slide.blocks)
    assert [c for tab in (tab, head, colleague) for c in tab.complaints] == []
