"""Two years after a campaign its answers name nobody, and its figures have not moved."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction

from deployment.models import Academy
from opale_pilot.privacy import purge
from opale_pilot.privacy.identity import NOBODY
from surveys.choices import Purpose, QuestionKind
from surveys.clock import happening_at
from surveys.models import Answer, AnswerFile, AnswerVersion, Campaign, Link, Question, Recipient, Solicitation
from surveys.services import answers, intake
from surveys.services.answers import Submission
from surveys.services.intake import Taking
from tests.opale_pilot.test_privacy import naming
from tests.surveys.factories import make_campaign, make_staffed

pytestmark = pytest.mark.django_db

NOW = datetime.fromisoformat("2024-10-08T10:00:00+02:00")
LATER = NOW + timedelta(days=731)
MARKS = ("canari", "zephyrine", "hapax")


def trainee(name: str, email: str = "", **fields: str) -> dict[str, str]:
    return {"name": name, "email": email, "function": "head", "sphere": "ordering", "need": "Hapax"} | fields


def answered(campaign: Campaign, content: dict[str, object]) -> AnswerVersion:
    """The first establishment's answer, in two versions."""
    answer = Answer.objects.filter(entry__campaign=campaign).select_related("entry__campaign__academy")[0]
    for seen in (0, 1):
        submission = Submission(uuid4(), content, "Zéphyrine Canari", "Proviseure Canari", seen)
        intake.take_in_all(campaign, [Taking(answer.pk, submission, NOW)], by=None, source="Essai")
    return answer.versions.get(number=2)


@pytest.fixture
def training(grenoble: Academy) -> Campaign:
    with happening_at(NOW):
        places = [make_staffed(grenoble) for _ in range(2)]
        campaign = make_campaign(grenoble, establishments=places, closes_at=NOW + timedelta(hours=1))
        people = [
            trainee("Zoé Canari", "Zoe.Canari@exemple.test"), trainee("Z. Canari", "zoe.canari@exemple.test "),
            trainee("Yann Canari"), trainee("Yann Canari", function="bursary_staff"),
        ]  # fmt: skip
        answered(campaign, {"none": False, "people": people, "comment": "Zéphyrine part en juin"})
        waiting = Answer.objects.get(entry__campaign=campaign, number=0)
        answers.save_draft(waiting, {"people": [trainee("Canari")]}, by="Canari", seen=0)
        Recipient.objects.filter(campaign=campaign).update(name="Zéphyrine Canari", copies="canari@exemple.test")
        entry = waiting.entry
        stored = default_storage.save("answers/x", ContentFile(b"Canari"))
        AnswerFile.objects.create(entry=entry, identifier=uuid4(), file_name="canari.pdf", stored_as=stored, size=6)
    return campaign


def test_nobody_is_named_two_years_later(training: Campaign) -> None:
    assert "surveys_answerversion.content" in naming(*MARKS)
    with time_machine.travel(LATER, tick=False):
        assert purge.purge()["survey_people"] == 1
        assert purge.purge()["survey_people"] == 0
    assert naming(*MARKS) == []
    assert not Link.objects.exists() and not Solicitation.objects.exists() and not AnswerFile.objects.exists()
    assert not default_storage.exists("answers/x")
    version = AnswerVersion.objects.get(number=2)
    people = version.content["people"]
    assert [line["email"] for line in people] == ["anonyme-1@invalid", "anonyme-1@invalid", "", ""]
    assert [line["function"] for line in people] == ["head", "head", "head", "bursary_staff"]
    assert (version.name, version.answer.submitted_by, version.answer.draft) == (NOBODY, NOBODY, None)
    assert len({recipient.email for recipient in Recipient.objects.all()}) == 2


def test_versions_stay_locked_after_the_purge(training: Campaign) -> None:
    with time_machine.travel(LATER, tick=False):
        purge.purge()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AnswerVersion.objects.update(name="x")


def test_a_correction_window_postpones_it(training: Campaign) -> None:
    Campaign.objects.update(corrected_until=NOW + timedelta(days=30))
    with time_machine.travel(LATER, tick=False):
        assert purge.purge()["survey_people"] == 0


def test_a_demonstration_stands_still(training: Campaign, grenoble: Academy) -> None:
    Academy.objects.filter(pk=grenoble.pk).update(observed_on=date(2024, 10, 8))
    with time_machine.travel(LATER, tick=False):
        done = purge.purge()
    assert (done["survey_people"], done["survey_links"], done["survey_messages"]) == (0, 0, 0)
    assert Link.objects.exists()


def test_choices_stay_and_words_go(grenoble: Academy) -> None:
    with happening_at(NOW):
        questions = [
            Question(kind=QuestionKind.SINGLE, label="Votée ?", choices="oui\nnon"),
            Question(kind=QuestionKind.TEXT, label="Pourquoi ?"),
        ]
        campaign = make_campaign(
            grenoble, purpose=Purpose.QUESTIONNAIRE, questions=questions, closes_at=NOW + timedelta(hours=1)
        )
        choice, words = campaign.questions.values_list("pk", flat=True)
        answered(campaign, {"values": {str(choice): "oui", str(words): "Hapax de Canari"}})
    with time_machine.travel(LATER, tick=False):
        purge.purge()
    content = AnswerVersion.objects.get(number=2).content
    assert content == {"values": {str(choice): "oui", str(words): "Contenu effacé"}}
