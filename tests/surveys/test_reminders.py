"""Reminders: exactly those who have not answered, once each, under the cap, at the rhythm, stopped by the answer."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db.models import F

from accounts import postman
from accounts.choices import MailState
from accounts.models import AuditEntry, Job, OutgoingEmail, User
from deployment.choices import Function
from deployment.models import Academy, Establishment
from surveys import standing, tasks
from surveys.choices import Progress, Purpose, SolicitationKind
from surveys.clock import current
from surveys.models import Campaign, Invitation, Link, Solicitation
from surveys.services import answers, campaigns, links, messages, reminders, rounds
from surveys.services.answers import Submission
from surveys.services.refusals import SurveyRefused
from surveys.services.rounds import Limits, RoundGrew, Text
from surveys.services.solicitations import last_one
from tests.factories import appoint
from tests.surveys.factories import make_campaign, make_staffed, tokens
from tests.surveys.following import (
    asked,
    at_once,
    empty_the_post,
    make_agency,
    rows_of,
    submit,
    waiting_mails,
    wish,
    write_rounds,
)

ANY = Limits()


def remind(campaign: Campaign, *places: Establishment, limits: Limits = ANY) -> rounds.Round:
    """An agent reminds; the workers write."""
    done = reminders.remind(campaign, rows_of(campaign, *places), limits, by=None)
    write_rounds()
    return done


def head_of(place: Establishment) -> str:
    return f"chef.{place.uai.lower()}@exemple.invalid"


@pytest.fixture
def three(grenoble: Academy) -> list[Establishment]:
    return [make_staffed(grenoble, name=f"Collège {letter}") for letter in "ABC"]


@pytest.fixture
def needs(grenoble: Academy, three: list[Establishment]) -> Campaign:
    """Training needs, asked of three establishments, all mails gone."""
    campaign = make_campaign(grenoble, establishments=three)
    empty_the_post()
    return campaign


# --- who is reminded


def test_only_who_has_not_answered_is_reminded(needs: Campaign, three: list[Establishment]) -> None:
    submit(needs, three[1])
    done = remind(needs)
    assert [mail.to for mail in waiting_mails()] == [
        f"chef.{p.uai.lower()}@exemple.invalid" for p in (three[0], three[2])
    ]
    assert (len(done.addressees), done.left_out) == (2, 1)


def test_accountant_of_ten_gets_one_mail_that_lists_those_still_missing(grenoble: Academy) -> None:
    places = make_agency(grenoble, 10)
    campaign = make_campaign(grenoble, purpose=Purpose.WAVE_WISH, establishments=places)
    empty_the_post()
    for place in places[:7]:
        wish(campaign, place, Function.ACCOUNTANT, "V8")
    accountants = rows_of(campaign).filter(function=Function.ACCOUNTANT)
    reminders.remind(campaign, accountants, ANY, by=None)
    write_rounds()
    mail, *others = waiting_mails()
    assert not others and mail.to == "ac@exemple.invalid"
    assert [f"Collège {rank:02d}" in mail.text for rank in range(10)] == [False] * 7 + [True] * 3


def test_only_the_rows_asked_are_reminded(needs: Campaign, three: list[Establishment]) -> None:
    remind(needs, three[0])
    assert [mail.to for mail in waiting_mails()] == [head_of(three[0])]


@pytest.mark.parametrize("why", ["vacant", "disowned", "withdrawn"])
def test_who_cannot_be_asked_again_is_not(grenoble: Academy, samir: User, why: str) -> None:
    place = make_staffed(grenoble)
    if why == "vacant":
        appoint(place, Function.HEAD, "")
    campaign = make_campaign(grenoble, purpose=Purpose.WAVE_WISH, establishments=[place])
    heads = rows_of(campaign).filter(function=Function.HEAD)
    if why == "disowned":
        links.disown(asked(campaign, place), note="Je suis parti")
    if why == "withdrawn":
        links.withdraw(campaign, heads, by=samir)
    assert heads.get().progress == Progress(why)
    assert reminders.remind(campaign, heads, ANY, by=None).addressees == []


def test_reminder_carries_a_link_that_works_and_leaves_the_former_ones(
    needs: Campaign, three: list[Establishment]
) -> None:
    before = set(Link.objects.values_list("pk", flat=True))
    remind(needs, three[0])
    token = tokens(needs)[three[0].uai, Function.HEAD]
    found = links.find(token)
    assert found and found.pk not in before and found.recipient == asked(needs, three[0]).recipient
    assert not Link.objects.filter(revoked_at__isnull=False).exists()


def test_each_mail_is_in_the_register_and_the_act_in_the_trail(needs: Campaign, samir: User) -> None:
    reminders.remind(needs, rows_of(needs), ANY, by=samir)
    write_rounds()
    lines = Solicitation.objects.filter(kind=SolicitationKind.REMINDER)
    assert {line.mail_key for line in lines} == {mail.key for mail in waiting_mails()}
    assert set(lines.values_list("author", "is_written")) == {(samir.pk, True)}
    assert set(needs.recipients.values_list("reminders", flat=True)) == {1}
    assert (
        AuditEntry.objects.filter(act="surveys.send_campaigns", target=f"relances · {needs}").get().details["mails"]
        == 3
    )


def test_no_reminder_after_the_closing(needs: Campaign) -> None:
    campaigns.reschedule(
        needs, closes_at=current(needs.academy) - timedelta(minutes=1), corrected_until=None, by=None, reason="Essai"
    )
    with pytest.raises(SurveyRefused, match="aucune relance"):
        remind(needs)
    assert waiting_mails() == []


# --- the cap over all campaigns


def test_who_was_written_to_enough_this_week_is_held_back(needs: Campaign, three: list[Establishment]) -> None:
    make_campaign(needs.academy, purpose=Purpose.TUTOR_VOLUNTEERS, establishments=three[:1])
    remind(needs, three[0])
    empty_the_post()
    done = remind(needs)
    assert [str(person.recipient.email) for person in done.held] == [head_of(three[0])]
    assert len(waiting_mails()) == 2


def test_a_reason_writes_to_them_all_the_same_and_is_kept(needs: Campaign, three: list[Establishment]) -> None:
    needs.academy.solicitations_per_week = 1
    needs.academy.save()
    assert remind(needs).addressees == []
    remind(needs, limits=Limits(override_reason="Clôture demain"))
    assert len(waiting_mails()) == 3
    lines = Solicitation.objects.filter(kind=SolicitationKind.REMINDER)
    assert set(lines.values_list("override_reason", flat=True)) == {"Clôture demain"}


def test_the_cap_forgets_after_seven_days(needs: Campaign) -> None:
    needs.academy.solicitations_per_week = 1
    needs.academy.save()
    Solicitation.objects.update(at=F("at") - timedelta(days=7, seconds=1))
    assert len(remind(needs).addressees) == 3


def test_one_person_in_two_functions_never_exceeds_the_cap_in_one_round(grenoble: Academy) -> None:
    place = make_staffed(grenoble)
    for function in (Function.HEAD, Function.ACCOUNTANT):
        appoint(place, function, "Alix Intérim", "alix@exemple.invalid")
    campaign = make_campaign(grenoble, purpose=Purpose.WAVE_WISH, establishments=[place])
    grenoble.solicitations_per_week = 3  # two invitations already
    done = remind(campaign)
    assert (len(done.addressees), len(done.held)) == (1, 1)


# --- two agents, double clicks, a list that grew


def test_the_second_of_two_agents_writes_to_nobody_twice(needs: Campaign) -> None:
    seen = Limits(seen=last_one(needs), expected=3)
    remind(needs, limits=seen)
    done = remind(needs, limits=seen)
    assert (len(done.addressees), len(done.overtaken)) == (0, 3)
    assert len(waiting_mails()) == 3


@pytest.mark.django_db(transaction=True)
def test_two_agents_who_remind_at_once_send_one_mail_each(grenoble: Academy) -> None:
    places = [make_staffed(grenoble) for _ in range(5)]
    campaign = make_campaign(grenoble, establishments=places)
    empty_the_post()
    seen = Limits(seen=last_one(campaign), expected=5)
    rounds_done = at_once(*[lambda: reminders.remind(campaign, rows_of(campaign), seen, by=None)] * 4)
    write_rounds()
    assert sorted(len(done.addressees) for done in rounds_done) == [0, 0, 0, 5]
    assert len(waiting_mails()) == 5


def test_more_mails_than_announced_are_refused(needs: Campaign) -> None:
    with pytest.raises(RoundGrew):
        remind(needs, limits=Limits(seen=last_one(needs), expected=2))
    assert Solicitation.objects.filter(kind=SolicitationKind.REMINDER).count() == 0


# --- stopped the minute they answer


def test_who_answers_before_the_mail_is_written_gets_none(needs: Campaign, three: list[Establishment]) -> None:
    reminders.remind(needs, rows_of(needs), ANY, by=None)
    submit(needs, three[0])
    write_rounds()
    assert len(waiting_mails()) == 2
    assert Solicitation.objects.filter(kind=SolicitationKind.REMINDER).count() == 2


def test_who_answers_while_the_mail_waits_receives_nothing(needs: Campaign, three: list[Establishment]) -> None:
    remind(needs)
    submit(needs, three[0])
    recipient = asked(needs, three[0]).recipient
    assert recipient and (recipient.reminders, recipient.reminded_at) == (0, None)
    cancelled = OutgoingEmail.objects.filter(state=MailState.CANCELLED).get()
    assert (cancelled.to, cancelled.secret) == (recipient.email, "")
    assert not Solicitation.objects.filter(mail_key=cancelled.key).exists()
    assert postman.deliver_due() == 2


def test_reminder_of_one_place_answered_among_several_still_leaves(grenoble: Academy) -> None:
    places = make_agency(grenoble, 2)
    campaign = make_campaign(grenoble, purpose=Purpose.WAVE_WISH, establishments=places)
    empty_the_post()
    reminders.remind(campaign, rows_of(campaign).filter(function=Function.ACCOUNTANT), ANY, by=None)
    write_rounds()
    wish(campaign, places[0], Function.ACCOUNTANT, "V8")
    assert len(waiting_mails()) == 1
    wish(campaign, places[1], Function.ACCOUNTANT, "V8")
    assert waiting_mails() == []


def test_answer_of_one_function_spares_the_other_when_they_share_it(grenoble: Academy) -> None:
    place = make_staffed(grenoble)
    campaign = make_campaign(grenoble, establishments=[place], asked=["head", "secretary_general"])
    empty_the_post()
    assert len(remind(campaign).addressees) == 2
    submit(campaign, place, Function.HEAD)
    assert waiting_mails() == []


def test_answer_of_who_was_never_reminded_asks_nothing_more_of_the_database(
    needs: Campaign, three: list[Establishment], django_assert_num_queries: Any
) -> None:
    invitation = Invitation.objects.get(pk=asked(needs, three[0]).pk)
    submission = Submission(uuid4(), {"none": True, "people": []}, "Dominique Chef", "", 0)
    with django_assert_num_queries(5):  # savepoint, look-up under lock, version, answer, release
        answers.submit(invitation, submission)


# --- the rhythm


@pytest.fixture
def any_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests run day and night."""
    monkeypatch.setattr(reminders, "FIRST_HOUR", 0)
    monkeypatch.setattr(reminders, "LAST_HOUR", 24)
    monkeypatch.setattr(reminders, "SATURDAY", 7)


