"""The form of an answer, by purpose: what is typed becomes a content, a draft, or a sentence."""

from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict

from deployment.choices import Function
from deployment.models import Academy
from surveys import contents
from surveys.choices import Purpose, QuestionKind
from surveys.forms.answers import AnswerForm, form_for
from surveys.models import AnswerFile, Campaign, PopulationEntry, Question
from surveys.reading import told
from tests.factories import appoint, gather, make_academy, make_establishment, make_wave, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def academy() -> Academy:
    academy = make_academy("grenoble", "Grenoble")
    academy.observed_on = date(2024, 10, 3)
    academy.save()
    return academy


def make_entry(academy: Academy, purpose: Purpose) -> PopulationEntry:
    campaign = Campaign.objects.create(
        academy=academy,
        purpose=purpose,
        title="Essai",
        opens_at=datetime(2024, 9, 24, tzinfo=UTC),
        closes_at=datetime(2024, 10, 10, tzinfo=UTC),
        asked=["head"],
    )
    establishment = make_establishment(academy, name="Collège Pilote")
    return PopulationEntry.objects.create(campaign=campaign, establishment=establishment, wave_code="V9")


def fill(entry: PopulationEntry, typed: str, **options: Any) -> AnswerForm:
    return form_for(entry.campaign, entry, "", data=QueryDict(typed), **options)


def drawn(form: AnswerForm) -> str:
    return render_to_string("surveys/_answer_form.html", {"form": form})


def said(form: AnswerForm) -> list[str]:
    return [mistake.message for mistake in form.mistakes]


# --- wave wish


def test_a_wish_is_among_the_open_waves_and_the_one_planned(academy: Academy) -> None:
    for code in ("V9", "V10", "V11"):
        make_wave(academy, code)
    entry = make_entry(academy, Purpose.WAVE_WISH)
    place(entry.establishment, "V9")
    form = fill(entry, "wave=V10&reason=new_accountant&comment=Arriv%C3%A9e+en+mars")
    assert form.is_valid(), form.mistakes
    assert form.content == {"wave": "V10", "reason": "new_accountant", "comment": "Arrivée en mars"}
    assert told(entry.campaign, form.content)[0] == ("Vague souhaitée", "V10")
    assert "V9, bascule le 1er janvier 2025 (vague prévue)" in drawn(form)
    assert not fill(entry, "wave=V12&reason=other").is_valid()


def test_no_wish_is_chosen_beforehand(academy: Academy) -> None:
    make_wave(academy, "V9")
    entry = make_entry(academy, Purpose.WAVE_WISH)
    page = drawn(form_for(entry.campaign, entry, ""))
    assert "checked" not in page and "selected" not in page
    assert [mistake.target for mistake in fill(entry, "").mistakes] == ["id_wave_0", "id_reason"]


# --- persons


def test_persons_in_post_are_proposed_to_who_trains_them(academy: Academy) -> None:
    entry = make_entry(academy, Purpose.TRAINING_NEEDS)
    appoint(entry.establishment, Function.HEAD, "Inès Martin", "ines@college.test")
    appoint(entry.establishment, Function.SECRETARY_GENERAL, "", "")
    seat = make_establishment(academy)
    gather(seat, entry.establishment)
    appoint(seat, Function.ACCOUNTANT, "Marc Comptable", "marc@lycee.test")
    draft = form_for(entry.campaign, entry, "").as_draft()
    assert [(line["name"], line["function"], line["sphere"]) for line in draft["people"]] == [
        ("Inès Martin", "head", "ordering")
    ]
    assert draft["none"] is None  # nobody has said yet that there is a need


PERSON = "people=0&people-0-name=Zo%C3%A9+Durand&people-0-function=bursary_staff&people-0-sphere=ordering"


def test_a_person_to_train_is_kept_as_typed(academy: Academy) -> None:
    entry = make_entry(academy, Purpose.TRAINING_NEEDS)
    form = fill(entry, f"has_people=yes&{PERSON}&people-0-starts_on=01/09/2024&people-0-email=Zoe@College.test")
    assert form.is_valid(), form.mistakes
    (person,) = contents.trainees(form.content)
    assert (person.name, person.email, person.starts_on) == ("Zoé Durand", "zoe@college.test", "2024-09-01")
    assert "arrivée le 1er septembre 2024" in told(entry.campaign, form.content)[0][1]


