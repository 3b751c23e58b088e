"""Preparing the mails and sending them: read before, once each, whatever happens in between."""

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from accounts import jobs
from accounts.choices import JobState, MailState
from accounts.jobs import ClaimLost
from accounts.models import Job, OutgoingEmail, User
from deployment.choices import Function
from deployment.models import Academy, Establishment
from surveys.choices import CampaignState, Purpose
from surveys.models import Answer, Campaign, Invitation, Link, Recipient, Solicitation
from surveys.services import naming, sending
from surveys.services.refusals import SurveyRefused
from tests.factories import appoint, place
from tests.surveys.factories import make_campaign, make_staffed, write_mails

Sign = Callable[[User], Client]


@pytest.fixture
def places(grenoble: Academy) -> list[Establishment]:
    rows = [make_staffed(grenoble) for _ in range(3)]
    place(rows[0], "V8")
    return rows


@pytest.fixture
def wishes(grenoble: Academy, places: list[Establishment]) -> Campaign:
    """Wishes of three heads and of three accountants, not prepared yet."""
    return make_campaign(grenoble, purpose=Purpose.WAVE_WISH, establishments=places, state=CampaignState.DRAFT)


def mails(campaign: Campaign) -> Counter[str]:
    return Counter(sending.mails(campaign).values_list("state", flat=True))


# --- the preview


def test_the_preview_tells_who_will_receive_what(
    signed: Sign, samir: User, wishes: Campaign, places: list[Establishment]
) -> None:
    appoint(places[1], Function.ACCOUNTANT, "", on=wishes.academy.today)
    client, page = signed(samir), f"{wishes.get_absolute_url()}apercu/"
    text = client.get(page).content.decode()
    assert "chef." in text and "1 poste vacant" in text and "Préparer les messages" in text
    assert f"{places[1]} : agent comptable, poste vacant" in client.get(page, {"montrer": "manques"}).content.decode()
    assert client.get(page, {"montrer": "n’importe quoi", "page": "zzz"}).status_code == 200


def test_a_mail_is_shown_exactly_as_it_will_be(signed: Sign, samir: User, wishes: Campaign) -> None:
    client, entry = signed(samir), wishes.entries.order_by("pk")[0]
    shown = client.get(f"{wishes.get_absolute_url()}apercu/{entry.pk}/head/")
    prepared = sending.prepare(wishes, by=samir)
    write_mails(prepared)
    invitation = Invitation.objects.select_related("recipient").get(entry=entry, function="head")
    assert invitation.recipient
    mail = OutgoingEmail.objects.get(key=invitation.recipient.mail_key)
    assert (shown.context["subject"], shown.context["text"]) == (mail.subject, mail.text)
    assert (shown.context["envelope"].email, shown.context["envelope"].copies) == (mail.to, mail.copies)
    assert mail.to in shown.content.decode()


@pytest.mark.parametrize("what", ["0/head", "own/deputy_accountant", "own/nobody"])
def test_a_mail_that_nobody_would_receive_is_not_found(what: str, signed: Sign, samir: User, wishes: Campaign) -> None:
    what = what.replace("own", str(wishes.entries.order_by("pk")[0].pk))
    assert signed(samir).get(f"{wishes.get_absolute_url()}apercu/{what}/").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_the_preview_costs_the_same_queries_however_large(
    number: int, signed: Sign, samir: User, grenoble: Academy, django_assert_num_queries: Any
) -> None:
    campaign = make_campaign(
        grenoble, establishments=[make_staffed(grenoble) for _ in range(number)], state=CampaignState.DRAFT
    )
    client = signed(samir)
    client.get(f"{campaign.get_absolute_url()}apercu/")
    with django_assert_num_queries(12):
        client.get(f"{campaign.get_absolute_url()}apercu/")


# --- from the preparation to the sending


def test_prepared_drafts_are_read_then_sent_from_the_page(
    signed: Sign, samir: User, wishes: Campaign, places: list[Establishment]
) -> None:
    client, own = signed(samir), wishes.get_absolute_url()
    assert client.post(f"{own}preparation/").status_code == 302
    wishes.refresh_from_db()
    assert "Les messages s’écrivent" in client.get(own).content.decode()
    assert "pas encore tous prêts" in client.post(f"{own}envoi/", {"expected": "0"}, follow=True).content.decode()
    write_mails(wishes)
    page = client.get(own).content.decode()
    assert "6 messages à relire et à envoyer" in page and "Envoyer les 6 messages" in page
    assert mails(wishes) == {MailState.DRAFT: 6}
    drafts = client.get("/grenoble/envois/", {"batch": sending.batch_name(wishes), "state": "draft"})
    assert len(drafts.context["page"].object_list) == 6
    assert client.post(f"{own}envoi/", {"expected": "6"}).status_code == 302
    wishes.refresh_from_db()
    assert (wishes.state, mails(wishes)) == (CampaignState.SENT, {MailState.QUEUED: 6})
    assert wishes.entries.get(establishment=places[0]).wave_code == "V8"
    assert set(wishes.entries.values_list("agency_uai", flat=True)) == {place.uai for place in places}
    assert Answer.objects.filter(entry__campaign=wishes).count() == 6
    assert Solicitation.objects.filter(campaign=wishes, at=wishes.sent_at).count() == 6