def ring() -> int:
    """The clock rings, the workers write; how many mails wait."""
    tasks.remind_due()
    write_rounds()
    return len(waiting_mails())


def days_pass(number: float) -> None:
    Solicitation.objects.update(at=F("at") - timedelta(days=number))


@pytest.fixture
def rhythmic(needs: Campaign, any_hour: None) -> Campaign:
    """Reminded every two days."""
    needs.reminder_days = 2
    needs.save()
    return needs


def test_rhythm_waits_for_its_days_then_reminds_once(rhythmic: Campaign, three: list[Establishment]) -> None:
    assert ring() == 0
    days_pass(1.9)
    assert ring() == 0
    submit(rhythmic, three[0])
    days_pass(0.2)
    assert ring() == 2
    assert ring() == 2
    days_pass(2)
    assert ring() == 4


def test_rhythm_counts_from_the_last_mail_whatever_it_was(rhythmic: Campaign, three: list[Establishment]) -> None:
    days_pass(3)
    messages.send(rhythmic, rows_of(rhythmic, three[0]), Text("Une précision", "Bonjour"), ANY, by=None)
    write_rounds()
    empty_the_post()
    assert ring() == 2


def test_rhythm_without_a_number_of_days_is_no_rhythm(needs: Campaign, any_hour: None) -> None:
    days_pass(5)
    assert ring() == 0


