"""Answers imported from Colibris: the file, its columns, what it would add, and what is refused."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook

from accounts.models import AuditEntry, User
from deployment.choices import Function
from deployment.importers.plans import ImportRefused
from deployment.models import Academy, Establishment
from deployment.tables import FileRefused
from surveys.choices import AnswerImportState, AnswerOrigin, CampaignState, Purpose, QuestionKind
from surveys.clock import current
from surveys.importers import batches
from surveys.models import Answer, AnswerImport, AnswerVersion, Campaign, ImportProfile, Question
from surveys.services import answers, campaigns
from surveys.services.answers import Submission
from surveys.services.refusals import SurveyRefused
from tests.factories import make_wave, place, uai
from tests.surveys.factories import make_campaign, make_staffed

Signed = Callable[[User], Client]
YESTERDAY = datetime.now(tz=UTC) - timedelta(days=1)
WHEN = f"{YESTERDAY:%d/%m/%Y} 14:22"


@pytest.fixture
def two(grenoble: Academy) -> list[Establishment]:
    for code in ("V8", "V9"):
        make_wave(grenoble, code)
    places = [make_staffed(grenoble, name=name) for name in ("Collège Stendhal", "Lycée Vaucanson")]
    for establishment in places:
        place(establishment, "V8")
    return places


@pytest.fixture
def wishes(grenoble: Academy, two: list[Establishment]) -> Campaign:
    return make_campaign(
        grenoble, purpose=Purpose.WAVE_WISH, establishments=two, opens_at=YESTERDAY - timedelta(days=9)
    )


@pytest.fixture
def needs(grenoble: Academy, two: list[Establishment]) -> Campaign:
    return make_campaign(grenoble, establishments=two, opens_at=YESTERDAY - timedelta(days=9))


def csv(*rows: list[str]) -> bytes:
    return "".join(";".join(f'"{cell}"' for cell in row) + "\r\n" for row in rows).encode()


def wish_file(two: list[Establishment], *waves: str) -> bytes:
    head = ["Numéro", "Date de soumission", "UAI de l'établissement", "Nom du demandeur", "Fonction", "Vague souhaitée"]
    lines = [
        [str(number), WHEN, establishment.uai, "Dominique Chef", "Principal", wave]
        for number, (establishment, wave) in enumerate(zip(two, waves, strict=True), start=1)
    ]
    return csv(head, *lines)


def deposit(campaign: Campaign, content: bytes, name: str = "colibris.csv", by: User | None = None) -> AnswerImport:
    return batches.deposit(campaign, content, name, by=by)


def told(batch: AnswerImport, name: str) -> list[str]:
    return [f"{row['line']} {row['words']}" for row in batch.report[name]]


# --- the whole way, by the pages


def test_an_export_of_colibris_is_deposited_shown_and_imported(
    signed: Signed, samir: User, wishes: Campaign, two: list[Establishment]
) -> None:
    client, base = signed(samir), f"/grenoble/enquetes/{wishes.pk}/importer/"
    assert "Importer deux fois le même" in " ".join(client.get(base).content.decode().split())
    file = SimpleUploadedFile("colibris.csv", wish_file(two, "V9", "V8"))
    page = client.post(base, {"file": file}, follow=True)
    batch = AnswerImport.objects.get()
    assert page.redirect_chain == [(f"{base}{batch.pk}/", 302)]
    assert "Collège Stendhal" in page.content.decode() and not AnswerVersion.objects.exists()
    page = client.post(f"{base}{batch.pk}/confirmer/", follow=True).content.decode()
    assert "2 réponses sont importées." in page
    head = Answer.objects.get(entry__establishment=two[0], part=Function.HEAD)
    version = head.versions.get()
    assert version.content == {"wave": "V9", "reason": "other", "comment": ""}
    assert (version.origin, version.name, version.author) == (AnswerOrigin.IMPORT, "Dominique Chef", samir)
    assert (head.number, head.receipted, head.submitted_at) == (1, 1, version.submitted_at)
    line = AuditEntry.objects.get(act="surveys.import_answers")
    assert (line.details["answers"], line.details["campaign"]) == (2, wishes.pk)


def test_importing_again_changes_nothing(samir: User, wishes: Campaign, two: list[Establishment]) -> None:
    content = wish_file(two, "V9", "V8")
    assert batches.confirm(deposit(wishes, content), by=samir) == 2
    again = deposit(wishes, content)
    assert again.report["counts"] == {"added": 0, "here": 2, "left_out": 0, "refused": 0}
    with pytest.raises(ImportRefused, match="n’ajoute rien"):
        batches.confirm(again, by=samir)
    assert AnswerVersion.objects.count() == 2


def test_a_request_corrected_in_the_other_tool_is_another_version(
    samir: User, wishes: Campaign, two: list[Establishment]
) -> None:
    former, later = wish_file(two, "V8", "V8"), wish_file(two, "V9", "V8")
    batches.confirm(deposit(wishes, former), by=samir)
    batch = deposit(wishes, later)
    assert batch.report["counts"]["added"] == batch.report["counts"]["here"] == 1
    batches.confirm(batch, by=samir)
    head = Answer.objects.get(entry__establishment=two[0], part=Function.HEAD)
    assert [version.content["wave"] for version in head.versions.order_by("number")] == ["V8", "V9"]
    assert deposit(wishes, former).report["counts"]["added"] == 0  # an old file does not come back over it


def test_two_confirmations_at_once_import_once(samir: User, wishes: Campaign, two: list[Establishment]) -> None:
    batch = deposit(wishes, wish_file(two, "V9", "V8"))
    twin = AnswerImport.objects.get(pk=batch.pk)
    batches.confirm(batch, by=samir)
    with pytest.raises(ImportRefused, match="« importé »"):
        batches.confirm(twin, by=samir)
    assert AnswerVersion.objects.count() == 2


def test_a_newer_answer_is_kept(samir: User, wishes: Campaign, two: list[Establishment]) -> None:
    batch = deposit(wishes, wish_file(two, "V9", "V8"))
    answer = Answer.objects.get(entry__establishment=two[0], part=Function.HEAD)
    mine = Submission(UUID(int=1), {"wave": "V8", "reason": "workload", "comment": ""}, "Ève", "Cheffe", 0)
    answers.answer_for(answer, mine, by=samir, reason="téléphone")
    with pytest.raises(ImportRefused, match="Des réponses sont arrivées depuis l’aperçu"):
        batches.confirm(batch, by=samir)
    batch.refresh_from_db()
    assert [words.partition(",")[0] for words in told(batch, "left_out")] == ["2 une réponse plus récente est là"]
    assert batches.confirm(batch, by=samir) == 1
    answer.refresh_from_db()
    assert (answer.number, answer.submitted_by) == (1, "Ève")


# --- what is refused, left out, told


HEAD = ["UAI", "Date", "Fonction", "Vague souhaitée", "Motif", "Statut"]


def test_each_wrong_line_is_refused_with_its_number(wishes: Campaign, two: list[Establishment], lyon: Academy) -> None:
    good, outside = two[0].uai, uai(690_001)
    future = f"{datetime.now(tz=UTC) + timedelta(days=3):%d/%m/%Y}"
    batch = deposit(
        wishes,
        csv(
            HEAD,
            ["0380033Z", WHEN, "CE", "V9", "", ""],
            [outside, WHEN, "CE", "V9", "", ""],
            [good, "31/02/2024", "CE", "V9", "", ""],
            [good, future, "CE", "V9", "", ""],
            [good, WHEN, "", "V9", "", ""],
            [good, WHEN, "SG", "V9", "", ""],
            [good, WHEN, "Concierge", "V9", "", ""],
            [good, WHEN, "CE", "V77", "", ""],
            [good, WHEN, "CE", "V9", "Parce que", ""],
            ["", WHEN, "CE", "V9", "", ""],
        ),
    )
    lines = told(batch, "refused")
    assert [line.partition(" ")[0] for line in lines] == [str(number) for number in range(2, 12)]
    for line, sign in zip(
        lines,
        ("la lettre attendue est E", f"{outside} n’est pas dans la population", "n’est pas une date", "est à venir",
         "La fonction du répondant manque", "n’est pas une fonction interrogée", "n’est pas une fonction connue",
         "Vague souhaitée : ", "Motif : ", "n’est pas un UAI"),
        strict=True,
    ):  # fmt: skip
        assert sign in line
    assert batch.report["counts"]["added"] == 0


def test_refused_lines_need_a_tick(signed: Signed, samir: User, wishes: Campaign, two: list[Establishment]) -> None:
    content = csv(HEAD, [two[0].uai, WHEN, "CE", "V9", "", ""], [two[1].uai, WHEN, "CE", "V77", "", ""])
    batch = deposit(wishes, content)
    client = signed(samir)
    confirm = f"{batch.get_absolute_url()}confirmer/"
    assert "1 ligne refusée" in client.post(confirm, follow=True).content.decode()
    assert not AnswerVersion.objects.exists()
    assert "1 réponse est importée." in client.post(confirm, {"skip_refused": "on"}, follow=True).content.decode()


def test_drafts_and_rejected_requests_are_left_out_and_told(wishes: Campaign, two: list[Establishment]) -> None:
    rows = [[two[0].uai, WHEN, "CE", "V9", "", state] for state in ("Brouillon", "Rejetée", "Annulée par l'usager")]
    batch = deposit(wishes, csv(HEAD, *rows, [two[0].uai, WHEN, "CE", "V9", "", "Terminé"]))
    assert batch.report["counts"] == {"added": 1, "here": 0, "left_out": 3, "refused": 0}
    assert told(batch, "left_out")[0] == "2 brouillon dans l’outil d’origine"


def test_of_two_lines_for_one_answer_the_last_by_date_wins(
    samir: User, wishes: Campaign, two: list[Establishment]
) -> None:
    early = f"{YESTERDAY - timedelta(days=1):%Y-%m-%dT%H:%M:%S}"
    rows = [[two[0].uai, WHEN, "CE", "V9", "", ""], [two[0].uai, early, "CE", "V8", "", ""]]
    batch = deposit(wishes, csv(HEAD, *rows, [two[0].uai, WHEN, "agent comptable", "V8", "", ""]))
    assert told(batch, "left_out") == ["3 remplacée par la ligne 2, plus récente"]
    assert batches.confirm(batch, by=samir) == 2
    assert Answer.objects.get(entry__establishment=two[0], part=Function.HEAD).versions.get().content["wave"] == "V9"


def test_a_late_answer_is_marked_late(samir: User, wishes: Campaign, two: list[Establishment]) -> None:
    closed = YESTERDAY - timedelta(days=2)
    campaigns.reschedule(wishes, closes_at=closed, corrected_until=None, by=samir, reason="Essai")
    batches.confirm(deposit(wishes, wish_file(two, "V9", "V8")), by=samir)
    assert set(AnswerVersion.objects.values_list("is_late", flat=True)) == {True}


def test_nothing_comes_into_a_frozen_campaign_nor_into_a_draft(
    samir: User, grenoble: Academy, wishes: Campaign, two: list[Establishment]
) -> None:
    content = wish_file(two, "V9", "V8")
    batch = deposit(wishes, content)
    campaigns.reschedule(wishes, closes_at=YESTERDAY, corrected_until=None, by=samir, reason="Essai")
    campaigns.freeze(wishes, by=samir)
    for verb in (lambda: deposit(wishes, content), lambda: batches.confirm(batch, by=samir)):
        wishes.refresh_from_db()
        with pytest.raises(SurveyRefused, match="gelée"):
            verb()
    assert batches.abandon(batch).state == AnswerImportState.ABANDONED
    draft = make_campaign(grenoble, purpose=Purpose.WAVE_WISH, establishments=two, state=CampaignState.DRAFT)
    with pytest.raises(SurveyRefused, match="Envoyez d’abord"):
        deposit(draft, content)
    assert not AnswerVersion.objects.exists()


# --- each purpose


def test_persons_in_numbered_columns_are_one_answer(samir: User, needs: Campaign, two: list[Establishment]) -> None:
    head = ["UAI", "Demandeur", "Nom 1", "Fonction 1", "Sphère 1", "Nom 2", "Fonction 2", "Sphère 2", "Commentaire"]
    rows = [
        [two[0].uai, "Ève", "Zoé Durand", "SG", "ordonnateur", "Marc Petit", "agent comptable", "", "Merci"],
        [two[1].uai, "Jean", "", "", "", "", "", "", ""],
    ]
    batches.confirm(deposit(needs, csv(head, *rows)), by=samir)
    content = Answer.objects.get(entry__establishment=two[0]).versions.get().content
    assert [(one["name"], one["function"], one["sphere"]) for one in content["people"]] == [
        ("Zoé Durand", "secretary_general", "ordering"),
        ("Marc Petit", "accountant", "accounting"),
    ]
    assert content["comment"] == "Merci"
    nobody = Answer.objects.get(entry__establishment=two[1]).versions.get()
    assert (nobody.content["none"], nobody.name) == (True, "Jean")


def test_a_person_a_line_is_one_answer_by_the_number_of_the_request(
    samir: User, grenoble: Academy, two: list[Establishment]
) -> None:
    call = make_campaign(grenoble, purpose=Purpose.TUTOR_VOLUNTEERS, establishments=two)
    head = ["N°", "UAI", "Nom de la personne", "Fonction de la personne", "Sphère", "Capacité", "À distance"]
    rows = [
        ["7", two[0].uai, "Zoé Durand", "SG", "ordonnateur et comptable", "3", "oui"],
        ["7", two[0].uai, "Marc Petit", "FP", "comptable", "", "non"],
        ["8", two[1].uai, "", "", "", "", ""],
    ]
    assert batches.confirm(deposit(call, csv(head, *rows)), by=samir) == 2
    people = Answer.objects.get(entry__establishment=two[0]).versions.get().content["people"]
    assert [(one["spheres"], one["capacity"], one["is_remote"]) for one in people] == [
        (["ordering", "accounting"], 3, True),
        (["accounting"], 1, False),
    ]


@pytest.mark.parametrize(("said", "name", "sign"), [("Non", "Zoé", "il n’y a personne"), ("Oui", "", "Prénom et nom")])
def test_a_line_that_contradicts_itself_is_refused(
    needs: Campaign, two: list[Establishment], said: str, name: str, sign: str
) -> None:
    batch = deposit(needs, csv(["UAI", "Besoins", "Nom", "Fonction"], [two[0].uai, said, name, "SG"]))
    assert batch.report["counts"]["refused"] == 1, batch.report
    assert sign in told(batch, "refused")[0] or "au moins une personne" in told(batch, "refused")[0]


def test_questions_are_answered_from_a_workbook(samir: User, grenoble: Academy, two: list[Establishment]) -> None:
    asked = [
        Question(kind=QuestionKind.SINGLE, label="COFI installée ?", choices="Oui\nNon"),
        Question(kind=QuestionKind.MULTIPLE, label="Modules", choices="Budget\nRecettes, régie\nPaie"),
        Question(kind=QuestionKind.NUMBER, label="Agents"),
        Question(kind=QuestionKind.DATE, label="Depuis"),
        Question(kind=QuestionKind.TEXT, label="Remarque", is_required=False),
        Question(kind=QuestionKind.FILE, label="Pièce", is_required=False),
    ]
    campaign = make_campaign(grenoble, purpose=Purpose.QUESTIONNAIRE, establishments=two, questions=asked)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["UAI", "Horodateur", *(question.label for question in asked)])
    moment = YESTERDAY.replace(tzinfo=None, microsecond=0)
    sheet.append([two[0].uai, moment, "oui", "Budget; Paie", 12, moment, "=1+1", ""])
    sheet.append([two[1].uai, moment, "Peut-être", "Budget", 1, moment, "", ""])
    stream = io.BytesIO()
    book.save(stream)
    batch = deposit(campaign, stream.getvalue(), "export.xlsx")
    assert "COFI installée ?" in told(batch, "refused")[0]
    batches.confirm(batch, by=samir, skip_refused=True)
    values = Answer.objects.get(entry__establishment=two[0]).versions.get().content["values"]
    keys = list(campaign.questions.values_list("pk", flat=True))
    assert [values.get(str(key)) for key in keys[:4]] == ["Oui", ["Budget", "Paie"], 12, moment.date().isoformat()]


# --- JSON of Publik


def request_of(establishment: Establishment, number: int = 16, **fields: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "receipt_time": f"{YESTERDAY:%Y-%m-%dT%H:%M:%S}",
        "last_update_time": f"{YESTERDAY:%Y-%m-%dT%H:%M:%S}",
        "fields": {"uai": establishment.uai, **fields},
        "user": {"id": 1, "name": "Fred Martin"},
        "workflow": {"status": {"id": "1", "name": "Nouvelle", "endpoint": False}},
    }


def test_requests_of_publik_take_the_same_way(samir: User, needs: Campaign, two: list[Establishment]) -> None:
    blocks = {
        "data": [{"nom": "Zoé\0 Durand\ud800", "fonction": "SG"}, {"nom": "Marc", "fonction": "AC"}],
        "schema": {},
    }
    rejected = request_of(two[1], 18)
    rejected["workflow"]["status"]["name"] = "Rejeté"
    records = [
        request_of(two[0], personnes=blocks, personnes_raw=[1]),
        request_of(two[1], 17, personnes=[], commentaire="ligne 1\nligne 2"),
        rejected,
    ]
    batch = deposit(needs, json.dumps(records).encode(), "export.json")
    assert batch.report["counts"] == {"added": 2, "here": 0, "left_out": 1, "refused": 0}, batch.report
    batches.confirm(batch, by=samir)
    version = Answer.objects.get(entry__establishment=two[0]).versions.get()
    assert [one["function"] for one in version.content["people"]] == ["secretary_general", "accountant"]
    assert version.name == "Fred Martin"
    other = Answer.objects.get(entry__establishment=two[1]).versions.get()
    assert other.content == {"none": True, "people": [], "comment": "ligne 1\nligne 2"}


def test_one_request_alone_or_under_data_is_read_too(needs: Campaign, two: list[Establishment]) -> None:
    for whole in (request_of(two[0]), {"data": [request_of(two[0])]}):
        assert deposit(needs, json.dumps(whole).encode(), "a.json").report["counts"]["added"] == 1


# --- hostile files


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "a.csv", "est vide"),
        (b"\x89PNG\r\n\x1a\n\0\0", "export.xlsx", "est une image"),
        (b"PK\x03\x04tronqu", "export.xlsx", "abîmé ou incomplet"),
        ("UAI;Vague;Élu\r\nx;y;é\r\n".encode("cp1252"), "a.csv", "pas en UTF-8"),
        (b"UAI;Vague\r\n0380", "a.csv", "coupé|cases au lieu de"),
        (b"[" * 200_000, "a.json", "imbriqué"),
        (b'[{"a":' * 100_000, "a.json", "imbriqué|coupé"),
        (b'{"id": "1", "fields": {"uai": "038', "a.json", "coupé ou abîmé"),
        (b'{"id": "1", "fields": {"uai": "\xe9"}}', "a.json", "pas en UTF-8"),
        (b'[{"id": 1}]', "a.json", "n’a pas de « fields »"),
        (b"[]", "a.json", "aucune demande"),
        (b'[{"fields": {"n": ' + b"9" * 5000 + b"}}]", "a.json", "coupé ou abîmé"),
        (b"[" + b" " * (10 * 1024 * 1024) + b"]", "a.json", "dépasse 10 Mo"),
        (b"[" + b",".join([b'{"fields":{}}'] * 20_001) + b"]", "a.json", "dépasse 20000 lignes"),
    ],
)
def test_a_hostile_file_gets_one_sentence(
    signed: Signed, samir: User, needs: Campaign, content: bytes, name: str, sentence: str
) -> None:
    with pytest.raises(FileRefused, match=sentence):
        deposit(needs, content, name)
    page = signed(samir).post(f"/grenoble/enquetes/{needs.pk}/importer/", {"file": SimpleUploadedFile(name, content)})
    assert page.status_code == 200
    assert not AnswerImport.objects.exists()


def test_hostile_cells_are_shown_literally(signed: Signed, samir: User, needs: Campaign) -> None:
    evil = "<script>alert(1)</script>"
    content = csv(["UAI", evil, "Nom"], [evil, "{{7*7}}", "=1+1"])
    batch = deposit(needs, content, f"{evil}.csv")
    page = signed(samir).get(batch.get_absolute_url()).content.decode()
    assert evil not in page and "&lt;script&gt;" in page and "{{7*7}}" in page


# --- columns and profiles


def test_columns_are_chosen_and_kept_as_a_profile(
    signed: Signed, samir: User, grenoble: Academy, wishes: Campaign, two: list[Establishment]
) -> None:
    content = csv(["Col A", "Col B", "Col C"], [two[0].uai, "CE", "V9"])
    batch = deposit(wishes, content)
    assert batch.mapping == {}
    client, columns = signed(samir), batch.get_absolute_url()
    wrong = client.post(columns, {"c-uai": "Col A", "c-function": "Col A"})
    page = wrong.content.decode()
    assert "Choisissez une colonne." in page and "sert déjà à « UAI »" in page
    chosen = {"c-uai": "Col A", "c-function": "Col B", "c-wave": "Col C", "c-profile": "Colibris 2024"}
    client.post(columns, chosen)
    batch.refresh_from_db()
    assert batch.report["counts"]["added"] == 1
    assert ImportProfile.objects.get().mapping == {
        "UAI": "Col A", "Fonction du répondant": "Col B", "Vague souhaitée": "Col C"
    }  # fmt: skip
    again = make_campaign(grenoble, purpose=Purpose.WAVE_WISH, establishments=two)
    later = deposit(again, content)
    assert (later.profile, later.report["counts"]["added"]) == ("Colibris 2024", 1)
    assert "Lues selon le profil « Colibris 2024 »" in client.get(later.get_absolute_url()).content.decode()


def test_a_column_that_is_not_in_the_file_is_refused(signed: Signed, samir: User, wishes: Campaign) -> None:
    batch = deposit(wishes, csv(["UAI", "B"], ["0380033E", "x"]))
    page = signed(samir).post(batch.get_absolute_url(), {"c-uai": "Ailleurs"})
    assert page.status_code == 200
    batch.refresh_from_db()
    assert batch.mapping == {"uai": "UAI"}


# --- rights, size


PAGES = ("", "{batch}/", "{batch}/confirmer/", "{batch}/abandonner/")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["claire", "emma", "lise", "alice"])
def test_another_role_may_not(
    signed: Signed, request: pytest.FixtureRequest, needs: Campaign, two: list[Establishment], page: str, who: str
) -> None:
    batch = deposit(needs, csv(["UAI", "Nom"], [two[0].uai, ""]))
    person = request.getfixturevalue(who)
    address = f"/grenoble/enquetes/{needs.pk}/importer/{page.format(batch=batch.pk)}"
    assert signed(person).post(address).status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_finds_nothing(
    signed: Signed, victor: User, needs: Campaign, two: list[Establishment], page: str
) -> None:
    batch = deposit(needs, csv(["UAI", "Nom"], [two[0].uai, ""]))
    path = f"/enquetes/{needs.pk}/importer/{page.format(batch=batch.pk)}"
    assert signed(victor).post(f"/grenoble{path}").status_code in (403, 404)
    assert signed(victor).post(f"/lyon{path}").status_code == 404
    batch.refresh_from_db()
    assert batch.state == AnswerImportState.PREVIEWED


@pytest.mark.parametrize("number", [1, 3])
def test_a_preview_and_an_import_cost_the_same_queries_whatever_the_lines(
    samir: User, grenoble: Academy, number: int
) -> None:
    places = [make_staffed(grenoble) for _ in range(number)]
    campaign = make_campaign(grenoble, establishments=places)
    content = csv(["UAI", "Nom", "Fonction"], *([one.uai, "Zoé", "SG"] for one in places))
    with CaptureQueriesContext(connection) as previewed:
        batch = deposit(campaign, content)
    with CaptureQueriesContext(connection) as confirmed:
        batches.confirm(batch, by=samir)
    assert (len(previewed), len(confirmed)) == (8, 16)


def test_a_waiting_file_disappears_after_thirty_days(needs: Campaign, two: list[Establishment]) -> None:
    old = deposit(needs, csv(["UAI", "Nom"], [two[0].uai, ""]))
    AnswerImport.objects.filter(pk=old.pk).update(created_at=current(needs.academy) - timedelta(days=31))
    deposit(needs, csv(["UAI", "Nom"], [two[1].uai, ""]))
    old.refresh_from_db()
    assert (old.state, old.stored_as) == (AnswerImportState.ABANDONED, "")


def test_a_draft_being_typed_gives_way(samir: User, needs: Campaign, two: list[Establishment]) -> None:
    answer = Answer.objects.get(entry__establishment=two[0])
    answers.save_draft(answer, {"none": True}, by="Ève", seen=0)
    batches.confirm(deposit(needs, csv(["UAI", "Nom"], [two[0].uai, ""])), by=samir)
    answer.refresh_from_db()
    assert (answer.draft, answer.number) == (None, 1)