def test_the_number_read_is_the_number_sent(signed: Sign, samir: User, wishes: Campaign) -> None:
    campaign = sending.prepare(wishes, by=samir)
    write_mails(campaign)
    client, own = signed(samir), campaign.get_absolute_url()
    for sent in ({"expected": "5"}, {"expected": "zzz"}, {}):
        client.post(f"{own}envoi/", sent)
        campaign.refresh_from_db()
        assert campaign.state == CampaignState.PREPARED
    assert mails(campaign) == {MailState.DRAFT: 6}


def test_back_to_draft_leaves_nothing_behind(signed: Sign, samir: User, wishes: Campaign) -> None:
    campaign = sending.prepare(wishes, by=samir)
    write_mails(campaign)
    client, own = signed(samir), campaign.get_absolute_url()
    client.post(f"{own}retour/")
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.DRAFT
    for rows in (Recipient, Link, Invitation, Answer, Solicitation, OutgoingEmail):
        assert not rows.objects.exists()
    client.post(f"{own}preparation/")
    campaign.refresh_from_db()
    write_mails(campaign)
    assert mails(campaign) == {MailState.DRAFT: 6}


def test_a_wrong_address_sets_one_mail_aside_and_the_rest_goes_on(
    signed: Sign, samir: User, wishes: Campaign, places: list[Establishment]
) -> None:
    Establishment.objects.filter(pk=places[0].pk).update(email="ce@@exemple")
    appoint(places[0], Function.HEAD, "Sans Adresse", on=wishes.academy.today)
    campaign = sending.prepare(wishes, by=samir)
    write_mails(campaign)
    assert mails(campaign) == {MailState.DRAFT: 5, MailState.FAILED: 1}
    client, own = signed(samir), campaign.get_absolute_url()
    assert "1 message mis de côté" in client.get(own).content.decode()
    client.post(f"{own}envoi/", {"expected": "5"})
    assert mails(campaign) == {MailState.QUEUED: 5, MailState.FAILED: 1}


def test_a_mail_set_aside_does_not_survive_the_return_to_draft(samir: User, wishes: Campaign) -> None:
    campaign = sending.prepare(wishes, by=samir)
    write_mails(campaign)
    sending.mails(campaign).filter(pk=sending.mails(campaign).order_by("pk")[0].pk).update(state=MailState.FAILED)
    sending.back_to_draft(campaign, by=samir)
    assert not OutgoingEmail.objects.exists()


def test_there_is_no_way_back_once_a_mail_left(signed: Sign, samir: User, wishes: Campaign) -> None:
    campaign = sending.prepare(wishes, by=samir)
    write_mails(campaign)
    sending.mails(campaign).filter(pk=sending.mails(campaign).order_by("pk")[0].pk).update(state=MailState.SENT)
    with pytest.raises(SurveyRefused, match="déjà partis"):
        sending.back_to_draft(campaign, by=samir)
    assert "1 message est déjà parti" in signed(samir).get(campaign.get_absolute_url()).content.decode()
    sending.launch(campaign, by=samir)
    assert mails(campaign) == {MailState.SENT: 1, MailState.QUEUED: 5}


def test_persons_over_the_cap_need_a_reason(signed: Sign, samir: User, grenoble: Academy) -> None:
    grenoble.solicitations_per_week = 1
    grenoble.save()
    place = make_staffed(grenoble)
    make_campaign(grenoble, establishments=[place])
    campaign = make_campaign(grenoble, establishments=[place], state=CampaignState.DRAFT)
    client, own = signed(samir), campaign.get_absolute_url()
    assert "Motif pour leur écrire quand même" in client.get(f"{own}apercu/").content.decode()
    assert "indiquez le motif" in client.post(f"{own}preparation/", follow=True).content.decode()
    client.post(f"{own}preparation/", {"override_reason": "Date avancée par le ministère"})
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.PREPARED
    write_mails(campaign)
    assert campaign.solicitations.get().override_reason == "Date avancée par le ministère"


def test_nobody_to_write_to_is_refused(signed: Sign, samir: User, grenoble: Academy) -> None:
    campaign = make_campaign(grenoble, state=CampaignState.DRAFT)
    campaign.entries.all().delete()
    page = signed(samir).post(f"{campaign.get_absolute_url()}preparation/", follow=True).content.decode()
    assert "Personne ne recevrait cette enquête" in page
    assert not Job.objects.exists()


def test_pressing_twice_prepares_once(signed: Sign, samir: User, wishes: Campaign) -> None:
    client, own = signed(samir), wishes.get_absolute_url()
    client.post(f"{own}preparation/")
    page = client.post(f"{own}preparation/", follow=True).content.decode()
    assert "Cette enquête est dans l’état « prête à partir »" in page
    assert Job.objects.count() == 1