def test_rhythm_stops_at_the_closing(rhythmic: Campaign) -> None:
    days_pass(3)
    Campaign.objects.update(closes_at=current(rhythmic.academy) - timedelta(seconds=1))
    assert ring() == 0


def test_rhythm_never_exceeds_the_cap(rhythmic: Campaign, three: list[Establishment]) -> None:
    rhythmic.academy.solicitations_per_week = 1
    rhythmic.academy.save()
    days_pass(3)
    assert ring() == 0


def test_rhythm_does_not_insist_on_an_address_that_failed(rhythmic: Campaign, three: list[Establishment]) -> None:
    days_pass(3)
    recipient = asked(rhythmic, three[0]).recipient
    assert recipient
    OutgoingEmail.objects.filter(key=recipient.mail_key).update(state=MailState.FAILED)
    assert ring() == 2
    assert rows_of(rhythmic, three[0]).get().progress == Progress.FAILED


def test_nothing_leaves_by_itself_outside_working_hours(rhythmic: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    days_pass(3)
    monkeypatch.setattr(reminders, "LAST_HOUR", 0)
    assert ring() == 0


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ((2026, 11, 23, 8, 0), True),  # Monday
        ((2026, 11, 23, 7, 59), False),
        ((2026, 11, 27, 17, 59), True),
        ((2026, 11, 27, 18, 0), False),
        ((2026, 11, 28, 10, 0), False),  # Saturday
        ((2026, 11, 29, 10, 0), False),
    ],
)
def test_working_hours_are_those_of_paris(instant: tuple[int, ...], expected: bool) -> None:
    assert reminders.is_working_hour(datetime(*instant, tzinfo=ZoneInfo("Europe/Paris"))) is expected  # type: ignore[misc, arg-type]


