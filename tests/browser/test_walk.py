"""Every page that a link reaches: nothing in the console, nothing for axe, nothing wider than the window."""

import re
from collections.abc import Callable
from html import unescape
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, expect

from accounts import jobs
from accounts.choices import JobState, Role
from accounts.models import Grant, Job, User
from cosui import services
from cosui.models import Meeting
from deployment.models import Academy, Establishment
from tests.browser.conftest import Tab, lend
from tests.copies import alone_in, share
from tests.factories import make_academy
from tests.tutoring.factories import make_call
from tutoring.choices.candidates import CallState

pytestmark = pytest.mark.browser

RULES = ["RGAAv4", "wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}  # all that a dark scheme changes
WIDE, PHONE = 1280, 360
SHARDS = 3  # as many as processes (see Makefile)
LEAD = "nadia@demo.invalid"
START = ["/", "/accessibilite/", "/mentions-legales/", "/donnees-personnelles/"]
FEWEST = {
    "home",
    "cockpit",
    "figure_list",
    "accounts:job_detail",
    "cosui:briefing_detail",
    "cosui:meeting_detail",
    "deployment:academy_edit",
    "deployment:establishment_detail",
    "deployment:import_detail",
    "deployment:volumetry",
    "deployment:wave_detail",
    "tutoring:call_detail",
    "tutoring:call_edit",
}
# The menu as it is served: on a wide window the DSFR’s script takes its name away, a frame after the page has loaded.
MENU_AS_SERVED = ".fr-header__menu[aria-labelledby]:not([role])"
LEAST_GAP = 24  # pixels between a button and what comes under it
LINK = re.compile(r'<a\s[^>]*?href="([^"#]*)')
DOWNLOADS = ("_export", "_download")  # ends of the names of views that send a file


def view_name(path: str) -> str:
    """The name of the view behind a path; empty if it is not a page of ours."""
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""


def walk(client: Client) -> dict[str, str]:
    """One address for each view that links lead to, by name of view."""
    found: dict[str, str] = {}
    waiting = [*START]
    while waiting:
        path = waiting.pop(0)
        name = view_name(urlsplit(path).path)
        if name in found or not name or name.endswith(DOWNLOADS):
            continue
        page = client.get(path, follow=True)
        shown = page.redirect_chain[-1][0] if page.redirect_chain else path
        found[name] = path
        found.setdefault(view_name(urlsplit(shown).path), shown)
        waiting += [urljoin(shown, unescape(link)) for link in LINK.findall(page.text)]
    return found


def violations(tab: Tab, rules: Any) -> list[str]:
    """What axe finds on the page shown, and whether it is wider than the window."""
    tab.page.wait_for_selector(MENU_AS_SERVED, state="hidden")
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    report = tab.page.evaluate("options => axe.run(document, options)", options)
    told = [f"{tab.page.url}: {v['id']} {v['nodes'][0]['html'][:200]}" for v in report["violations"]]
    too_wide = tab.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*told, f"{tab.page.url}: {too_wide} pixels too wide"] if too_wide > 0 else told


def faults_of(tab: Tab, path: str) -> list[str]:
    """What is wrong with a page on a wide window, in the dark, and on a phone: loaded once, then changed before us."""
    tab.open(path)
    tab.page.evaluate(AXE_SCRIPT)
    wrong = violations(tab, RULES)
    show(tab, "dark")
    wrong += violations(tab, COLOURS)
    show(tab, "light")
    tab.page.set_viewport_size({"width": PHONE, "height": 900})
    wrong += violations(tab, RULES)
    tab.page.set_viewport_size({"width": WIDE, "height": 900})
    return wrong


def show(tab: Tab, scheme: Any) -> None:
    tab.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    tab.page.wait_for_selector(f'html[data-fr-theme="{scheme}"]', state="attached")


@pytest.fixture
def furnished(grenoble: Academy, nadia: User, territory: dict[str, Establishment]) -> User:
    """Nadia, lead in two académies, three establishments and a running job."""
    Grant.objects.create(user=nadia, role=Role.LEAD, academy="lyon")
    Job.objects.create(task="tests.nothing", label="Dossier", academy="grenoble", state=JobState.RUNNING)
    return nadia


def furnish() -> None:
    """The demonstration, and another académie, a briefing composed, another asked, and a failed job."""
    call_command("demo", stdout=StringIO())
    make_academy("lyon", "Lyon")
    lead = User.objects.get(email=LEAD)
    Grant.objects.create(user=lead, role=Role.LEAD, academy="lyon")
    meeting = Meeting.objects.get()
    composed = services.request_briefing(meeting, by=lead)
    assert composed.job_id
    jobs.run(composed.job_id, services.compose_briefing)
    services.request_briefing(meeting, by=lead)
    make_call(meeting.academy, state=CallState.DRAFT)
    Job.objects.create(
        task="tests.nothing", label="Échec", academy="grenoble", state=JobState.FAILED, error="Une erreur technique."
    )


@pytest.fixture
def demonstration(transactional_db: None, run_folder: Path, settings: Any) -> User:
    """The lead of the demonstration, which one process of the run has loaded and the others copy."""
    if connection.vendor != "sqlite":
        furnish()
    else:
        with alone_in(run_folder):
            share(furnish, run_folder / "demonstration", Path(settings.MEDIA_ROOT))
    return User.objects.get(email=LEAD)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_page_is_clean_in_each_window(
    open_tab: Callable[..., Tab], demonstration: User, signed: Callable[[User], Client], shard: int
) -> None:
    pages = walk(signed(demonstration))
    assert set(pages) >= FEWEST
    tab = open_tab(demonstration)
    wrong = [fault for path in sorted(pages.values())[shard::SHARDS] for fault in faults_of(tab, path)]
    assert [*wrong, *tab.complaints] == []


