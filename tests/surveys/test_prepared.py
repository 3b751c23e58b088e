"""A query whose text is kept gives what its QuerySet gives; a row written is the row that `save` would write."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db.models.base import ModelState
from django.db.transaction import TransactionManagementError
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deployment.choices import Function
from surveys import standing
from surveys.choices import Purpose
from surveys.forms.answers import PEOPLE, PeopleForm, read_straight
from surveys.forms.fields import Sheet, read
from surveys.forms.respondent import RespondentForm
from surveys.models import Answer, AnswerVersion, Campaign, Invitation, Link
from surveys.prepared import insert, update
from surveys.services import answers

pytestmark = pytest.mark.django_db


def everything(row: Any) -> dict[str, Any]:
    """All that was read, down the relations; what is not there was left for later."""
    read_in = {name: value for name, value in row.__dict__.items() if not isinstance(value, ModelState)}
    return read_in | {name: other and everything(other) for name, other in row._state.fields_cache.items()}


@pytest.mark.parametrize("count", [1, 3])
def test_rows_are_those_of_the_queryset(campaign: Campaign, count: int) -> None:
    invitation = Invitation.objects.filter(function=Function.HEAD).earliest("pk")
    link = Link.objects.get(recipient=invitation.recipient)
    Answer.objects.update(draft={"comment": "é"}, draft_saved_at=campaign.opens_at)
    keys = [link.pk, 0, -1][:count]
    for prepared in (standing.TO_SHOW, standing.TO_SEND):
        for _ in range(2):  # the text made, then the text kept
            (kept,), (plain,) = prepared(invitation=invitation.pk, keys=keys), prepared.make(invitation.pk, keys)
            found, expected = everything(kept), everything(plain)
            assert abs(found.pop("db_now") - expected.pop("db_now")) < timedelta(seconds=5)
            assert found == expected and len(found) > 4
    assert standing.TO_SHOW(invitation=invitation.pk, keys=[0] * count) == []


def test_what_was_not_read_is_read_when_it_is_used(campaign: Campaign) -> None:
    invitation = Invitation.objects.filter(function=Function.HEAD).earliest("pk")
    row = standing.asks(invitation.pk, list(Link.objects.values_list("pk", flat=True)))
    assert row and row.answer.entry.establishment.uai == invitation.entry.establishment.uai
    asked = row.invitation
    assert asked.recipient and asked.recipient.email == invitation.recipient.email  # type: ignore[union-attr]


@pytest.mark.django_db(transaction=True)
def test_a_query_that_locks_refuses_to_lock_nothing() -> None:
    for _ in range(2):
        with pytest.raises(TransactionManagementError):
            answers.EXPECTED(entry=1)


def test_a_row_is_written_as_save_writes_it(campaign: Campaign) -> None:
    answer = Answer.objects.get(entry__campaign=campaign)
    invitation = Invitation.objects.filter(entry=answer.entry).earliest("pk")
    content = {"none": True, "people": [], "comment": "« 'é' »\n🌊 %s"}
    rows = []
    for number, write in ((1, insert), (2, lambda row: row.save(force_insert=True))):
        row = AnswerVersion(answer=answer, number=number, submission=uuid4(), content=content, name="x", origin="link")
        row.invitation, row.submitted_at = invitation, campaign.opens_at
        write(row)
        rows.append(AnswerVersion.objects.filter(pk=row.pk).values().get())
        assert not row._state.adding
    assert [row.pop("number") for row in rows] == [1, 2] and rows[0]["content"] == content
    assert rows[0] | {"id": 0, "submission": 0} == rows[1] | {"id": 0, "submission": 0}
    answer.draft, answer.number, answer.draft_by = {"comment": "é"}, 7, "untouched"
    update(answer, ("draft", "number"))
    assert Answer.objects.filter(pk=answer.pk).values_list("draft", "number", "draft_by").get() == (answer.draft, 7, "")
    answer.pk = -1
    with pytest.raises(ObjectDoesNotExist):
        update(answer, ("draft", "number"))


# --- read without a form

SOME = st.sampled_from(
    ["", "Zoé", "a@b.fr", "head", "ordering", "2026-09-01", "31/12/2024", "3", "on", "\0", "x" * 130]
)
NAMES = ("name", "email", "function", "sphere", "spheres", "starts_on", "need", "capacity", "is_remote", "area")
ROW = st.dictionaries(st.sampled_from(NAMES), SOME)
RIGHT = st.fixed_dictionaries(
    {
        "name": st.just("Zoé"),
        "function": st.just("head"),
        "sphere": st.just("ordering"),
        "spheres": st.just("ordering"),
        "capacity": st.just("2"),
    },
    optional={"email": st.just("A@b.fr"), "starts_on": st.just("1/9/2026"), "need": SOME},
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    purpose=st.sampled_from(sorted(PEOPLE)),
    asked=st.sampled_from(["yes", "no", "", "maybe"]),
    rows=st.lists(ROW | RIGHT, max_size=4),
    comment=SOME,
)
def test_what_is_read_straight_is_what_the_form_reads(
    purpose: str, asked: str, rows: list[dict[str, str]], comment: str
) -> None:
    data = QueryDict(mutable=True)
    data.update({"has_people": asked, "comment": comment})
    data.setlist("people", [str(place) for place in range(len(rows))])
    for place, row in enumerate(rows):
        data.update({f"people-{place}-{name}": value for name, value in row.items()})
    form = PeopleForm(*PEOPLE[purpose], data=data, content={})
    assert read_straight(purpose, data) == (form.content if form.is_valid() else None)


def test_a_form_of_another_purpose_is_not_read_straight() -> None:
    assert read_straight(Purpose.WAVE_WISH, QueryDict("wave=V9&reason=works")) is None


def test_no_sheet_judges_more_than_its_fields_do() -> None:
    """`read` asks the fields only."""
    sheets: list[type[Sheet]] = [RespondentForm, *(sheet for pair in PEOPLE.values() for sheet in pair)]
    for sheet in sheets:
        assert sheet.clean is Sheet.clean and not [name for name in dir(sheet) if name.startswith("clean_")]
    assert read(RespondentForm, {"respondent_name": " Zoé  D ", "respondent_function": "x"}) == {
        "respondent_name": "Zoé D",
        "respondent_function": "x",
    }
    assert read(RespondentForm, {"respondent_name": "Zoé"}) is None