def test_only_who_sends_prepares_and_sends(signed: Sign, claire: User, lise: User, wishes: Campaign) -> None:
    for person in (claire, lise):
        for act in ("preparation/", "envoi/", "retour/"):
            assert signed(person).post(f"{wishes.get_absolute_url()}{act}").status_code == 403
            assert signed(person).get(f"{wishes.get_absolute_url()}{act}").status_code == 405
    wishes.refresh_from_db()
    assert wishes.state == CampaignState.DRAFT


# --- faults


class Stopped(Exception):
    """The worker is killed here."""


@pytest.mark.parametrize("stop_at", range(1, 11))
def test_a_preparation_stopped_anywhere_is_finished_without_doubling_anybody(
    stop_at: int, samir: User, wishes: Campaign, places: list[Establishment], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Steps: wave and agency, three of two recipients, gaps, answers, three of two mails; the tenth never comes."""
    appoint(places[1], Function.ACCOUNTANT, "", on=wishes.academy.today)
    appoint(places[2], Function.ACCOUNTANT, "Un Autre", "autre@exemple.invalid", on=wishes.academy.today)
    monkeypatch.setattr(sending, "CHUNK", 2)
    monkeypatch.setattr(naming, "MANY", 2)
    campaign = sending.prepare(wishes, by=samir)
    told: list[int] = []

    def progress(self: jobs.Claim, done: int, total: int, label: str) -> None:
        told.append(done)
        if len(told) == stop_at:
            raise Stopped

    assert campaign.job_id
    monkeypatch.setattr(jobs.Claim, "progress", progress)
    claim = jobs.claim(campaign.job_id)
    assert claim
    with pytest.raises(Stopped) if stop_at < 10 else nullcontext():
        sending.write_mails(claim)
    assert len(told) == min(stop_at, 9)
    if stop_at < 10:
        with pytest.raises(SurveyRefused, match="pas encore tous prêts"):
            sending.launch(campaign, by=samir)
    sending.write_mails(claim)
    recipients = campaign.recipients
    assert OutgoingEmail.objects.count() == Link.objects.count() == Solicitation.objects.count() == 5
    assert Counter(OutgoingEmail.objects.values_list("to", flat=True)) == Counter(
        recipients.values_list("email", flat=True)
    )
    assert Counter(Invitation.objects.values_list("entry", "function")).most_common(1)[0][1] == 1
    assert Invitation.objects.count() == Answer.objects.count() == 6
    assert list(Invitation.objects.filter(recipient=None).values_list("entry__establishment", "function")) == [
        (places[1].pk, Function.ACCOUNTANT)
    ]


def test_a_worker_that_lost_its_job_writes_no_mail(samir: User, wishes: Campaign) -> None:
    campaign = sending.prepare(wishes, by=samir)
    assert campaign.job_id
    late = jobs.claim(campaign.job_id)
    assert late
    Job.objects.update(fence=late.fence + 1)
    with pytest.raises(ClaimLost):
        sending.write_mails(late)
    assert not OutgoingEmail.objects.exists()


def test_the_job_of_a_preparation_given_up_writes_nothing(samir: User, wishes: Campaign) -> None:
    campaign = sending.prepare(wishes, by=samir)
    job = campaign.job_id
    sending.back_to_draft(campaign, by=samir)
    assert job
    again = sending.prepare(campaign, by=samir)
    jobs.run(job, sending.write_mails)
    assert Job.objects.get(pk=job).state == JobState.DONE
    assert not OutgoingEmail.objects.exists()
    write_mails(again)
    assert mails(again) == {MailState.DRAFT: 6}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["prepare", "launch"])
def test_two_agents_pressing_at_once_act_once(verb: str, grenoble: Academy, samir: User, nadia: User) -> None:
    places = [make_staffed(grenoble) for _ in range(3)]
    state = CampaignState.DRAFT if verb == "prepare" else CampaignState.PREPARED
    campaign = make_campaign(grenoble, establishments=places, state=state)
    barrier, refused, errors = threading.Barrier(2), [], []

    def press(person: User) -> None:
        try:
            barrier.wait(timeout=20)
            getattr(sending, verb)(Campaign.objects.get(pk=campaign.pk), by=person)
        except SurveyRefused as refusal:
            refused.append(str(refusal))
        except Exception as error:  # noqa: BLE001, told by the assertion below
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press, args=(person,)) for person in (samir, nadia)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not errors
    assert len(refused) == 1 and "Cette enquête est dans l’état" in refused[0]
    if verb == "launch":
        assert mails(campaign) == {MailState.QUEUED: 3}
        assert set(OutgoingEmail.objects.values_list("to", flat=True)) == set(
            campaign.recipients.values_list("email", flat=True)
        )
    else:
        assert Job.objects.count() == 1