@pytest.mark.django_db(transaction=True)
def test_two_clocks_that_ring_at_once_remind_once(grenoble: Academy, any_hour: None) -> None:
    places = [make_staffed(grenoble) for _ in range(3)]
    make_campaign(grenoble, establishments=places, reminder_days=2)
    empty_the_post()
    days_pass(3)
    at_once(*[reminders.remind_due] * 4)
    write_rounds()
    assert len(waiting_mails()) == 3
    assert Job.objects.filter(task=rounds.WRITE_TASK).count() == 1


def test_a_reminder_written_while_an_answer_comes_in_is_taken_back(
    needs: Campaign, three: list[Establishment], any_hour: None
) -> None:
    """The answer was on its way, read, when the worker wrote the mail: neither knew of the other."""
    head = needs.entries.get(establishment=three[0]).invitations.get(function=Function.HEAD)
    keys = list(Link.objects.filter(recipient=head.recipient).values_list("pk", flat=True))
    coming = standing.asks(head.pk, keys)
    empty_the_post()
    reminders.remind(needs, rows_of(needs), ANY, by=None)
    write_rounds()
    before = len(waiting_mails())
    assert coming and answers.submit_over(coming, Submission(uuid4(), {"none": True, "people": []}, "N", "", 0))
    assert len(waiting_mails()) < before
    assert head.recipient and not head.recipient.solicitations.filter(kind=SolicitationKind.REMINDER).exists()


