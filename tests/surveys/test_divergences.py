"""Wishes side by side: what diverges is decided once, what agrees is applied together, and the plan follows."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, User
from deployment.choices import Function
from deployment.models import Academy, Establishment, WaveMove
from deployment.services import wave_states, waves
from deployment.services.wave_states import Ruling as WaveRuling
from surveys.choices import CampaignState, Purpose
from surveys.models import Campaign, Divergence, PopulationEntry
from surveys.services import divergences
from tests.factories import make_wave
from tests.factories import place as put
from tests.surveys.factories import make_campaign, make_staffed
from tests.surveys.following import at_once, wish

Signed = Callable[[User], Client]
HEAD, ACCOUNTANT = Function.HEAD, Function.ACCOUNTANT


@pytest.fixture
def campaign(grenoble: Academy) -> Campaign:
    """A and B diverge, C agrees on V10, D agrees on the plan, E: one wish, for V10. All are planned in V8."""
    places = [make_staffed(grenoble, name=f"Collège {letter}", town="Vif") for letter in "ABCDE"]
    for code in ("V8", "V10", "V12"):
        make_wave(grenoble, code)
    for place in places:
        put(place, "V8")
    campaign = make_campaign(grenoble, purpose=Purpose.WAVE_WISH, establishments=places, title="Vœux de vague")
    for place, head, accountant in zip(
        places, ("V8", "V8", "V10", "V8", "V10"), ("V10", "V12", "V10", "V8", ""), strict=True
    ):
        wish(campaign, place, HEAD, head, f"Parce que {place.name}")
        if accountant:
            wish(campaign, place, ACCOUNTANT, accountant, "Trop de travail")
    return campaign


def entry(letter: str) -> PopulationEntry:
    return PopulationEntry.objects.get(establishment__name=f"Collège {letter}")


def page_of(campaign: Campaign, rest: str = "") -> str:
    return f"/grenoble/enquetes/{campaign.pk}/divergences/{rest}"


def wishes_of(campaign: Campaign, letter: str) -> divergences.Wishes:
    return divergences.read(campaign, [entry(letter).pk])[0]


def decision(campaign: Campaign, letter: str, **changed: Any) -> dict[str, Any]:
    """What the page of a decision posts."""
    return {
        "choice": "accountant",
        "wave": "",
        "effective_on": campaign.academy.today.isoformat(),
        "reason": "Le comptable part en mars",
        "decision_reference": "",
        "seen": wishes_of(campaign, letter).seen,
    } | changed


def decide(client: Client, campaign: Campaign, letter: str, **changed: Any) -> Any:
    address = page_of(campaign, f"{entry(letter).pk}/")
    return client.post(address, decision(campaign, letter, **changed), follow=True)


def planned(letter: str) -> str | None:
    place = Establishment.objects.get(name=f"Collège {letter}")
    return Establishment.objects.with_wave(place.academy.today).get(pk=place.pk).wave_code


def test_each_establishment_is_in_the_list_that_awaits_something(
    signed: Signed, samir: User, campaign: Campaign
) -> None:
    client = signed(samir)
    response = client.get(page_of(campaign))
    assert [number for _, _, number, _ in response.context["tabs"]] == [2, 2, 0]
    shown = unescape(response.content.decode())
    for words in ("Collège A", "Collège B", "Parce que Collège A", "Trop de travail", "Chef d’établissement"):
        assert words in shown
    assert "Collège D" not in shown
    agreed = unescape(client.get(page_of(campaign, "?liste=concordants")).content.decode())
    assert "Collège C" in agreed and "2 sur 2" in agreed and "Collège E" in agreed and "1 sur 2" in agreed


@pytest.mark.parametrize(
    ("choice", "expected", "kept"),
    [
        ({"choice": "head"}, "V8", "head"),
        ({"choice": "accountant"}, "V10", "accountant"),
        ({"choice": "plan"}, "V8", ""),
        ({"choice": "autre", "wave": "V12"}, "V12", ""),
    ],
)
def test_decision_becomes_a_move(
    signed: Signed, samir: User, campaign: Campaign, choice: dict[str, str], expected: str, kept: str
) -> None:
    shown = unescape(decide(signed(samir), campaign, "A", **choice).content.decode())
    assert "C’est décidé" in shown
    row = Divergence.objects.get()
    assert (row.wave_code, row.kept_part, row.decided_by, row.reason) == (
        expected, kept, samir, "Le comptable part en mars",
    )  # fmt: skip
    assert planned("A") == expected
    moved = WaveMove.objects.filter(operation=row.operation)
    assert moved.count() == (0 if expected == "V8" else 1)
    assert AuditEntry.objects.filter(act="surveys.decide_divergences").count() == 1


def test_decision_can_be_undone_by_the_operation_of_the_wave(signed: Signed, samir: User, campaign: Campaign) -> None:
    client = signed(samir)
    decide(client, campaign, "A")
    operation = Divergence.objects.get().operation
    client.post(f"/grenoble/vagues/operations/{operation}/annuler/", {"wave": "V10"})
    assert planned("A") == "V8"
    assert "Plan changé depuis" in client.get(page_of(campaign, "?liste=tranchees")).content.decode()
    decide(client, campaign, "A")
    assert planned("A") == "V10" and Divergence.objects.count() == 1


def test_frozen_wave_demands_the_reference_of_a_decision(
    signed: Signed, samir: User, nadia: User, campaign: Campaign
) -> None:
    today = campaign.academy.today
    wave_states.freeze(campaign.academy.waves.get(code="V10"), WaveRuling(today, "Liste arrêtée", nadia))
    client = signed(samir)
    assert "demande la référence d’une décision" in unescape(decide(client, campaign, "A").content.decode())
    assert not Divergence.objects.exists() and planned("A") == "V8"
    decide(client, campaign, "A", decision_reference="COSUI du 8 octobre")
    assert planned("A") == "V10"


def test_who_decides_second_is_told_who_decided_first(
    signed: Signed, samir: User, nadia: User, campaign: Campaign
) -> None:
    stale = decision(campaign, "A", choice="head")
    decide(signed(nadia), campaign, "A")
    response = signed(samir).post(page_of(campaign, f"{entry('A').pk}/"), stale)
    assert response.status_code == 200
    assert f"{nadia} a tranché" in unescape(response.content.decode())
    assert planned("A") == "V10"
    assert response.context["form"]["seen"].value() == wishes_of(campaign, "A").seen


def test_wish_changed_meanwhile_is_told(signed: Signed, samir: User, campaign: Campaign) -> None:
    stale = decision(campaign, "A")
    wish(campaign, entry("A").establishment, HEAD, "V12")
    response = signed(samir).post(page_of(campaign, f"{entry('A').pk}/"), stale)
    assert "Un vœu ou le plan a changé" in unescape(response.content.decode())
    assert not Divergence.objects.exists()


def test_wish_changed_after_the_decision_is_told(signed: Signed, samir: User, campaign: Campaign) -> None:
    client = signed(samir)
    decide(client, campaign, "A")
    wish(campaign, entry("A").establishment, HEAD, "V12")
    assert "Vœu modifié depuis" in unescape(client.get(page_of(campaign, "?liste=tranchees")).content.decode())


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"reason": ""}, "obligatoire"),
        ({"reason": "x" * 301}, "300"),
        ({"choice": ""}, "obligatoire"),
        ({"choice": "dragon"}, "dragon"),
        ({"choice": "autre", "wave": ""}, "Choisissez la vague"),
        ({"choice": "autre", "wave": "V99"}, "V99"),
        ({"effective_on": "demain"}, "Date"),
        ({"seen": ""}, "Trancher"),
        ({"reason": "   "}, "obligatoire"),
    ],
)
def test_bad_decision_is_refused(
    signed: Signed, samir: User, campaign: Campaign, changed: dict[str, str], told: str
) -> None:
    response = decide(signed(samir), campaign, "A", **changed)
    assert response.status_code == 200 and response.context["form"].errors
    assert told in unescape(response.content.decode())
    assert not Divergence.objects.exists() and planned("A") == "V8"


def test_what_does_not_diverge_is_not_decided(signed: Signed, samir: User, campaign: Campaign) -> None:
    response = decide(signed(samir), campaign, "D", choice="head")
    assert "ne divergent plus" in unescape(response.content.decode())


def test_caller_compares_and_does_not_decide(signed: Signed, claire: User, campaign: Campaign) -> None:
    client = signed(claire)
    response = client.get(page_of(campaign))
    assert response.status_code == 200 and "Trancher<" not in response.content.decode()
    assert client.get(page_of(campaign, f"{entry('A').pk}/")).status_code == 403
    assert client.post(page_of(campaign, "appliquer/"), {"entry": entry("C").pk}).status_code == 403
    assert AuditEntry.objects.filter(target=f"vœux · {campaign}").exists()


def test_member_and_stranger_see_no_wish(signed: Signed, lise: User, victor: User, campaign: Campaign) -> None:
    assert signed(lise).get(page_of(campaign)).status_code == 403
    assert signed(victor).get(page_of(campaign)).status_code == 404
    assert signed(victor).post(page_of(campaign, f"{entry('A').pk}/"), {}).status_code == 404


def test_other_purposes_have_no_divergence(signed: Signed, samir: User, grenoble: Academy, campaign: Campaign) -> None:
    other = make_campaign(grenoble)
    client = signed(samir)
    assert client.get(page_of(other)).status_code == 404
    stranger = other.entries.get()
    assert client.get(page_of(campaign, f"{stranger.pk}/")).status_code == 404


# --- agreed wishes


def application(campaign: Campaign, *letters: str, **changed: Any) -> dict[str, Any]:
    """What the list of agreed wishes posts."""
    found = {str(entry(letter).pk): wishes_of(campaign, letter).seen for letter in letters}
    values = {"effective_on": campaign.academy.today.isoformat(), "reason": "Vœux", "decision_reference": ""}
    return {"entry": list(found), **{f"seen-{key}": seen for key, seen in found.items()}, **values, **changed}


def test_agreed_wishes_are_applied_in_one_operation(signed: Signed, samir: User, campaign: Campaign) -> None:
    client = signed(samir)
    response = client.post(page_of(campaign, "appliquer/"), application(campaign, "C", "E"), follow=True)
    assert "2 établissements déplacés" in response.content.decode()
    assert (planned("C"), planned("E")) == ("V10", "V10")
    operations = set(WaveMove.objects.filter(reason__startswith="Vœux concordants").values_list("operation", flat=True))
    assert len(operations) == 1
    waves.undo(campaign.academy, operations.pop(), by=samir)
    assert (planned("C"), planned("E")) == ("V8", "V8")


def test_agreed_wish_changed_meanwhile_moves_nobody(signed: Signed, samir: User, campaign: Campaign) -> None:
    stale = application(campaign, "C", "E")
    wish(campaign, entry("C").establishment, HEAD, "V12")
    response = signed(samir).post(page_of(campaign, "appliquer/"), stale)
    assert "Rien n’a été déplacé" in unescape(response.content.decode())
    assert (planned("C"), planned("E")) == ("V8", "V8")


@pytest.mark.parametrize(
    ("letters", "changed", "told"),
    [
        ("", {}, "Cochez au moins"),
        ("C", {"reason": ""}, "obligatoire"),
        ("C", {"effective_on": "2024-13-45"}, "Date"),
        ("D", {}, "Rien n’a été déplacé"),
        ("A", {}, "Rien n’a été déplacé"),
        ("C", {"entry": ["zut", "9" * 30]}, "Cochez au moins"),
        ("C", {"entry": ["999999"]}, "Rien n’a été déplacé"),
    ],
)
def test_bad_application_moves_nobody(
    signed: Signed, samir: User, campaign: Campaign, letters: str, changed: dict[str, Any], told: str
) -> None:
    response = signed(samir).post(page_of(campaign, "appliquer/"), application(campaign, *letters, **changed))
    assert response.status_code == 200 and told in unescape(response.content.decode())
    assert not WaveMove.objects.filter(reason__startswith="Vœux concordants").exists()


def test_frozen_campaign_is_still_decided_and_archived_one_is_not(
    signed: Signed, samir: User, campaign: Campaign
) -> None:
    Campaign.objects.update(state=CampaignState.FROZEN)
    decide(signed(samir), campaign, "A")
    assert planned("A") == "V10"
    Campaign.objects.update(state=CampaignState.ARCHIVED)
    assert "dans l’état" in unescape(decide(signed(samir), campaign, "B").content.decode())
    assert planned("B") == "V8"


@pytest.mark.django_db(transaction=True)
def test_two_agents_who_decide_at_once_decide_once(grenoble: Academy, campaign: Campaign, samir: User) -> None:
    row, seen = entry("A"), wishes_of(campaign, "A").seen
    today = grenoble.today

    def choose(code: str) -> str:
        ruling = divergences.Ruling(code, "", today, "À deux", seen)
        try:
            return divergences.decide(campaign, row, ruling, by=samir).wave_code
        except divergences.SurveyRefused as refused:
            return str(refused)

    done = at_once(lambda: choose("V10"), lambda: choose("V12"))
    won = [code for code in done if code in ("V10", "V12")]
    assert len(won) == 1 and planned("A") == won[0]


@pytest.mark.parametrize("size", [1, 3])
def test_list_asks_the_same_number_of_queries(signed: Signed, samir: User, grenoble: Academy, size: int) -> None:
    places = [make_staffed(grenoble) for _ in range(size)]
    campaign = make_campaign(grenoble, purpose=Purpose.WAVE_WISH, establishments=places)
    for place in places:
        wish(campaign, place, HEAD, "V8")
        wish(campaign, place, ACCOUNTANT, "V9")
    client = signed(samir)
    with CaptureQueriesContext(connection) as queries:
        client.get(page_of(campaign))
    assert len(queries) == 8, "\n".join(query["sql"] for query in queries)
