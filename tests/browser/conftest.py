"""A real browser on a real server."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from accounts.models import User

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not installed (Debian package chromium)")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in the thread of the tests
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@dataclass
class Tab:
    """One page of the browser, and all that it complained of."""

    page: Page
    home: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto(self.home + path, wait_until="load")


@pytest.fixture
def open_tab(browser: Browser, live_server: Any, signed: Callable[[User], Client]) -> Iterator[Callable[..., Tab]]:
    """`open_tab(nadia, width=360)` is a browser window in which Nadia has signed in."""
    contexts = []

    def open_one(person: User | None, *, width: int = 1280, scheme: Any = "light") -> Tab:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, locale="fr-FR", reduced_motion="reduce"
        )
        contexts.append(context)
        if person:
            lend(context, signed(person), live_server.url)
        tab = Tab(context.new_page(), live_server.url)
        listen(tab)
        return tab

    yield open_one
    for context in contexts:
        context.close()


def lend(context: BrowserContext, client: Client, url: str) -> None:
    """Give the browser the session of a test client that has signed in."""
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": url}])


def listen(tab: Tab) -> None:
    """Keep what the console says and what fails to load."""

    def hear_console(message: Any) -> None:
        if message.type in ("error", "warning"):
            tab.complaints.append(f"{tab.page.url}: {message.text}")

    def hear_response(response: Any) -> None:
        if response.status >= 400:
            tab.complaints.append(f"{tab.page.url}: {response.status} for {response.url}")

    tab.page.on("console", hear_console)
    tab.page.on("pageerror", lambda error: tab.complaints.append(f"{tab.page.url}: {error}"))
    tab.page.on("response", hear_response)