def test_a_campaign_that_fails_holds_no_other_back(
    rhythmic: Campaign, lyon: Academy, caplog: pytest.LogCaptureFixture
) -> None:
    """The first one: its rhythm goes back before the first of all days."""
    make_campaign(lyon, establishments=[make_staffed(lyon)], reminder_days=2)
    empty_the_post()
    days_pass(3)
    Academy.objects.filter(pk=rhythmic.academy_id).update(observed_on=date(60, 1, 1))
    early = datetime(50, 1, 1, tzinfo=ZoneInfo("Europe/Paris"))
    Campaign.objects.filter(pk=rhythmic.pk).update(opens_at=early, reminder_days=32767)
    assert ring() == 1
    assert "could not leave" in caplog.text


# --- messages, new links, accesses taken back


def test_message_fills_its_fields_in_and_reaches_those_who_answered_too(
    needs: Campaign, three: list[Establishment]
) -> None:
    submit(needs, three[0])
    text = Text("Précision pour {etablissements}", "Bonjour {destinataire},\n\nMerci.")
    messages.send(needs, rows_of(needs), text, ANY, by=None)
    write_rounds()
    mails = waiting_mails()
    assert mails[0].subject.startswith("Précision pour Collège A") and len(mails) == 3
    assert "Bonjour Dominique Chef," in mails[0].text


def test_message_with_an_unknown_field_is_refused(needs: Campaign) -> None:
    with pytest.raises(SurveyRefused, match="{inconnu}"):
        messages.send(needs, rows_of(needs), Text("Bonjour", "{inconnu}"), ANY, by=None)


def test_message_to_who_has_no_access_any_more_carries_no_link(
    needs: Campaign, three: list[Establishment], samir: User
) -> None:
    links.withdraw(needs, rows_of(needs, three[0]), by=samir)
    messages.send(needs, rows_of(needs, three[0]), Text("Pour information", "Bonjour"), ANY, by=None)
    write_rounds()
    (mail,) = waiting_mails()
    assert mail.secret == "" and "Ouvrir votre page" not in mail.text
    assert rows_of(needs, three[0]).get().progress == Progress.WITHDRAWN


def test_new_link_closes_the_former_ones_and_gives_access_again(
    needs: Campaign, three: list[Establishment], samir: User
) -> None:
    remind(needs, three[0])
    former = tokens(needs)[three[0].uai, Function.HEAD]
    links.withdraw(needs, rows_of(needs, three[0]), by=samir)
    assert links.find(former) is None
    messages.send_links(needs, rows_of(needs, three[0]), ANY, by=None)
    write_rounds()
    found = links.find(tokens(needs)[three[0].uai, Function.HEAD])
    assert found and links.find(former) is None
    assert rows_of(needs, three[0]).get().progress == Progress.NOT_OPENED
    assert Solicitation.objects.filter(kind=SolicitationKind.INVITATION, recipient=found.recipient).count() == 2


def test_access_taken_back_stops_the_mails_that_wait_and_those_not_written_yet(
    needs: Campaign, three: list[Establishment], samir: User
) -> None:
    remind(needs, three[0])
    reminders.remind(needs, rows_of(needs, three[1]), ANY, by=None)
    assert links.withdraw(needs, rows_of(needs, three[0], three[1]), by=samir) == 2
    write_rounds()
    assert waiting_mails() == []
    assert AuditEntry.objects.filter(target__startswith="accès retirés").get().details["people"] == 2


def test_access_taken_back_stops_a_new_link_not_written_yet(
    needs: Campaign, three: list[Establishment], samir: User
) -> None:
    messages.send_links(needs, rows_of(needs, three[0]), ANY, by=None)
    assert links.withdraw(needs, rows_of(needs, three[0]), by=samir) == 1
    write_rounds()
    assert waiting_mails() == []
    assert rows_of(needs, three[0]).get().progress == Progress.WITHDRAWN