def test_no_need_is_an_answer_whatever_the_rows_hold(academy: Academy) -> None:
    entry = make_entry(academy, Purpose.TRAINING_NEEDS)
    form = fill(entry, f"has_people=no&{PERSON}&comment=Tous+form%C3%A9s")
    assert form.is_valid()
    assert form.content == {"none": True, "people": [], "comment": "Tous formés"}
    assert told(entry.campaign, form.content)[0] == ("Personnes à former", "Aucun besoin")


def test_an_announced_person_is_named(academy: Academy) -> None:
    entry = make_entry(academy, Purpose.TRAINING_NEEDS)
    empty = fill(entry, "has_people=yes&people=0&people-0-name=+")
    assert not empty.is_valid()
    assert [mistake.label for mistake in empty.mistakes][0] == "Personne 1, prénom et nom"
    without_row = fill(entry, "has_people=yes")
    assert not without_row.is_valid()
    assert said(without_row) == ["Ajoutez au moins une personne."]


def test_empty_rows_beside_a_full_one_are_left_out(academy: Academy) -> None:
    entry = make_entry(academy, Purpose.TUTOR_VOLUNTEERS)
    row = "people-{0}-name=A&people-{0}-function=head&people-{0}-spheres=ordering&people-{0}-spheres=accounting"
    typed = f"has_people=yes&people=0&people-0-capacity=1&people=7&{row.format(7)}&people-7-capacity=3"
    form = fill(entry, typed)
    assert form.is_valid(), form.mistakes
    (person,) = contents.volunteers(form.content)
    assert (person.spheres, person.capacity, person.is_remote) == (("ordering", "accounting"), 3, False)


def test_rows_are_added_and_removed_without_a_script(academy: Academy) -> None:
    entry = make_entry(academy, Purpose.TRAINING_NEEDS)
    added = fill(entry, f"{PERSON}&act=add")
    assert added.is_redrawn and not added.is_valid() and added.mistakes == []
    assert drawn(added).count('name="people"') == 2 and "Zoé Durand" in drawn(added)
    removed = fill(entry, f"{PERSON}&people=1&people-1-name=B&act=remove-0")
    assert [line["name"] for line in removed.as_draft()["people"]] == ["B"]


def test_rows_are_bounded(academy: Academy) -> None:
    entry = make_entry(academy, Purpose.TRAINING_NEEDS)
    many = "&".join(f"people={number}" for number in range(100)) + "&people=x&people=1234567"
    form = fill(entry, f"{many}&act=add")
    assert drawn(form).count('name="people"') == 60
    assert 'value="add"' not in drawn(form)


def test_a_draft_gives_back_the_form_as_it_was(academy: Academy) -> None:
    entry = make_entry(academy, Purpose.TUTOR_VOLUNTEERS)
    draft = fill(
        entry, "has_people=yes&people=0&people-0-name=A&people-0-capacity=abc&people-0-is_remote=on"
    ).as_draft()
    again = form_for(entry.campaign, entry, "", content=draft)
    assert again.as_draft() == draft
    assert 'value="abc"' in drawn(again)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Zo%C3%A9%0D%0ABcc%3A+x%40y.test", "Zoé Bcc: x@y.test"),
        ("%3D1%2B1", "=1+1"),
        ("%F0%9F%8C%8A+Vague", "🌊 Vague"),
        ("%3Cimg+src%3Dx%3E", "<img src=x>"),
    ],
)
def test_odd_names_are_kept_on_one_line(academy: Academy, typed: str, kept: str) -> None:
    entry = make_entry(academy, Purpose.TRAINING_NEEDS)
    form = fill(entry, f"has_people=yes&{PERSON}".replace("Zo%C3%A9+Durand", typed))
    assert form.is_valid(), form.mistakes
    assert form.content["people"][0]["name"] == kept
    assert "<img" not in drawn(form)


