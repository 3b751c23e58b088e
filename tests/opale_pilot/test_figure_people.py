"""Counts of persons open on persons, for who may read answers; on establishments, or on nothing, for others."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, User
from deployment.choices import Function
from deployment.models import Academy
from surveys.choices import Purpose
from surveys.clock import happening_at
from surveys.models import AnswerVersion, Campaign, Invitation
from surveys.services import answers
from surveys.services.answers import Submission
from tests.surveys.factories import make_campaign, make_staffed

Signed = Callable[[User], Client]
SENT = timezone.make_aware(datetime(2024, 9, 24, 10))
URL = "/grenoble/chiffres/training_needs/lignes/?au=2024-10-03&cellule="
SEEN = "Personnes de « Besoins de formation »"


def trainee(name: str, function: Function, email: str = "") -> dict[str, str]:
    return {"name": name, "email": email, "function": function.value, "sphere": "ordering", "need": ""}


@pytest.fixture
def training(grenoble: Academy) -> Campaign:
    """Two establishments: six persons of the bursary, two heads, one secretary general who serves both places."""
    places = [make_staffed(grenoble, name=name, town="Grenoble") for name in ("Collège Stendhal", "Lycée Champollion")]
    shared = trainee("Sacha Partage", Function.SECRETARY_GENERAL, "sacha@exemple.test")
    with happening_at(SENT):
        campaign = make_campaign(
            grenoble, purpose=Purpose.TRAINING_NEEDS, establishments=places, closes_at=SENT + timedelta(days=9)
        )
        for asked in Invitation.objects.filter(entry__campaign=campaign).select_related("entry__establishment"):
            place = asked.entry.establishment.name
            people = [trainee(f"Agent {n} de {place}", Function.BURSARY_STAFF) for n in range(3)]
            people += [trainee(f"=Chef de {place}", Function.HEAD), shared]
            content = {"none": False, "people": people, "comment": ""}
            answers.submit(asked, Submission(uuid4(), content, "N", "", 0))
    return campaign


def test_staff_reads_who_it_is_and_leaves_a_trace(training: Campaign, samir: User, signed: Signed) -> None:
    page = signed(samir).get(f"{URL}ordering/bursary_staff")
    text = page.content.decode()
    assert page.context["page"].paginator.count == 6
    assert "Agent 2 de Lycée Champollion" in text and "Personnel d’intendance" in text
    (trace,) = AuditEntry.objects.filter(actor=samir, kind="seen")
    assert (trace.act, trace.target, trace.details["cell"]) == ("surveys.view_answers", SEEN, "ordering/bursary_staff")


def test_who_serves_two_places_is_one_line_with_both(training: Campaign, samir: User, signed: Signed) -> None:
    (person,) = signed(samir).get(f"{URL}ordering/secretary_general").context["page"].object_list
    assert person.name == "Sacha Partage"
    assert "Collège Stendhal" in person.establishments and "Lycée Champollion" in person.establishments


def test_list_is_exported_without_formula_and_traced(training: Campaign, samir: User, signed: Signed) -> None:
    answer = signed(samir).get(f"{URL}ordering/head&format=csv")
    lines = b"".join(answer).decode("utf-8-sig").splitlines()  # type: ignore[arg-type]
    assert lines[0] == "Nom;Fonction;Établissement;UAI;Adresse électronique"
    assert len(lines) == 3 and lines[1].startswith("'=Chef")
    assert AuditEntry.objects.filter(actor=samir, kind="exported", target=SEEN).count() == 1


def test_member_gets_establishments_and_no_name(training: Campaign, lise: User, signed: Signed) -> None:
    page = signed(lise).get(f"{URL}ordering/bursary_staff")
    text = page.content.decode()
    assert page.context["page"].paginator.count == 2
    assert "Collège Stendhal" in text and "Agent 2" not in text
    csv = b"".join(signed(lise).get(f"{URL}ordering/bursary_staff&format=csv")).decode("utf-8-sig")  # type: ignore[arg-type]
    assert "Agent" not in csv and len(csv.splitlines()) == 3
    assert not AuditEntry.objects.filter(actor=lise, kind="seen").exists()


@pytest.mark.parametrize("suffix", ["", "&format=csv"])
def test_fewer_than_five_persons_are_not_pointed_at(
    suffix: str, training: Campaign, lise: User, signed: Signed
) -> None:
    answer = signed(lise).get(f"{URL}ordering/head{suffix}")
    text = (b"".join(answer) if suffix else answer.content).decode()  # type: ignore[arg-type]
    assert "Stendhal" not in text
    assert suffix or "Moins de cinq personnes" in text


def test_counts_of_establishments_open_as_ever(training: Campaign, lise: User, signed: Signed) -> None:
    assert signed(lise).get(f"{URL}answered").context["page"].paginator.count == 2


def test_no_name_in_the_figure_itself(training: Campaign, lise: User, signed: Signed) -> None:
    page = signed(lise).get("/grenoble/chiffres/training_needs/?au=2024-10-03&format=json").content.decode()
    assert '"total": 9' in page and "Sacha" not in page and "exemple.test" not in page


def test_stranger_and_wrong_role_see_nobody(training: Campaign, victor: User, tom: User, signed: Signed) -> None:
    assert signed(victor).get(f"{URL}ordering/head").status_code == 404
    assert signed(tom).get(f"{URL}ordering/head").status_code == 403


def test_role_without_the_surveys_sees_no_figure_of_them(training: Campaign, denis: User, signed: Signed) -> None:
    assert signed(denis).get("/grenoble/chiffres/training_needs/?au=2024-10-03").status_code == 404
    assert "Besoins de formation" not in signed(denis).get("/grenoble/chiffres/").content.decode()


def test_persons_are_read_in_one_query(
    training: Campaign, samir: User, signed: Signed, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    browser = signed(samir)
    counts = []
    for cell in ("ordering/secretary_general", "ordering/bursary_staff"):
        with django_assert_max_num_queries(40) as queries:  # type: ignore[attr-defined]
            browser.get(f"{URL}{cell}")
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert AnswerVersion.objects.count() == 2
