"""What leaves as a file: complete, typed, harmless to a spreadsheet, traced."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.test import Client

from accounts.choices import AuditKind
from accounts.models import AuditEntry, User
from deployment.choices import Function
from deployment.models import Academy
from surveys.choices import Purpose, QuestionKind
from surveys.models import Campaign, Question
from surveys.services import links
from tests.surveys.factories import make_campaign, make_staffed
from tests.surveys.following import asked, submit, wish

Signed = Callable[[User], Client]
HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r=1+1", '=HYPERLINK("https://a.fr";"ici")', "#N/A", "\x00\x1b=1"]


def get(client: Client, campaign: Campaign, what: str, kind: str) -> bytes:
    address = f"/grenoble/enquetes/{campaign.pk}/{what}/export/?format={kind}"
    response = client.get(address)
    assert response.status_code == 200
    assert f'.{kind}"' in response["Content-Disposition"]
    return response.getvalue()


def lines(content: bytes) -> list[dict[str, Any]]:
    """The lines of an XLSX file, by heading."""
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet
    heading, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, heading), row, strict=True)) for row in rows]


def csv_lines(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def formulas(content: bytes) -> list[str]:
    """Cells of any sheet that a spreadsheet would compute."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/worksheets/")]
    assert sheets
    return [found for sheet in sheets for found in re.findall(r"<f[ >/].*?>|t=\"e\"", sheet)]


@pytest.fixture
def questionnaire(grenoble: Academy) -> Campaign:
    """One establishment a hostile text, which is its name too, and one that does not answer."""
    places = [make_staffed(grenoble, name=text.strip("\x00\x1b"), town="Vif") for text in HOSTILE]
    questions = [
        Question(kind=QuestionKind.TEXT, label="=cmd|'/C calc'!A0"),
        Question(kind=QuestionKind.NUMBER, label="Combien ?", is_required=False),
        Question(kind=QuestionKind.MULTIPLE, label="Lesquels ?", choices="=A\nB", is_required=False),
    ]
    silent = make_staffed(grenoble, name="Silencieux", town="Vif")
    campaign = make_campaign(
        grenoble, purpose=Purpose.QUESTIONNAIRE, establishments=[*places, silent], questions=questions
    )
    text, number, several = campaign.questions.all()
    for place, typed in zip(places, HOSTILE, strict=True):
        content = {"values": {str(text.pk): typed, str(number.pk): -3, str(several.pk): ["=A", "B"]}}
        submit(campaign, place, content=content, name=f"{typed} Chef".replace("\x00", ""))
    links.disown(asked(campaign, silent), note="=1+1")
    return campaign


@pytest.mark.parametrize("what", ["reponses", "suivi"])
def test_nothing_typed_is_a_formula_in_a_workbook(
    signed: Signed, samir: User, questionnaire: Campaign, what: str
) -> None:
    content = get(signed(samir), questionnaire, what, "xlsx")
    assert formulas(content) == []
    assert "=1+1" in {value for line in lines(content) for value in line.values()}


