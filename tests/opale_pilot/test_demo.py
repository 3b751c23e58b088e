"""The demonstration says what the COSUI of 8 October 2024 said, to the unit, wherever it is asked."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.test import Client

from accounts.models import Job, OutgoingEmail, User
from cosui import services
from cosui.models import Meeting
from deployment.choices import Function, Kind
from deployment.figures.posts import vacant_accountants
from deployment.models import Academy, AccountingAgency, Establishment, PostHolding
from figures.frozen import thaw
from opale_pilot.demo.cast import CAST, call_path, trial_path
from opale_pilot.figures import CATALOGUE
from surveys.models import Answer, PopulationEntry
from tutoring.models import TutorCall

pytestmark = pytest.mark.xdist_group("demonstration")  # loaded by one process only

Signed = Callable[[User], Client]
OBSERVED = date(2024, 10, 8)
INITIAL = {
    "waves": ["V8", "V9"],
    "rows": {"college": [72, 29, 101], "lycee": [42, 7, 49], "erea": [0, 1, 1]},
    "totals": {"V8": 114, "V9": 37},
    "gretas": {},
}
OCTOBER = {
    "waves": ["V8", "V9", "V10", "V11", "V12"],
    "rows": {"college": [51, 11, 29, 3, 7, 101], "lycee": [20, 1, 16, 1, 11, 49], "erea": [0, 0, 0, 1, 0, 1]},
    "totals": {"V8": 71, "V9": 12, "V10": 45, "V11": 5, "V12": 18},
    "gretas": {"V8": 1, "V12": 3},
}

SURVEYS = {  # figure, day: what the COSUI told
    ("tutor_volunteers", "2024-09-30"): {
        "asked": 150, "answered": 45, "rate": 30.0, "volunteers": 41, "ordering": 35, "accounting": 6,
    },
    ("training_needs", "2024-10-03"): {
        "asked": 73,
        "answered": 72,
        "ordering": {
            "total": 225, "head": 59, "secretary_general": 68, "bursary_staff": 96, "vocational_training_director": 2,
        },
        "accounting": {"total": 8},
    },
}  # fmt: skip


def asked(on: str, *settings: str, name: str = "volumetry") -> dict[str, Any]:
    out = StringIO()
    chosen = [f"--set={setting}" for setting in settings]
    call_command("figure", name, "--academy=grenoble", f"--on={on}", "--format=json", *chosen, stdout=out)
    envelope: dict[str, Any] = json.loads(out.getvalue())
    return envelope


def told(data: dict[str, Any]) -> dict[str, Any]:
    """The figure's data in the short form of this file."""
    waves = [wave for wave in data["waves"] if data["totals"][wave]]
    return {
        "waves": waves,
        "rows": {row["kind"]: [*(row["cells"][wave] for wave in waves), row["total"]] for row in data["rows"]},
        "totals": {wave: data["totals"][wave] for wave in waves},
        "gretas": {wave: number for row in data["rows"] for wave, number in row["greta"].items()},
    }


def test_command_page_and_briefing_tell_the_same_two_tables(demo: Academy, signed: Signed) -> None:
    span = ("from_wave=V8", "to_wave=V12")
    for on, expected in (("2024-06-28", INITIAL), ("2024-10-01", OCTOBER)):
        envelope = asked(on, *span)
        assert told(envelope["data"]) == expected
        assert envelope["data"]["total"] == envelope["population"]["size"] == 151
        assert list(envelope) == ["figure", "title", "academy", "on", "population", "source", "data"]

    nadia = User.objects.get(email="nadia@demo.invalid")
    page = signed(nadia).get("/grenoble/volumetrie/", {"on": "2024-10-01", "from_wave": "V8", "to_wave": "V12"})
    assert told(page.context["initial"].data()) == INITIAL
    assert told(page.context["current"].data()) == OCTOBER
    content = services.freeze(Meeting.objects.select_related("academy").get(academy=demo))
    tables = [thaw(block["figure"]).data() for block in content["slides"][0]["blocks"]]
    assert [told(table) for table in tables] == [INITIAL, OCTOBER]


