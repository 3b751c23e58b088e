"""Answers as the service reads them, version by version, and those it types for an establishment."""

from collections.abc import Callable
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.choices import AuditKind
from accounts.models import AuditEntry, User
from deployment.choices import Function
from deployment.models import Academy, Establishment
from surveys.choices import AnswerOrigin, CampaignState, Purpose
from surveys.models import AnswerVersion, Campaign
from tests.factories import make_wave
from tests.factories import place as put
from tests.surveys.factories import make_campaign, make_staffed
from tests.surveys.following import answer_of, wish

Signed = Callable[[User], Client]


@pytest.fixture
def college(grenoble: Academy) -> Establishment:
    place = make_staffed(grenoble, name="Collège Stendhal", town="Vif")
    for code in ("V8", "V10"):
        make_wave(grenoble, code)
    put(place, "V8")
    return place


@pytest.fixture
def wishes(grenoble: Academy, college: Establishment) -> Campaign:
    return make_campaign(grenoble, purpose=Purpose.WAVE_WISH, establishments=[college], title="Vœux de vague")


def page_of(campaign: Campaign, place: Establishment, rest: str = "") -> str:
    answer = answer_of(campaign, place)
    return f"/grenoble/enquetes/{campaign.pk}/reponses/{answer.pk}/{rest}"


def typed(**changed: Any) -> dict[str, Any]:
    """What the page posts; a prefix keeps what surrounds the answer apart from it."""
    return {
        "wave": "V10",
        "reason": "workload",
        "comment": "Au calme",
        "call-name": "Dominique Chef",
        "call-function": "Principal",
        "call-reason": "Au téléphone le 3 octobre",
        "call-submission": str(uuid4()),
        "call-seen": "0",
    } | changed


def shown(response: Any) -> str:
    return " ".join(unescape(response.content.decode()).split())


def test_caller_types_the_answer_given_by_telephone(
    signed: Signed, claire: User, wishes: Campaign, college: Establishment
) -> None:
    client = signed(claire)
    assert "Collège Stendhal" in shown(client.get(page_of(wishes, college, "saisir/")))
    response = client.post(page_of(wishes, college, "saisir/"), typed(), follow=True)
    assert "La réponse est enregistrée" in shown(response)
    version = AnswerVersion.objects.get()
    assert (version.origin, version.author, version.name, version.content["wave"]) == (
        AnswerOrigin.STAFF, claire, "Dominique Chef", "V10",
    )  # fmt: skip
    line = AuditEntry.objects.get(act="surveys.answer_for", kind=AuditKind.DONE)
    assert line.details["reason"] == "Au téléphone le 3 octobre"
    answer = answer_of(wishes, college)
    assert (answer.number, answer.receipted) == (1, 0)  # its receipt is due


def test_pressing_twice_keeps_one_version(
    signed: Signed, claire: User, wishes: Campaign, college: Establishment
) -> None:
    client, posted = signed(claire), typed()
    for _ in range(2):
        client.post(page_of(wishes, college, "saisir/"), posted)
    assert AnswerVersion.objects.count() == 1


def test_answer_that_came_meanwhile_is_shown_before_it_is_replaced(
    signed: Signed, claire: User, wishes: Campaign, college: Establishment
) -> None:
    client, posted = signed(claire), typed()
    wish(wishes, college, Function.HEAD, "V8", "Comme prévu")
    response = client.post(page_of(wishes, college, "saisir/"), posted)
    assert "Une réponse est arrivée entre-temps" in shown(response) and "Comme prévu" in shown(response)
    assert AnswerVersion.objects.count() == 1
    call = response.context["call"]
    again = {f"call-{name}": call[name].value() for name in ("seen", "submission")}
    client.post(page_of(wishes, college, "saisir/"), posted | again)
    assert answer_of(wishes, college).number == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"call-reason": ""},
        {"call-reason": "   "},
        {"call-name": ""},
        {"call-name": "x" * 121},
        {"call-submission": "zut"},
        {"call-seen": "-1"},
        {"wave": "V99"},
        {"wave": ""},
        {"reason": "dragon"},
    ],
)
def test_badly_typed_is_refused(
    signed: Signed, claire: User, wishes: Campaign, college: Establishment, changed: dict[str, str]
) -> None:
    response = signed(claire).post(page_of(wishes, college, "saisir/"), typed(**changed))
    assert response.status_code == 200
    assert not AnswerVersion.objects.exists()


