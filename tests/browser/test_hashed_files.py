"""The static files as production serves them, under hashed names: the page still has its style and its script."""

import threading
from collections.abc import Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Tab, listen

pytestmark = pytest.mark.browser

# What pages never ask for; the whole package takes ten times longer.
LEFT_OUT = ["analytics", "component", "core", "icon-picker", "layout", "legacy", "pictograms", "scheme"]
LEFT_OUT += ["*.legacy*", "*.main.*", "*.print.*", "*.map", "ext", "htmax*", "htmx-4*"]


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing of each request."""


class Threaded(ThreadingMixIn, WSGIServer):
    """A browser opens connections ahead and leaves them silent: one thread alone would wait for their first word."""

    daemon_threads = True


@pytest.fixture
def hashed_site(settings: Any, tmp_path: Path) -> Iterator[str]:
    """The site served by WhiteNoise from collected, hashed files."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    }
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=LEFT_OUT)
    server = make_server("localhost", 0, WSGIHandler(), Threaded, Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_page_keeps_its_style_and_its_script(browser: Browser, hashed_site: str) -> None:
    page = browser.new_page()
    tab = Tab(page, hashed_site)
    listen(tab)
    tab.open("/accessibilite/")
    sheets = page.eval_on_selector_all("link[rel=stylesheet]", "links => links.map(link => link.sheet.cssRules.length)")
    assert all(sheets)
    assert "Marianne" in page.evaluate("getComputedStyle(document.body).fontFamily")
    expect(page.locator("html")).to_have_attribute("data-fr-theme", "light")  # set by the script of the DSFR
    assert tab.complaints == []
    page.close()
