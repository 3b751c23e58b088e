"""Many at once: what is pressed fifty times counts once, what two persons send gives two versions."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from accounts.models import OutgoingEmail
from deployment.choices import Function
from deployment.models import Academy
from surveys.models import Answer, AnswerVersion
from surveys.services import receipts
from tests.factories import make_academy
from tests.surveys.factories import make_campaign, make_staffed, tokens
from tests.surveys.test_reply_pages import NONE, WHO, enter, hidden, invitation_of

pytestmark = pytest.mark.django_db(transaction=True)

CLIENTS = 50
THREADS = 10


@pytest.fixture
def academy() -> Academy:
    return make_academy("grenoble", "Grenoble")


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Do them all, ten at a time, each with a connection of its own."""
    gate = Barrier(min(THREADS, len(acts)))

    def one(place: int) -> Any:
        if place < gate.parties:
            gate.wait()
        try:
            return acts[place]()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(len(acts))))


def test_fifty_clicks_make_one_version(academy: Academy) -> None:
    place = make_staffed(academy)
    campaign = make_campaign(academy, establishments=[place])
    token, path = tokens(campaign)[place.uai, Function.HEAD], f"/reponse/{invitation_of(campaign).pk}/"
    typed = {**hidden(enter(token).get(path)), **NONE, **WHO, "act": "submit"}
    browsers = [enter(token) for _ in range(CLIENTS)]
    codes = at_once([lambda browser=browser: browser.post(path, typed).status_code for browser in browsers])  # type: ignore[misc]
    assert codes == [303] * CLIENTS
    assert AnswerVersion.objects.count() == 1
    assert Answer.objects.get().number == 1


def test_two_functions_at_once_give_two_versions_and_one_answer(academy: Academy) -> None:
    """Neither overwrites the other unseen: one of them is asked to confirm."""
    place = make_staffed(academy)
    campaign = make_campaign(academy, establishments=[place], asked=["head", "secretary_general"])
    found = tokens(campaign)
    sent: list[tuple[Client, str, dict[str, Any]]] = []
    for function in (Function.HEAD, Function.SECRETARY_GENERAL):
        browser, path = enter(found[place.uai, function]), f"/reponse/{invitation_of(campaign, function).pk}/"
        sent.append((browser, path, {**hidden(browser.get(path)), **NONE, **WHO, "comment": function.value}))
    pages = at_once([lambda row=row: (row, row[0].post(row[1], row[2])) for row in sent])  # type: ignore[misc]
    assert sorted(page.status_code for _, page in pages) == [303, 409]
    (browser, path, typed), conflict = next(found for found in pages if found[1].status_code == 409)
    assert browser.post(path, {**typed, **hidden(conflict), "act": "replace"}).status_code == 303
    versions = AnswerVersion.objects.order_by("number")
    assert Answer.objects.count() == 1
    assert [version.number for version in versions] == [1, 2]
    assert {version.content["comment"] for version in versions} == {"head", "secretary_general"}


def test_drafts_of_two_devices_do_not_overwrite_each_other(academy: Academy) -> None:
    place = make_staffed(academy)
    campaign = make_campaign(academy, establishments=[place])
    token, path = tokens(campaign)[place.uai, Function.HEAD], f"/reponse/{invitation_of(campaign).pk}/"
    browsers = [enter(token) for _ in range(8)]
    pages = [{**hidden(browser.get(path)), **NONE, **WHO} for browser in browsers]
    acts = [
        lambda browser=browser, page=page: browser.post(f"{path}brouillon/", page).status_code  # type: ignore[misc]
        for browser, page in zip(browsers, pages, strict=True)
    ]
    assert sorted(at_once(acts)) == [200] + [409] * 7


def test_two_clocks_write_one_receipt(academy: Academy) -> None:
    places = [make_staffed(academy) for _ in range(3)]
    campaign = make_campaign(academy, establishments=places)
    for place in places:
        browser = enter(tokens(campaign)[place.uai, Function.HEAD])
        path = f"/reponse/{invitation_of(campaign, uai=place.uai).pk}/"
        assert browser.post(path, {**hidden(browser.get(path)), **NONE, **WHO}).status_code == 303
    at_once([receipts.send_due for _ in range(6)])
    assert OutgoingEmail.objects.filter(key__startswith="survey-receipt-").count() == 3