def test_text_stays_text_after_somebody_edits_the_cell(signed: Signed, samir: User, questionnaire: Campaign) -> None:
    content = get(signed(samir), questionnaire, "reponses", "xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet
    risky = [cell for row in sheet.iter_rows() for cell in row if str(cell.value).startswith(("=", "@", "+"))]
    assert risky and all(cell.quotePrefix and cell.data_type == "s" for cell in risky)


@pytest.mark.parametrize("what", ["reponses", "suivi"])
def test_nothing_typed_begins_a_formula_in_csv(signed: Signed, samir: User, questionnaire: Campaign, what: str) -> None:
    rows = csv_lines(get(signed(samir), questionnaire, what, "csv"))
    assert not [cell for row in rows[1:] for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert "'=1+1" in {cell for row in rows for cell in row}


def test_questionnaire_has_a_column_a_question_and_numbers_stay_numbers(
    signed: Signed, samir: User, questionnaire: Campaign
) -> None:
    found = lines(get(signed(samir), questionnaire, "reponses", "xlsx"))
    answered = next(line for line in found if line["Établissement"] == "@SUM(A1)")
    assert (answered["=cmd|'/C calc'!A0"], answered["Combien ?"], answered["Lesquels ?"]) == ("@SUM(A1)", -3, "=A · B")
    silent = next(line for line in found if line["Établissement"] == "Silencieux")
    assert (silent["État"], silent["Combien ?"]) == ("Sans réponse", None)
    assert len(found) == len(HOSTILE) + 1


def test_wishes_stand_side_by_side_on_the_line_of_their_establishment(
    signed: Signed, samir: User, grenoble: Academy
) -> None:
    place = make_staffed(grenoble)
    campaign = make_campaign(grenoble, purpose=Purpose.WAVE_WISH, establishments=[place])
    wish(campaign, place, Function.HEAD, "V8", "Travaux")
    wish(campaign, place, Function.HEAD, "V9", "Travaux finis")
    (line,) = lines(get(signed(samir), campaign, "reponses", "xlsx"))
    assert line["Chef d’établissement : vague souhaitée"] == "V9"
    assert line["Chef d’établissement : commentaire"] == "Travaux finis"
    assert line["Agent comptable : état"] == "Sans réponse"


def test_training_needs_have_a_line_a_person(signed: Signed, samir: User, grenoble: Academy) -> None:
    places = [make_staffed(grenoble, name=f"Collège {letter}") for letter in "ABC"]
    campaign = make_campaign(grenoble, establishments=places)
    person = {"email": "", "function": "head", "sphere": "ordering", "starts_on": "2025-01-01", "need": "Tout"}
    people = [{"name": "Ada Martin", **person}, {"name": "Bo Petit", **person}]
    submit(campaign, places[0], content={"none": False, "people": people, "comment": "Vite"})
    submit(campaign, places[1])
    found = lines(get(signed(samir), campaign, "reponses", "xlsx"))
    assert [(line["Établissement"], line["État"], line["Nom"]) for line in found] == [
        ("Collège A", "Répondue", "Ada Martin"),
        ("Collège A", "Répondue", "Bo Petit"),
        ("Collège B", "Répondue", "Aucun besoin"),
        ("Collège C", "Sans réponse", None),
    ]
    assert (found[0]["Sphère"], found[0]["Commentaire"]) == ("Sphère ordonnateur", "Vite")


def test_volunteers_have_a_line_a_person(signed: Signed, samir: User, grenoble: Academy) -> None:
    place = make_staffed(grenoble)
    campaign = make_campaign(grenoble, purpose=Purpose.TUTOR_VOLUNTEERS, establishments=[place])
    person = {"name": "Ada Martin", "email": "ada@a.fr", "function": "head", "spheres": ["ordering", "accounting"]}
    people = [{**person, "capacity": 3, "is_remote": True, "area": "Drôme", "motivation": ""}]
    submit(campaign, place, content={"none": False, "people": people})
    (line,) = lines(get(signed(samir), campaign, "reponses", "xlsx"))
    assert (line["Établissements acceptés"], line["À distance"]) == (3, "oui")
    assert line["Sphères"] == "Sphère ordonnateur et Sphère comptable"


def test_follow_up_leaves_as_it_is_filtered(signed: Signed, samir: User, questionnaire: Campaign) -> None:
    client = signed(samir)
    address = f"/grenoble/enquetes/{questionnaire.pk}/suivi/export/?state=disowned"
    (line,) = lines(client.get(address).getvalue())
    assert (line["Établissement"], line["État"], line["Précision"]) == (
        "Silencieux", "« Pas mon établissement »", "=1+1",
    )  # fmt: skip
    assert line["Relances"] == 0
    wrong = client.get(f"/grenoble/enquetes/{questionnaire.pk}/suivi/export/?state=zut")
    assert (wrong.status_code, wrong["Location"]) == (302, f"/grenoble/enquetes/{questionnaire.pk}/suivi/?state=zut")


def test_exports_are_traced(signed: Signed, claire: User, questionnaire: Campaign) -> None:
    client = signed(claire)
    get(client, questionnaire, "reponses", "csv")
    get(client, questionnaire, "suivi", "xlsx")
    traced = AuditEntry.objects.filter(kind=AuditKind.EXPORTED, actor=claire).order_by("pk")
    assert list(traced.values_list("target", flat=True)) == [f"réponses · {questionnaire}", f"suivi · {questionnaire}"]


def test_instants_are_those_of_paris_in_both_files(signed: Signed, samir: User, grenoble: Academy) -> None:
    place = make_staffed(grenoble)
    campaign = make_campaign(grenoble, establishments=[place])
    version = submit(campaign, place)
    (line,) = lines(get(signed(samir), campaign, "reponses", "xlsx"))
    heading, row = csv_lines(get(signed(samir), campaign, "reponses", "csv"))
    assert f"{line['Répondue le']:%d/%m/%Y %H:%M}" == row[heading.index("Répondue le")]
    assert version.submitted_at.astimezone().utcoffset() is not None
