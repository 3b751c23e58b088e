"""Wishes beside the plan: agreed, divergent, decided; of one function; the population and what it leaves out."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.figures import FigureRefused
from deployment.choices import Function
from deployment.models import Academy, Establishment
from figures.words import population_sentence
from surveys.choices import CampaignState, Purpose
from surveys.clock import happening_at
from surveys.figures.responses import response_rate
from surveys.figures.wishes import DIVERGENT, divergent_wishes, followed_wishes, wave_wish_distance, wave_wishes
from surveys.models import Campaign, Divergence, Invitation, PopulationEntry
from surveys.services import answers, populations
from surveys.services.answers import Submission
from tests.factories import make_wave, place
from tests.surveys.factories import bring, make_campaign, make_staffed

SENT = timezone.make_aware(datetime(2024, 9, 20, 9))
ASKED_ON, MOVED_ON = date(2024, 9, 26), date(2024, 9, 27)
HEAD, ACCOUNTANT = Function.HEAD.value, Function.ACCOUNTANT.value


@pytest.fixture
def places(grenoble: Academy) -> list[Establishment]:
    """Five collèges of V8."""
    for code in ("V9", "V10"):
        make_wave(grenoble, code)
    found = [make_staffed(grenoble, name=f"Collège {letter}") for letter in "ABCDE"]
    for establishment in found:
        place(establishment, "V8", on=date(2024, 6, 28))
    return found


@pytest.fixture
def wishes(grenoble: Academy, places: list[Establishment]) -> Campaign:
    """A agrees on V8, B on V10, C differs, D has one wish of two, E says nothing."""
    with happening_at(SENT):
        campaign = make_campaign(
            grenoble, purpose=Purpose.WAVE_WISH, establishments=places, closes_at=SENT + timedelta(days=6)
        )
    said = {"A": ("V8", "V8"), "B": ("V10", "V10"), "C": ("V8", "V9"), "D": ("V10", None)}
    for letter, (head, accountant) in said.items():
        for function, wave in ((HEAD, head), (ACCOUNTANT, accountant)):
            if wave:
                wish(campaign, letter, function, wave, SENT + timedelta(hours=30))
    return campaign


def wish(campaign: Campaign, letter: str, function: str, wave: str, at: datetime, seen: int = 0) -> None:
    content = {"wave": wave, "reason": "workload", "comment": ""}
    asked = Invitation.objects.get(
        entry__campaign=campaign, entry__establishment__name=f"Collège {letter}", function=function
    )
    with happening_at(at):
        answers.submit(asked, Submission(uuid4(), content, "N", "", seen))


def test_plan_by_wish(grenoble: Academy, wishes: Campaign) -> None:
    figure = wave_wishes(grenoble, on=ASKED_ON)
    (line,) = figure.lines
    assert (line.key, line.cells) == ("V8", {"V8": 1, "V10": 2, DIVERGENT: 1})
    assert population_sentence(figure.population) == (
        "Établissements ayant exprimé un vœu, sur 5 ajoutés (essai) : 4. Non comptés : 1 sans réponse."
    )
    assert [len(figure.rows[f"V8/{code}"]) for code in ("V8", "V10", DIVERGENT)] == [1, 2, 1]
    distance = wave_wish_distance(grenoble, on=ASKED_ON)
    assert distance.lines[0].cells == {"V8": -2, "V10": 2}
    assert (followed_wishes(grenoble, on=ASKED_ON).part, divergent_wishes(grenoble, on=ASKED_ON).value) == (1, 1)


def test_each_function_apart(grenoble: Academy, wishes: Campaign) -> None:
    heads = wave_wishes(grenoble, on=ASKED_ON, function=HEAD)
    assert heads.title == "Vagues souhaitées par les chefs d’établissement"
    assert (heads.total, heads.lines[0].cells) == (4, {"V8": 2, "V10": 2})
    accountants = wave_wishes(grenoble, on=ASKED_ON, function=ACCOUNTANT)
    assert (accountants.total, accountants.lines[0].cells) == (3, {"V8": 1, "V9": 1, "V10": 1})
    assert response_rate(grenoble, on=ASKED_ON, function=ACCOUNTANT).part == 3
    assert response_rate(grenoble, on=ASKED_ON).part == 4


def test_the_plan_moves_and_what_was_asked_stays(
    grenoble: Academy, wishes: Campaign, places: list[Establishment]
) -> None:
    place(places[1], "V10", on=MOVED_ON)
    now = wave_wishes(grenoble, on=MOVED_ON)
    assert {line.key: line.cells["V10"] for line in now.lines} == {"V8": 1, "V10": 1}
    then = wave_wishes(grenoble, on=MOVED_ON, plan="asked")
    assert {line.key: line.cells["V10"] for line in then.lines} == {"V8": 2}
    assert wave_wishes(grenoble, on=ASKED_ON).lines[0].cells["V10"] == 2


def test_what_is_decided_counts_from_that_day(grenoble: Academy, wishes: Campaign, places: list[Establishment]) -> None:
    entry = PopulationEntry.objects.get(campaign=wishes, establishment=places[2])
    at = timezone.make_aware(datetime(2024, 9, 30, 12))
    Divergence.objects.create(entry=entry, kept_part=ACCOUNTANT, wave_code="V9", reason="Essai", decided_at=at)
    assert divergent_wishes(grenoble, on=date(2024, 9, 29)).value == 1
    after = wave_wishes(grenoble, on=date(2024, 9, 30))
    assert (divergent_wishes(grenoble, on=date(2024, 9, 30)).value, after.lines[0].cells["V9"]) == (0, 1)
    earlier = at - timedelta(seconds=1)
    assert divergent_wishes(grenoble, on=date(2024, 9, 30), known_at=earlier).value == 1


def test_a_second_version_replaces_the_first(grenoble: Academy, wishes: Campaign) -> None:
    wish(wishes, "C", ACCOUNTANT, "V8", SENT + timedelta(days=4), seen=1)
    assert divergent_wishes(grenoble, on=date(2024, 9, 23)).value == 1
    assert divergent_wishes(grenoble, on=date(2024, 9, 24)).value == 0


def test_those_left_out_are_told_and_not_counted(grenoble: Academy, places: list[Establishment]) -> None:
    with happening_at(SENT):
        campaign = make_campaign(
            grenoble, establishments=places[:1], state=CampaignState.DRAFT, closes_at=SENT + timedelta(days=6)
        )
        populations.choose(campaign, {"waves": ["V8"]}, by=None)
        populations.exclude(campaign, [places[4]], reason="En travaux", by=None)
        bring(campaign, CampaignState.SENT)
    population = response_rate(grenoble, on=ASKED_ON).population
    assert population_sentence(population) == (
        "3 établissements de V8, 1 ajouté (essai) : 4. Non comptés : 1 écarté (en travaux)."
    )


def test_without_campaign_the_figure_is_empty_and_says_so(grenoble: Academy, wishes: Campaign) -> None:
    figure = wave_wishes(grenoble, on=date(2024, 9, 19))
    assert (figure.total, figure.population.size) == (0, 0)
    assert "Aucune enquête" in figure.population.label


@pytest.mark.parametrize("setting", [{"campaign": 999}, {"function": "x"}, {"plan": "x"}])
def test_nonsense_is_refused(grenoble: Academy, wishes: Campaign, setting: dict[str, object]) -> None:
    with pytest.raises(FigureRefused):
        wave_wishes(grenoble, on=ASKED_ON, **setting)  # type: ignore[arg-type]


def test_campaign_of_others_is_unknown(lyon: Academy, wishes: Campaign) -> None:
    with pytest.raises(FigureRefused):
        wave_wishes(lyon, on=ASKED_ON, campaign=wishes.pk)