def test_surveys_say_what_the_cosui_told_everywhere(demo: Academy, signed: Signed) -> None:
    nadia = User.objects.get(email="nadia@demo.invalid")
    content = services.freeze(Meeting.objects.select_related("academy").get(academy=demo))
    blocks = [block for slide in content["slides"] for block in slide["blocks"]]
    drawn = {b["figure"]["figure"]: thaw(b["figure"]) for b in blocks if b["figure"]["kind"] == "breakdown"}
    for (name, on), expected in SURVEYS.items():
        assert asked(on, name=name)["data"] == expected
        page = signed(nadia).get(f"/grenoble/chiffres/{name}/", {"au": on})
        assert page.context["figure"].data() == expected
        assert (drawn[name].data(), drawn[name].on.isoformat()) == (expected, on)
    assert [slide["headline"] for slide in content["slides"]][2:6] == [
        "68 établissements souhaitent changer, dont 45 vers V10",
        "21 à 25 tutorats à mettre en place pour 59 établissements",
        "41 volontaires, dont 6 en sphère comptable",
        "72 établissements sur 73 ont répondu : 225 personnels à former en sphère ordonnateur",
    ]


def test_survey_populations_are_told_in_words(demo: Academy) -> None:
    needs = asked("2024-10-03", name="training_needs")["population"]
    assert needs["label"].startswith("71 établissements de V8, 2 ajoutés (") and needs["size"] == 73
    assert "poste vacant" in needs["label"] and "changement d’ordonnateur" in needs["label"]
    assert [exclusion["size"] for exclusion in needs["exclusions"]] == [43]
    gretas = PopulationEntry.objects.filter(campaign__purpose="training_needs", establishment__kind=Kind.GRETA)
    assert gretas.filter(is_excluded=False).count() == 1
    assert asked("2024-09-30", name="tutor_volunteers")["source"] == "Enquête du 20/09/2024"


def test_survey_figures_on_the_days_before(demo: Academy) -> None:
    assert asked("2024-09-23", name="training_needs")["data"]["asked"] == 0
    first, second = (asked(day, name="training_needs")["data"] for day in ("2024-09-24", "2024-09-27"))
    assert first["asked"] == second["asked"] == 73
    assert first["answered"] < second["answered"] < 72
    wishes = asked("2024-10-01", "plan=asked", name="wave_wishes")["data"]
    moved = {"V10": 45, "V11": 5, "V12": 18}
    assert {code: wishes["totals"][code] for code in moved} == moved
    assert wishes["totals"]["divergent"] == 4


def test_no_mail_and_no_receipt_of_the_demonstration_waits(demo: Academy) -> None:
    assert set(OutgoingEmail.objects.values_list("academy", "state", "secret")) == {
        ("grenoble", "sent", ""),
        ("aix-marseille", "sent", ""),
        ("aix-marseille", "draft", ""),  # the decision on a candidate, for the visitor to read and release
    }
    assert not Answer.objects.filter(number__gt=F("receipted")).exists()
    assert {job.state for job in Job.objects.all()} == {"done"}
    demo.refresh_from_db()
    assert demo.observed_on == date(2024, 10, 8)


def test_a_visitor_answers_as_a_head(demo: Academy, client: Client) -> None:
    page = client.get(trial_path(), follow=True)
    assert page.status_code == 200
    text = page.content.decode()
    assert "Préparation de la COFI 2024" in text and "Besoins de formation V8" in text


def test_headlines_state_what_the_registers_hold(demo: Academy) -> None:
    content = services.freeze(Meeting.objects.select_related("academy").get(academy=demo))
    first, second = content["slides"][:2]

    assert first["headline"] == "151 établissements, désormais répartis sur cinq vagues"
    assert first["remark"] == "La vague V12 porte désormais 18 établissements, dont 3 GRETA ; 1 GRETA en V8."
    assert second["headline"] == "68 établissements quittent V8 et V9, dont 45 vers V10"


def test_every_number_opens_on_as_many_rows(demo: Academy) -> None:
    for published in CATALOGUE.values():
        figure = published.ask(demo, on=date(2024, 10, 1))
        assert thaw(json.loads(json.dumps(figure.freeze()))) == figure
    volumetry = CATALOGUE["volumetry"].ask(demo, on=date(2024, 10, 1))
    data = volumetry.data()
    for row in data["rows"]:
        for wave, number in row["cells"].items():
            assert len(volumetry.rows.get(f"{row['kind']}/{wave}", ())) == number
        assert len(volumetry.rows[f"{row['kind']}/total"]) == row["total"]
    assert len(volumetry.rows["total/total"]) == data["total"]


def test_registers_answer_as_they_were_known_on_the_day(demo: Academy) -> None:
    out = StringIO()
    options = ("--academy=grenoble", "--on=2024-10-08", "--known-at=2024-09-28", "--format=json")
    call_command("figure", "volumetry", *options, stdout=out)
    totals = json.loads(out.getvalue())["data"]["totals"]

    assert (totals["V10"], totals["V11"], totals["V12"]) == (45, 0, 0)


