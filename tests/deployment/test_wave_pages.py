"""Wave pages: who may open them, what each act does, what is said when something is wrong."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from deployment.choices import Kind, WaveStatus
from deployment.models import Academy, Establishment, Wave, WaveMove
from deployment.services import waves
from tests.factories import make_establishment, make_wave

Signed = Callable[[User], Client]
TODAY = date(2024, 10, 8)


@pytest.fixture
def v8(grenoble: Academy) -> Wave:
    grenoble.observed_on = TODAY
    grenoble.initial_volumetry_on = date(2024, 6, 28)
    grenoble.save()
    return make_wave(grenoble, "V8")


@pytest.fixture
def v10(v8: Wave) -> Wave:
    return make_wave(v8.academy, "V10")


def fill(wave: Wave, count: int, by: User | None = None, **fields: object) -> list[Establishment]:
    members = [make_establishment(wave.academy, **fields) for _ in range(count)]
    placements = dict.fromkeys(members, wave)
    waves.place(wave.academy, placements, effective_on=date(2024, 6, 28), reason="Liste initiale", by=by)
    return members


def order(**fields: object) -> dict[str, object]:
    """What the move form posts."""
    return {
        "chosen": "cochees",
        "target": "V10",
        "effective_on": "2024-10-01",
        "reason": "Enquête de septembre",
        "decision_reference": "",
        "seen_at": timezone.now().isoformat(),
    } | fields


def codes(on: date = TODAY) -> dict[str, str | None]:
    return dict(Establishment.objects.with_wave(on).values_list("uai", "wave_code"))


PAGES = ("/grenoble/vagues/", "/grenoble/vagues/V8/", "/grenoble/volumetrie/", "/grenoble/")


@pytest.mark.parametrize("url", PAGES)
def test_reader_sees_and_stranger_does_not(
    url: str, v8: Wave, lise: User, victor: User, tom: User, client: Client, signed: Signed
) -> None:
    assert signed(lise).get(url).status_code == 200
    assert signed(victor).get(url).status_code == 404
    assert signed(tom).get(url).status_code == 403
    assert client.get(url).status_code == 302


def test_member_reads_names_and_counts_without_links_that_are_refused(
    v8: Wave, lise: User, samir: User, signed: Signed
) -> None:
    (member,) = fill(v8, 1)
    make_establishment(v8.academy)
    for page, told in (("/grenoble/vagues/", ">1<"), ("/grenoble/vagues/V8/", member.name)):
        opened, read = (signed(person).get(page).content.decode() for person in (samir, lise))
        assert 'href="/grenoble/etablissements/' in opened and 'href="/grenoble/etablissements/' not in read
        assert told in read


@pytest.mark.parametrize("act", ["geler", "rouvrir", "basculer", "reporter", "supprimer"])
def test_only_the_lead_decides(act: str, v8: Wave, nadia: User, samir: User, victor: User, signed: Signed) -> None:
    url = f"/grenoble/vagues/V8/{act}/"
    assert signed(nadia).get(url).status_code == 200
    assert signed(samir).get(url).status_code == 403
    assert signed(victor).post(url).status_code == 404


def test_ticked_rows_are_moved_and_the_others_stay(v8: Wave, v10: Wave, samir: User, signed: Signed) -> None:
    first, second = fill(v8, 2)
    response = signed(samir).post("/grenoble/vagues/V8/deplacer/", order(uai=first.uai), follow=True)

    assert codes() == {first.uai: "V10", second.uai: "V8"}
    assert "1 établissement déplacé en V10." in response.content.decode()
    row = WaveMove.objects.get(wave=v10)
    assert (row.author, row.reason, row.effective_on) == (samir, "Enquête de septembre", date(2024, 10, 1))


def test_a_move_that_a_later_one_overtakes_says_so(v8: Wave, v10: Wave, samir: User, signed: Signed) -> None:
    (member,) = fill(v8, 1)
    typed = order(uai=member.uai, effective_on="2024-06-01")
    page = signed(samir).post("/grenoble/vagues/V8/deplacer/", typed, follow=True).content.decode()
    assert "1 établissement n’y est plus aujourd’hui" in page and "postérieur au 01/06/2024" in page
    assert (codes()[member.uai], codes(date(2024, 6, 2))[member.uai]) == ("V8", "V10")


def test_filtered_selection_is_moved_as_shown(v8: Wave, v10: Wave, samir: User, signed: Signed) -> None:
    colleges, lycees = fill(v8, 2), fill(v8, 1, kind=Kind.LYCEE)
    signed(samir).post("/grenoble/vagues/V8/deplacer/?kind=lycee", order(chosen="affichees"))

    assert codes() == {**{e.uai: "V8" for e in colleges}, lycees[0].uai: "V10"}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"uai": ""}, "Cochez au moins un établissement"),
        ({"target": "V99"}, "V99"),
        ({"reason": ""}, "obligatoire"),
        ({"effective_on": "31/02/2024"}, "Date illisible"),
        ({"seen_at": "2020-01-01T00:00:00+00:00"}, "après l’affichage de votre page"),
    ],
)
def test_move_typed_wrongly_says_why_and_keeps_what_was_typed(
    fields: dict[str, object], sentence: str, v8: Wave, v10: Wave, samir: User, signed: Signed
) -> None:
    [college] = fill(v8, 1)
    response = signed(samir).post("/grenoble/vagues/V8/deplacer/", order(uai=college.uai) | fields)

    assert response.status_code == 400
    assert sentence in response.content.decode()
    assert codes() == {college.uai: "V8"}


def test_frozen_wave_asks_for_a_reference_on_the_page(
    v8: Wave, v10: Wave, nadia: User, samir: User, signed: Signed
) -> None:
    [college] = fill(v8, 1)
    decided = {"effective_on": "2024-09-20", "reason": "Remontée au ministère", "decision_reference": ""}
    signed(nadia).post("/grenoble/vagues/V8/geler/", decided)

    refused = signed(samir).post("/grenoble/vagues/V8/deplacer/", order(uai=college.uai))
    assert "V8 (gelée)" in refused.content.decode()
    moved = order(uai=college.uai, decision_reference="Relevé du 8 octobre")
    assert signed(samir).post("/grenoble/vagues/V8/deplacer/", moved).status_code == 302
    assert codes() == {college.uai: "V10"}


def test_operation_is_undone_from_the_page(v8: Wave, v10: Wave, samir: User, signed: Signed) -> None:
    [college] = fill(v8, 1)
    browser = signed(samir)
    browser.post("/grenoble/vagues/V8/deplacer/", order(uai=college.uai))
    operation = WaveMove.objects.get(wave=v10).operation
    page = browser.get("/grenoble/vagues/V10/").content.decode()
    assert str(operation) in page

    browser.post(f"/grenoble/vagues/operations/{operation}/annuler/", {"wave": "V10"})
    assert codes() == {college.uai: "V8"}


def test_abolition_needs_the_lead_to_undo(v8: Wave, v10: Wave, nadia: User, samir: User, signed: Signed) -> None:
    first, second = fill(v10, 2)
    decided = {"effective_on": "2024-10-01", "reason": "Suppression", "decision_reference": "Arrêté", "to": "V8"}
    signed(nadia).post("/grenoble/vagues/V10/supprimer/", decided)
    assert codes() == {first.uai: "V8", second.uai: "V8"}
    operation = WaveMove.objects.filter(wave=v8).latest("recorded_at").operation
    url = f"/grenoble/vagues/operations/{operation}/annuler/"

    refused = signed(samir).post(url, {"wave": "V8"}, follow=True)
    assert "Seule la personne responsable" in refused.content.decode()
    signed(nadia).post(url, {"wave": "V8", "decision_reference": "Arrêté"})
    assert codes() == {first.uai: "V10", second.uai: "V10"}
    assert Wave.objects.with_state(TODAY).get(pk=v10.pk).status == WaveStatus.OPEN


def test_a_decision_for_later_says_that_nothing_changes_yet(v8: Wave, nadia: User, signed: Signed) -> None:
    browser, ruling = (
        signed(nadia),
        {"reason": "Calendrier", "decision_reference": "COSUI", "effective_on": "2024-11-01"},
    )
    page = browser.post("/grenoble/vagues/V8/basculer/", ruling, follow=True).content.decode()
    assert "La décision est inscrite pour le 01/11/2024 : d’ici là, la vague V8 ne change pas." in page
    now = browser.post("/grenoble/vagues/V8/geler/", ruling | {"effective_on": "2024-10-08"}, follow=True)
    assert "d’ici là" not in now.content.decode()


def test_new_wave_is_opened_from_the_page(v8: Wave, nadia: User, signed: Signed) -> None:
    typed = {"code": "v13", "cutover_on": "2027-09-01", "effective_on": "2024-10-08", "reason": "Calendrier"}
    assert signed(nadia).post("/grenoble/vagues/ouvrir/", typed).status_code == 302
    assert Wave.objects.get(code="V13").rank == 13
    again = signed(nadia).post("/grenoble/vagues/ouvrir/", typed)
    assert "existe déjà" in again.content.decode()


@pytest.mark.parametrize("query", ["on=hier", "from_wave=V99", "known_on=2024-13-01", "initial_on="])
def test_volumetry_asked_wrongly_is_told(query: str, v8: Wave, nadia: User, signed: Signed) -> None:
    fill(v8, 1)
    response = signed(nadia).get(f"/grenoble/volumetrie/?{query}")
    assert response.status_code == 200
    assert ("n’est pas lisible" in response.content.decode()) == (query != "initial_on=")


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("url", "queries"),
    [("/grenoble/vagues/", 7), ("/grenoble/vagues/V8/", 12), ("/grenoble/volumetrie/", 11), ("/grenoble/", 15)],
)
def test_pages_cost_the_same_whatever_the_number(
    count: int,
    url: str,
    queries: int,
    v8: Wave,
    nadia: User,
    signed: Signed,
    django_assert_num_queries: Callable[[int], object],
) -> None:
    fill(v8, count)
    browser = signed(nadia)
    browser.get(url)
    with django_assert_num_queries(queries):  # type: ignore[attr-defined]
        assert browser.get(url).status_code == 200