def test_a_nul_is_refused_and_kept_out_of_drafts(academy: Academy) -> None:
    entry = make_entry(academy, Purpose.TRAINING_NEEDS)
    form = fill(entry, f"has_people=yes&{PERSON}".replace("Durand", "%00"))
    assert not form.is_valid()
    assert form.as_draft()["people"][0]["name"] == "Zoé "


def test_a_long_text_is_kept_to_its_last_character(academy: Academy) -> None:
    entry = make_entry(academy, Purpose.QUESTIONNAIRE)
    question = ask(entry.campaign, QuestionKind.TEXT)
    text = "é" * 9_999 + "\r\n"
    exact = form_for(entry.campaign, entry, "", data=_data({f"q{question.pk}": text + "."}))
    assert not exact.is_valid()
    fits = form_for(entry.campaign, entry, "", data=_data({f"q{question.pk}": "é" * 4_999 + "\r\n" + "à" * 5_000}))
    assert fits.is_valid() and len(fits.content["values"][str(question.pk)]) == 10_000


# --- free questionnaire


def _data(values: dict[str, str]) -> QueryDict:
    data = QueryDict(mutable=True)
    data.update(values)
    return data


def ask(campaign: Campaign, kind: QuestionKind, **fields: Any) -> Question:
    position = campaign.questions.count() + 1
    return Question.objects.create(
        campaign=campaign, position=position, kind=kind, label=f"Question {position}", **fields
    )


@pytest.mark.parametrize(
    ("kind", "typed", "kept", "read"),
    [
        (QuestionKind.SINGLE, "Oui", "Oui", "Oui"),
        (QuestionKind.NUMBER, "1 234,5", 1234.5, "1234,5"),
        (QuestionKind.NUMBER, "1\u202f234", 1234, "1\u202f234"),
        (QuestionKind.DATE, "03/10/2024", "2024-10-03", "3 octobre 2024"),
        (QuestionKind.TEXT, "a\r\nb", "a\nb", "a\nb"),
    ],
)
def test_questions_are_answered(academy: Academy, kind: QuestionKind, typed: str, kept: Any, read: str) -> None:
    entry = make_entry(academy, Purpose.QUESTIONNAIRE)
    question = ask(entry.campaign, kind, choices="Oui\nNon")
    form = form_for(entry.campaign, entry, "", data=_data({f"q{question.pk}": typed}))
    assert form.is_valid(), form.mistakes
    assert contents.values(form.content) == {question.pk: kept}
    assert told(entry.campaign, form.content) == [("Question 1", read)]
    assert drawn(form_for(entry.campaign, entry, "", content=form.content))


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (QuestionKind.SINGLE, "Peut-être"),
        (QuestionKind.MULTIPLE, "Peut-être"),
        (QuestionKind.NUMBER, "beaucoup"),
        (QuestionKind.NUMBER, "1e999999"),
        (QuestionKind.NUMBER, "NaN"),
        (QuestionKind.DATE, "31/02/2024"),
        (QuestionKind.DATE, "01/01/0001"),
        (QuestionKind.TEXT, "   "),
        (QuestionKind.FILE, "fichier.pdf"),
    ],
)
def test_a_wrong_answer_is_refused(academy: Academy, kind: QuestionKind, typed: str) -> None:
    entry = make_entry(academy, Purpose.QUESTIONNAIRE)
    question = ask(entry.campaign, kind, choices="Oui\nNon")
    form = form_for(entry.campaign, entry, "", data=_data({f"q{question.pk}": typed}))
    assert not form.is_valid()
    assert "fr-error-text" in drawn(form) or "fr-message--error" in drawn(form)


def test_an_optional_question_may_be_left_empty(academy: Academy) -> None:
    entry = make_entry(academy, Purpose.QUESTIONNAIRE)
    for kind in QuestionKind:
        ask(entry.campaign, kind, choices="Oui\nNon", is_required=False)
    form = fill(entry, "")
    assert form.is_valid() and form.content == {"values": {}}
    assert {value for _, value in told(entry.campaign, form.content)} == {"Sans réponse"}


# --- files


def office(name: str, content: str) -> bytes:
    stream = BytesIO()
    with ZipFile(stream, "w") as archive:
        archive.writestr(name, content)
    return stream.getvalue()