def test_closed_campaign_still_takes_it_and_says_it_is_late(
    signed: Signed, claire: User, wishes: Campaign, college: Establishment
) -> None:
    Campaign.objects.update(opens_at="2020-01-01T00:00Z", closes_at="2020-02-01T00:00Z")
    signed(claire).post(page_of(wishes, college, "saisir/"), typed())
    assert AnswerVersion.objects.get().is_late


def test_frozen_campaign_takes_nothing(signed: Signed, claire: User, grenoble: Academy, college: Establishment) -> None:
    campaign = make_campaign(grenoble, purpose=Purpose.WAVE_WISH, establishments=[college], state=CampaignState.FROZEN)
    client = signed(claire)
    assert "ne prend plus de réponse" in shown(client.get(page_of(campaign, college, "saisir/")))
    assert "ne prend plus de réponse" in shown(client.post(page_of(campaign, college, "saisir/"), typed()))
    assert not AnswerVersion.objects.exists()


def test_people_can_be_added_to_the_form_without_a_script(
    signed: Signed, claire: User, grenoble: Academy, college: Establishment
) -> None:
    campaign = make_campaign(grenoble, establishments=[college])
    around = {name: value for name, value in typed().items() if name.startswith("call-")}
    posted = {**around, "people": "0", "people-0-name": "Ada", "act": "add"}
    response = signed(claire).post(page_of(campaign, college, "saisir/"), posted)
    assert "Ada" in shown(response) and len(response.context["form"].rows) == 2
    assert response.context["call"]["reason"].value() == "Au téléphone le 3 octobre"
    assert not AnswerVersion.objects.exists()


# --- versions


def test_each_version_says_what_it_changed_and_by_whom(
    signed: Signed, claire: User, wishes: Campaign, college: Establishment
) -> None:
    wish(wishes, college, Function.HEAD, "V8", "Comme prévu")
    client = signed(claire)
    client.post(page_of(wishes, college, "saisir/"), typed(**{"call-seen": "1"}))
    page = client.get(page_of(wishes, college))
    words = shown(page)
    assert "2 versions" in words and "saisie par le service (Claire Grenoble)" in words
    latest, first = page.context["versions"]
    assert ("Vague souhaitée", "V8", "V10") in latest.changes and first.changes == []
    assert "Au calme" in words and "<s>V8</s>" in words


def test_reading_an_answer_is_traced(signed: Signed, claire: User, wishes: Campaign, college: Establishment) -> None:
    signed(claire).get(page_of(wishes, college))
    assert AuditEntry.objects.get(kind=AuditKind.SEEN).target == f"réponse pour {college} · {wishes}"


def test_erased_content_is_told(signed: Signed, claire: User, wishes: Campaign, college: Establishment) -> None:
    answer = answer_of(wishes, college)
    AnswerVersion.objects.create(
        answer=answer, number=1, submission=uuid4(), content={}, name="", origin=AnswerOrigin.LINK
    )
    answer.number = 1
    answer.save()
    client = signed(claire)
    assert "a été effacé" in shown(client.get(page_of(wishes, college)))
    assert client.get(page_of(wishes, college, "saisir/")).status_code == 200


@pytest.mark.parametrize("size", [1, 3])
def test_page_asks_the_same_number_of_queries(
    signed: Signed, claire: User, wishes: Campaign, college: Establishment, size: int
) -> None:
    for number in range(size):
        wish(wishes, college, Function.HEAD, "V8", str(number))
    client, address = signed(claire), page_of(wishes, college)
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    assert len(queries) == 8, "\n".join(query["sql"] for query in queries)


# --- rights


def test_who_may_not_gets_nothing(
    signed: Signed, lise: User, emma: User, victor: User, wishes: Campaign, college: Establishment
) -> None:
    assert signed(lise).get(page_of(wishes, college)).status_code == 403
    assert signed(emma).get(page_of(wishes, college)).status_code == 200
    assert signed(emma).get(page_of(wishes, college, "saisir/")).status_code == 403
    assert signed(emma).post(page_of(wishes, college, "saisir/"), typed()).status_code == 403
    assert signed(victor).get(page_of(wishes, college)).status_code == 404
    assert not AnswerVersion.objects.exists()


def test_answer_of_another_campaign_is_unknown_here(
    signed: Signed, claire: User, wishes: Campaign, college: Establishment, grenoble: Academy
) -> None:
    other = make_campaign(grenoble, establishments=[college])
    answer = answer_of(other, college)
    client = signed(claire)
    for rest in ("", "saisir/"):
        assert client.get(f"/grenoble/enquetes/{wishes.pk}/reponses/{answer.pk}/{rest}").status_code == 404
