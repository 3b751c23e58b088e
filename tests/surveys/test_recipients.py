"""Asking somebody else: who was unknown at the sending, wrongly addressed, or not in post any more."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEntry, User
from deployment.choices import Function
from deployment.models import Academy, Establishment
from surveys.choices import Progress, Purpose, SolicitationKind
from surveys.clock import current
from surveys.models import Answer, Campaign, Invitation, Link, Recipient, Solicitation
from surveys.services import answers, links, messages, recipients
from surveys.services.recipients import Replacement
from surveys.services.rounds import Limits, Text
from tests.factories import appoint
from tests.surveys.factories import make_campaign, make_staffed, tokens
from tests.surveys.following import asked, empty_the_post, make_agency, rows_of, submit, waiting_mails, write_rounds

Signed = Callable[[User], Client]
ANNE = {"name": "Anne Arrivée", "email": "Anne.Arrivee@exemple.invalid"}


def posted(client: Client, row: Invitation, **typed: str) -> Any:
    """The form as its page shows it, with what is typed."""
    page = client.get(page_of(row))
    return client.post(page_of(row), {"former": page.context["form"].initial["former"] or "", **typed})


def page_of(row: Invitation) -> str:
    return f"/grenoble/enquetes/{row.entry.campaign_id}/suivi/{row.pk}/personne/"


@pytest.fixture
def head(campaign: Campaign, staffed: Establishment) -> Invitation:
    """The head of the collège, asked, whose mail has left."""
    empty_the_post()
    return asked(campaign, staffed)


def test_a_post_filled_since_the_sending_is_asked(signed: Signed, samir: User, grenoble: Academy) -> None:
    place, beside = make_staffed(grenoble), make_staffed(grenoble)
    appoint(place, Function.HEAD, "")
    both = {"establishments": [place, beside], "asked": ["head"], "copied": ["accountant"]}
    campaign = make_campaign(grenoble, **both)
    empty_the_post()
    row = asked(campaign, place)
    assert rows_of(campaign, place).get().progress == Progress.VACANT
    assert "le poste est vacant" in signed(samir).get(page_of(row)).content.decode()
    appoint(place, Function.HEAD, ANNE["name"], ANNE["email"])
    page = signed(samir).get(page_of(row))
    assert page.context["form"].initial == {**ANNE, "former": None}
    assert posted(signed(samir), row, **ANNE).status_code == 302
    write_rounds()
    (mail,) = waiting_mails()
    assert (mail.to, mail.cc) == ("anne.arrivee@exemple.invalid", f"ac.{place.uai.lower()}@exemple.invalid")
    assert rows_of(campaign, place).get().progress == Progress.NOT_OPENED
    assert links.find(tokens(campaign)[place.uai, Function.HEAD])
    trace = AuditEntry.objects.filter(target__startswith="personne sollicitée remplacée").get()
    assert trace.actor == samir and "Anne" not in f"{trace.target} {trace.details}"


def test_who_was_asked_before_and_their_colleagues_have_no_access_any_more(
    campaign: Campaign, staffed: Establishment, samir: User
) -> None:
    row, token = asked(campaign, staffed), tokens(campaign)[staffed.uai, Function.HEAD]
    link = links.find(token)
    assert link
    child = links.delegate(link, row, name="Sam Relais", email="sam@exemple.invalid")
    answer = Answer.objects.get(entry=row.entry)
    answers.save_draft(answer, {"none": True, "people": []}, by="Dominique Chef", seen=0)
    links.disown(row, note="Muté en septembre")
    recipients.replace(campaign, row, Replacement(**ANNE, former=row.recipient_id), by=samir)
    assert links.find(token) is None and links.held([child.pk]) == []
    write_rounds()
    mails = waiting_mails()
    assert [mail.to for mail in mails] == [ANNE["email"].lower()], "the former invitation, still waiting, is given up"
    now = rows_of(campaign).get()
    assert (now.progress, now.disowned_note, now.opened_at) == (Progress.STARTED, "", None)
    submit(campaign, staffed, name="Anne Arrivée")
    assert rows_of(campaign).get().progress == Progress.ANSWERED


def test_an_accountant_keeps_the_other_establishments(grenoble: Academy, samir: User) -> None:
    places = make_agency(grenoble, 3)
    campaign = make_campaign(grenoble, purpose=Purpose.WAVE_WISH, establishments=places, asked=["accountant"])
    token = tokens(campaign)[places[0].uai, Function.ACCOUNTANT]
    empty_the_post()
    row = asked(campaign, places[1], Function.ACCOUNTANT)
    recipients.replace(campaign, row, Replacement(**ANNE, former=row.recipient_id), by=samir)
    write_rounds()
    link = links.find(token)
    assert link
    reached = links.reach([link]).values_list("entry__establishment__name", flat=True)
    assert sorted(reached) == ["Collège 00", "Collège 02"]
    (mail,) = waiting_mails()
    assert "Collège 01" in mail.text and "Collège 00" not in mail.text


def test_a_person_already_asked_elsewhere_keeps_the_link_they_hold(grenoble: Academy, samir: User) -> None:
    places = [make_staffed(grenoble, name=name) for name in ("Collège A", "Collège B")]
    campaign = make_campaign(grenoble, establishments=places, asked=["head"])
    token = tokens(campaign)[places[0].uai, Function.HEAD]
    first = asked(campaign, places[0]).recipient
    assert first
    row = asked(campaign, places[1])
    recipients.replace(campaign, row, Replacement(first.name, first.email, row.recipient_id), by=samir)
    write_rounds()
    link = links.find(token)
    assert link and links.reach([link]).count() == 2
    assert Recipient.objects.filter(campaign=campaign, email=first.email).count() == 1


def closed(campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(closes_at=current(campaign.academy) - timedelta(minutes=1))


def answered(campaign: Campaign) -> None:
    submit(campaign, campaign.entries.get().establishment)


def frozen(campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(state="frozen")


@pytest.mark.parametrize(
    ("before", "sentence"),
    [(closed, "est close"), (answered, "déjà arrivée"), (frozen, "dans l’état « gelée »")],
    ids=["closed", "answered", "frozen"],
)
def test_nobody_else_is_asked_when_it_is_over(
    before: Any, sentence: str, signed: Signed, samir: User, campaign: Campaign, head: Invitation
) -> None:
    before(campaign)
    response = posted(signed(samir), head, **ANNE)
    assert response.status_code == 200 and sentence in response.content.decode()
    assert Recipient.objects.filter(campaign=campaign).count() == 1 and not Link.objects.filter(
        revoked_at__isnull=False
    )


@pytest.mark.parametrize(
    "typed",
    [
        {"name": "Anne", "email": ""},
        {"name": "Anne", "email": "anne"},
        {"name": "https://hameçon.test", "email": "anne@exemple.invalid"},
    ],
    ids=["no address", "bad address", "a link for a name"],
)
def test_badly_typed_is_refused(typed: dict[str, str], signed: Signed, samir: User, head: Invitation) -> None:
    response = posted(signed(samir), head, **typed)
    assert response.status_code == 200 and response.context["form"].errors
    assert Recipient.objects.count() == 1


def test_the_same_person_is_given_a_new_link_instead(
    signed: Signed, samir: User, campaign: Campaign, head: Invitation
) -> None:
    assert head.recipient
    same = {"name": head.recipient.name, "email": head.recipient.email.upper()}
    assert signed(samir).get(page_of(head)).context["form"].initial == {"former": head.recipient.pk}
    assert "donnez-lui un nouveau lien" in posted(signed(samir), head, **same).content.decode()
    assert not Solicitation.objects.filter(campaign=campaign, pk__gt=head.recipient.solicitations.get().pk).exists()


def test_the_cap_holds_here_too_and_a_reason_passes(
    signed: Signed, samir: User, grenoble: Academy, campaign: Campaign, staffed: Establishment, head: Invitation
) -> None:
    other = make_staffed(grenoble)
    others = make_campaign(grenoble, establishments=[other], asked=["head"])
    busy = asked(others, other).recipient
    assert busy
    for _ in range(grenoble.solicitations_per_week - 1):
        messages.send(others, rows_of(others), Text("Encore", "Encore"), Limits(), by=samir)
    person = {"name": busy.name, "email": busy.email}
    refused = posted(signed(samir), head, **person)
    assert "indiquez un motif" in refused.content.decode()
    assert asked(campaign, staffed).recipient == head.recipient, "refused: nothing has changed"
    assert posted(signed(samir), head, **person, override_reason="Clôture demain").status_code == 302
    line = Solicitation.objects.get(campaign=campaign, email=busy.email)
    assert (line.kind, line.override_reason) == (SolicitationKind.INVITATION, "Clôture demain")


def test_two_agents_do_not_replace_each_other_s_choice(
    signed: Signed, samir: User, nadia: User, campaign: Campaign, staffed: Establishment, head: Invitation
) -> None:
    shown = {"former": str(head.recipient_id)}
    assert signed(samir).post(page_of(head), {**shown, **ANNE}).status_code == 302
    assert signed(samir).post(page_of(head), {**shown, **ANNE}).status_code == 302, "pressed twice"
    late = {**shown, "name": "Bruno Autre", "email": "bruno@exemple.invalid"}
    refused = signed(nadia).post(page_of(head), late)
    assert "vient d’être sollicitée" in refused.content.decode()
    assert asked(campaign, staffed).recipient == Recipient.objects.get(email=ANNE["email"].lower())
    write_rounds()
    assert len(waiting_mails()) == 1
    again = {**late, "former": refused.context["form"]["former"].value()}
    assert signed(nadia).post(page_of(head), again).status_code == 302, "read again, then confirmed"


def test_a_line_of_another_campaign_is_unknown_here(
    signed: Signed, samir: User, grenoble: Academy, head: Invitation
) -> None:
    other = make_campaign(grenoble)
    assert signed(samir).get(f"/grenoble/enquetes/{other.pk}/suivi/{head.pk}/personne/").status_code == 404


def test_the_follow_up_leads_there_until_the_answer_has_come(
    signed: Signed, samir: User, claire: User, campaign: Campaign, head: Invitation
) -> None:
    follow_up = f"/grenoble/enquetes/{campaign.pk}/suivi/"
    assert page_of(head) in signed(samir).get(follow_up).content.decode()
    assert page_of(head) not in signed(claire).get(follow_up).content.decode()
    answered(campaign)
    assert page_of(head) not in signed(samir).get(follow_up).content.decode()