DOCX = office("[Content_Types].xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml")
ODS = office("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
PDF, PNG = b"%PDF-1.7 ...", b"\x89PNG\r\n\x1a\n...."


def send(entry: PopulationEntry, question: Question, name: str, content: bytes, **typed: str) -> AnswerForm:
    files = MultiValueDict({f"q{question.pk}": [SimpleUploadedFile(name, content)]})
    return form_for(entry.campaign, entry, "", data=_data(typed), files=files)


@pytest.mark.parametrize(
    ("name", "content", "kept"),
    [
        ("note.pdf", PDF, "note.pdf"),
        ("note.exe", PDF, "note.exe.pdf"),
        ("note.docx", DOCX, "note.docx"),
        ("tableau.ods", ODS, "tableau.ods"),
        ("photo.JPEG", b"\xff\xd8\xff....", "photo.JPEG"),
        ("..\\..\\a\u202egnp.exe", PNG, "agnp.exe.png"),
        ("é" * 300 + ".png", PNG, "é" * 146 + ".png"),
    ],
)
def test_a_file_is_kept_under_a_name_of_ours(academy: Academy, name: str, content: bytes, kept: str) -> None:
    entry = make_entry(academy, Purpose.QUESTIONNAIRE)
    question = ask(entry.campaign, QuestionKind.FILE)
    form = send(entry, question, name, content)
    assert form.is_valid(), form.mistakes
    row = AnswerFile.objects.get()
    assert (row.file_name, row.size) == (kept, len(content))
    assert row.stored_as == f"answers/{row.identifier}"
    assert told(entry.campaign, form.content) == [("Question 1", kept)]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "est vide"),
        (b"<html><script>alert(1)</script>", "n’est pas d’un format accepté"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "n’est pas d’un format accepté"),
        (b"MZ\x90", "n’est pas d’un format accepté"),
        (office("a.txt", "archive"), "n’est pas d’un format accepté"),
        (b"PK\x03\x04 cut", "n’est pas d’un format accepté"),
        (PDF + b"." * 20 * 1024 * 1024, "pèse 21 Mo : la limite est de 10 Mo"),
    ],
)
def test_a_file_that_is_not_accepted_gets_one_sentence(academy: Academy, content: bytes, why: str) -> None:
    entry = make_entry(academy, Purpose.QUESTIONNAIRE)
    question = ask(entry.campaign, QuestionKind.FILE)
    form = send(entry, question, "note.pdf", content)
    assert not form.is_valid()
    assert len(said(form)) == 1 and why in said(form)[0]
    assert not AnswerFile.objects.exists()


def test_a_file_survives_another_mistake_and_is_not_asked_for_again(academy: Academy) -> None:
    entry = make_entry(academy, Purpose.QUESTIONNAIRE)
    question, text = ask(entry.campaign, QuestionKind.FILE), ask(entry.campaign, QuestionKind.TEXT)
    wrong = send(entry, question, "note.pdf", PDF)
    assert not wrong.is_valid() and "note.pdf" in drawn(wrong)
    row = AnswerFile.objects.get()
    typed = {f"q{question.pk}-kept": str(row.identifier), f"q{text.pk}": "x"}
    again = form_for(entry.campaign, entry, "", data=_data(typed))
    assert again.is_valid() and AnswerFile.objects.count() == 1
    cleared = form_for(entry.campaign, entry, "", data=_data({**typed, f"q{question.pk}-clear": "on"}))
    assert said(cleared) == [] and not cleared.is_valid() and said(cleared) == ["Joignez un fichier."]


def test_the_file_of_another_establishment_cannot_be_named(academy: Academy) -> None:
    entry, other = make_entry(academy, Purpose.QUESTIONNAIRE), make_entry(academy, Purpose.QUESTIONNAIRE)
    question, foreign = ask(entry.campaign, QuestionKind.FILE), ask(other.campaign, QuestionKind.FILE)
    send(other, foreign, "note.pdf", PDF).is_valid()
    identifier = str(AnswerFile.objects.get().identifier)
    for claimed in (identifier, "x", ""):
        form = form_for(entry.campaign, entry, "", data=_data({f"q{question.pk}-kept": claimed}))
        assert not form.is_valid()