def test_sign_in_page_is_clean(open_tab: Callable[..., Tab], grenoble: Academy) -> None:
    tab = open_tab(None)
    assert [*faults_of(tab, "/connexion/"), *tab.complaints] == []


def test_a_phone_shows_that_a_table_goes_on_and_keeps_headings_off_the_buttons(
    open_tab: Callable[..., Tab], demonstration: User
) -> None:
    tab = open_tab(demonstration)
    tab.page.set_viewport_size({"width": PHONE, "height": 900})
    for path, edge in (("/grenoble/", ".fig__scroll"), ("/grenoble/tutorat/lettres/", ".fr-table__container")):
        tab.open(path)
        shaded = tab.page.locator(edge).first
        assert shaded.evaluate("e => e.scrollWidth > e.clientWidth")
        assert shaded.evaluate("e => getComputedStyle(e).backgroundAttachment") == "local, local, scroll, scroll"
        cell = shaded.locator("tbody td").first
        assert cell.evaluate("e => getComputedStyle(e).backgroundColor") == "rgba(0, 0, 0, 0)"
    for path, button, below in (
        ("/grenoble/vagues/V8/", "main .fr-btns-group .fr-btn >> nth=-1", "main h2 >> nth=0"),
        ("/grenoble/tutorat/", "main .app-list-head .fr-btn", "main .fr-alert--warning >> nth=0"),
    ):
        tab.open(path)
        upper, lower = (tab.page.locator(one).bounding_box() for one in (button, below))
        assert upper and lower and lower["y"] - upper["y"] - upper["height"] >= LEAST_GAP
    assert tab.complaints == []


def test_list_is_filtered_in_place_and_the_address_follows(open_tab: Callable[..., Tab], furnished: User) -> None:
    tab = open_tab(furnished)
    tab.open("/grenoble/etablissements/")
    tab.page.evaluate("window.stayed = true")
    tab.page.get_by_label("Nom, commune ou UAI").fill("évian")
    tab.page.get_by_role("button", name="Filtrer").click()
    tab.page.get_by_text("1 établissement", exact=True).wait_for()
    assert tab.page.url.endswith("/etablissements/?text=%C3%A9vian&on=2024-10-08")
    assert tab.page.evaluate("window.stayed") is True
    tab.page.get_by_role("link", name="UAI", exact=True).click()
    tab.page.wait_for_url("**sort=uai**")
    assert tab.page.evaluate("window.stayed") is True
    tab.page.go_back()
    tab.page.get_by_text("1 établissement", exact=True).wait_for()
    assert tab.page.get_by_role("banner").count() == 1
    tab.page.go_back()
    tab.page.get_by_text("3 établissements", exact=True).wait_for()
    assert tab.complaints == []


def test_list_is_filtered_without_javascript(browser: Browser, live_server: Any, furnished: User, signed: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    lend(context, signed(furnished), live_server.url)
    page = context.new_page()
    page.goto(f"{live_server.url}/grenoble/etablissements/")
    page.get_by_label("Nom, commune ou UAI").fill("évian")
    page.get_by_role("button", name="Filtrer").click()
    page.get_by_text("1 établissement", exact=True).wait_for()
    context.close()


def test_keyboard_reaches_the_content_first(open_tab: Callable[..., Tab], furnished: User) -> None:
    tab = open_tab(furnished)
    tab.open("/grenoble/etablissements/")
    tab.page.keyboard.press("Tab")
    assert tab.page.evaluate("document.activeElement.textContent") == "Contenu"
    tab.page.keyboard.press("Enter")
    assert tab.page.evaluate("document.activeElement.id") == "content"


def test_theme_is_chosen_in_the_footer(open_tab: Callable[..., Tab], furnished: User) -> None:
    tab = open_tab(furnished)
    tab.open("/accessibilite/")
    tab.page.get_by_role("button", name="Paramètres d’affichage").click()
    tab.page.get_by_text("Thème sombre", exact=True).click()
    expect(tab.page.locator("html")).to_have_attribute("data-fr-theme", "dark")
    assert tab.complaints == []


def test_message_can_be_dismissed(open_tab: Callable[..., Tab], furnished: User) -> None:
    tab = open_tab(furnished)
    tab.open("/grenoble/reglages/")
    tab.page.get_by_role("button", name="Enregistrer les réglages").click()
    tab.page.get_by_text("Rien n’a changé.").wait_for()
    tab.page.get_by_role("button", name="Masquer le message").click()
    expect(tab.page.get_by_text("Rien n’a changé.")).to_be_hidden()
    assert tab.complaints == []


def test_job_page_refreshes_itself_when_the_job_ends(open_tab: Callable[..., Tab], furnished: User) -> None:
    job = Job.objects.get(state=JobState.RUNNING)
    tab = open_tab(furnished)
    tab.open(f"/grenoble/traitements/{job.pk}/")
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE)
    tab.page.get_by_text("Terminé", exact=True).first.wait_for()
    expect(tab.page.locator("progress")).to_have_count(0)
