"""What goes wrong on the way: the database away, the broker away, tokens made of anything."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AttemptCount
from deployment.choices import Function
from deployment.models import Establishment
from opale_pilot.celery import app as celery_app
from surveys.models import AnswerVersion, Campaign
from surveys.services import receipts
from tests.surveys.factories import tokens
from tests.surveys.test_reply_pages import NONE, WHO, enter, hidden, invitation_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def head(campaign: Campaign, staffed: Establishment) -> tuple[Client, str]:
    browser = enter(tokens(campaign)[staffed.uai, Function.HEAD])
    return browser, f"/reponse/{invitation_of(campaign).pk}/"


@contextmanager
def failing(error: type[Exception], *words: str) -> Iterator[list[str]]:
    """The database refuses every statement that holds one of these words."""
    refused: list[str] = []

    def refuse(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if any(word in sql for word in words):
            refused.append(sql)
            raise error("server closed the connection unexpectedly")
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(refuse):
        yield refused


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
@pytest.mark.parametrize("words", ["surveys_link", 'INSERT INTO "surveys_answerversion"'])
def test_a_database_that_goes_away_gives_back_what_was_typed(
    head: tuple[Client, str], error: type[Exception], words: str
) -> None:
    browser, path = head
    typed = {
        **hidden(browser.get(path)),
        **NONE,
        **WHO,
        "comment": 'Une <longue> "saisie"\nsur deux lignes',
        "act": "submit",
    }
    with failing(error, words) as refused:
        response = browser.post(path, typed)
    text = response.content.decode()
    assert refused and response.status_code == 503
    assert response["Cache-Control"] == "no-store, private"
    assert "Une &lt;longue&gt; &quot;saisie&quot;\nsur deux lignes</textarea>" in text
    assert text.count("<textarea hidden") == len(typed)
    assert not AnswerVersion.objects.exists()
    assert browser.post(path, typed).status_code == 303  # the page sends the very same again
    assert AnswerVersion.objects.count() == 1


def test_a_page_that_cannot_be_read_says_to_try_again(head: tuple[Client, str]) -> None:
    browser, path = head
    for address in ("/reponse/", path, "/r/x/"):
        with failing(OperationalError, "surveys_link"):
            response = browser.get(address)
        assert response.status_code == 503 and "Réessayez" in response.content.decode()


def test_a_broker_that_is_down_changes_nothing(head: tuple[Client, str], monkeypatch: pytest.MonkeyPatch) -> None:
    browser, path = head
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setattr(celery_app.conf, "broker_url", f"redis://127.0.0.1:{unused.getsockname()[1]}/0")
        typed = {**hidden(browser.get(path)), **NONE, **WHO, "act": "submit"}
        assert browser.post(path, typed).status_code == 303
    assert receipts.send_due() == 1


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(token=st.text(min_size=1).filter(lambda text: "/" not in text and text not in (".", "..")))
def test_no_token_made_of_anything_opens_or_breaks_anything(campaign: Campaign, token: str) -> None:
    AttemptCount.objects.all().delete()
    response = Client().get(f"/r/{quote(token, safe='', errors='replace')}/")
    assert response.status_code == 404
    assert not response.cookies.keys() - {"csrftoken"}


@pytest.mark.parametrize("token", ["a" * 10_000, "\0", "'", '"', "..%2f", "🌊", "\ud800"])
def test_a_bad_token_costs_one_look_up(campaign: Campaign, token: str, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(3):  # the look-up, the count of tries, and its cleaning
        assert Client().get(f"/r/{quote(token, safe='', errors='replace')}/").status_code == 404


def test_an_envelope_too_large_is_told_in_a_sentence(head: tuple[Client, str]) -> None:
    browser, path = head
    refused = browser.post(path, {**NONE, **WHO, "comment": "é" * 3_000_000})
    assert refused.status_code == 400 and "Votre envoi n’a pas pu être lu" in refused.content.decode()