def test_demonstration_fills_the_rest_of_the_territory(demo: Academy) -> None:
    waves = asked("2024-10-01")["data"]["totals"]
    v7 = demo.establishments.with_wave(date(2024, 10, 8)).with_agency(date(2024, 10, 8))

    assert (waves["V7"], sum(waves[f"V{n}"] for n in range(1, 7))) == (59, 151)
    assert demo.establishments.exclude(kind=Kind.GRETA).count() == 359
    assert len({e.agency_uai for e in v7 if e.wave_code == "V7"}) == 19
    assert AccountingAgency.objects.filter(academy=demo).count() == 69
    assert {user.email for user in User.objects.all()} == {person.email for person in CAST}


def test_everyone_has_a_head_and_four_agencies_of_v7_no_accountant(demo: Academy) -> None:
    figure = vacant_accountants(demo, on=OBSERVED, wave="V7")
    assert (figure.value, figure.population.size, figure.population.exclusions) == (4, 19, ())
    assert vacant_accountants(demo, on=OBSERVED).value == 4
    assert vacant_accountants(demo, on=date(2024, 8, 31)).value == 0
    everyone = demo.establishments.exclude(kind=Kind.GRETA)
    held = PostHolding.objects.holders(everyone.values_list("pk", flat=True), OBSERVED)
    sole = {Function.HEAD, Function.SECRETARY_GENERAL, Function.ACCOUNTANT}
    assert all(sole <= set(persons) for persons in held.values())
    assert not PostHolding.objects.filter(post__establishment__kind=Kind.GRETA).exists()
    accountants = PostHolding.objects.filter(post__function=Function.ACCOUNTANT).in_force(OBSERVED)
    assert accountants.count() == AccountingAgency.objects.filter(academy=demo).count()

    names: dict[str, set[str]] = defaultdict(set)
    posts: Counter[str] = Counter()
    for row in PostHolding.objects.in_force(OBSERVED + timedelta(days=1)):
        if row.name:
            names[row.email].add(row.name)
            posts[row.email] += 1
    assert all(email.endswith("@demo.invalid") for email in names)
    assert max(len(same) for same in names.values()) == 1
    assert sorted(posts.values(), reverse=True)[:7] == [2, 2, 2, 2, 2, 2, 1]


def test_a_second_academy_has_a_call_with_other_rules(demo: Academy, signed: Signed) -> None:
    academy = Academy.objects.get(slug="aix-marseille")
    call = TutorCall.objects.get(academy=academy)
    assert (call.academy, call.reference, call.deadline_on) == (academy, "SAEPL/24-995-44", date(2024, 2, 5))
    assert (call.waves, call.target_load, call.rate, call.bonus_coefficient) == (["V1", "V2", "V3", "V4"], 2, 500, 3)
    assert len(call.functions) == 5 and call.extensions == ["2026-08-31", "2027-08-31"]
    assert Establishment.objects.filter(academy=academy).in_agency("0130038W", academy.today).count() == 8
    nadia = User.objects.get(email="nadia@demo.invalid")
    assert nadia.academies == ["grenoble", "aix-marseille"], "the first page is that of Grenoble"
    browser = signed(nadia)
    assert "Académie d’Aix-Marseille" in browser.get("/grenoble/").content.decode()
    listed = browser.get("/aix-marseille/tutorat/candidatures/").content.decode()
    assert "5 candidatures" in listed and "Hors délai" in listed
    assert browser.get(f"{call.get_absolute_url()}lettre/")["Content-Type"] == "application/pdf"
    helene = User.objects.get(email="helene@demo.invalid")
    assert "coefficient 3" in signed(helene).get(call.get_absolute_url()).content.decode()


def test_a_visitor_applies_to_the_call(demo: Academy, client: Client) -> None:
    page = client.get(call_path(), follow=True)
    assert page.status_code == 200 and "Tuteurs Op@le académiques" in page.content.decode()


def test_demonstration_is_not_loaded_twice(grenoble: Academy) -> None:
    with pytest.raises(CommandError, match="déjà"):
        call_command("demo")


@pytest.mark.parametrize(
    "arguments",
    [
        ("unknown", "--academy=grenoble"),
        ("volumetry", "--academy=nowhere"),
        ("volumetry", "--academy=grenoble", "--set=from_wave=V99"),
        ("volumetry", "--academy=grenoble", "--set=colour=blue"),
        ("volumetry_change", "--academy=grenoble", "--set=initial_on=hier"),
    ],
)
def test_a_figure_asked_wrongly_says_so_in_a_sentence(arguments: tuple[str, ...], grenoble: Academy) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("figure", *arguments)
    assert str(refusal.value).endswith((".", ")."))
