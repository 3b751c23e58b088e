"""The follow-up of a campaign: what each person may see there, what it counts, how it narrows, how its acts ask."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.choices import AuditKind, MailState
from accounts.models import AuditEntry, OutgoingEmail, User
from deployment.choices import Function
from deployment.models import Academy, Establishment
from surveys.choices import CampaignState, Purpose, SolicitationKind
from surveys.models import Answer, Campaign, Invitation, Link, Solicitation
from surveys.services import links
from tests.factories import appoint, gather
from tests.surveys.factories import make_campaign, make_staffed
from tests.surveys.following import asked, empty_the_post, rows_of, submit, waiting_mails, wish, write_rounds

Signed = Callable[[User], Client]
ACTS = ("relancer", "ecrire", "nouveau-lien", "retirer-acces")


def page_of(campaign: Campaign, rest: str = "") -> str:
    return f"/grenoble/enquetes/{campaign.pk}/suivi/{rest}"


def read(client: Client, address: str) -> str:
    """The words of a page, spaces joined."""
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(unescape(response.content.decode()).split())


def confirmed(client: Client, address: str, **fields: Any) -> Any:
    """Post the act, read what its preview remembers, confirm."""
    preview = client.post(address, fields)
    assert preview.status_code == 200, preview.content.decode()[:500]
    form = preview.context.get("form")
    remembered = {name: form.initial[name] for name in ("seen", "expected")} if form else {}
    return client.post(address, {"confirm": "1", **remembered, **fields}, follow=True)


@pytest.fixture
def wishes(grenoble: Academy) -> Campaign:
    """Wave wishes of three establishments: the first head and accountant answered, the second head only opened."""
    places = [make_staffed(grenoble, name=f"Collège {letter}", town="Vif") for letter in "ABC"]
    appoint(places[2], Function.HEAD, "")
    campaign = make_campaign(grenoble, purpose=Purpose.WAVE_WISH, establishments=places, title="Vœux de vague")
    wish(campaign, places[0], Function.HEAD, "V8")
    wish(campaign, places[0], Function.ACCOUNTANT, "V8")
    links.mark_opened(asked(campaign, places[1]))
    return campaign


def place(letter: str) -> Establishment:
    return Establishment.objects.get(name=f"Collège {letter}")


# --- who sees what


def test_staff_and_callers_see_persons(signed: Signed, samir: User, claire: User, wishes: Campaign) -> None:
    for person in (samir, claire):
        shown = read(signed(person), page_of(wishes))
        assert "Camille Compte" in shown and "par Dominique Chef" in shown


def test_member_sees_states_and_no_person(signed: Signed, lise: User, wishes: Campaign) -> None:
    client = signed(lise)
    shown = read(client, page_of(wishes))
    assert "Collège A" in shown and "Répondue" in shown
    for secret in ("Camille Compte", "Dominique Chef", "exemple.invalid", "Saisir la réponse", "Lire la réponse"):
        assert secret not in shown
    assert client.get(page_of(wishes, "?text=Camille")).context["page"].paginator.count == 0
    assert client.get(page_of(wishes, "export/")).status_code == 403
    assert client.get(f"/grenoble/enquetes/{wishes.pk}/reponses/export/").status_code == 403
    answer = Answer.objects.filter(number=1).first()
    assert answer and client.get(f"/grenoble/enquetes/{wishes.pk}/reponses/{answer.pk}/").status_code == 403


def test_stranger_gets_nothing(signed: Signed, victor: User, wishes: Campaign) -> None:
    client = signed(victor)
    assert client.get(page_of(wishes)).status_code == 404
    assert client.get(f"/lyon/enquetes/{wishes.pk}/suivi/").status_code == 404
    for act in ACTS:
        assert client.post(page_of(wishes, f"{act}/"), {"chosen": "filtrees", "confirm": "1"}).status_code == 404


@pytest.mark.parametrize("act", ACTS)
def test_caller_follows_but_writes_to_nobody(signed: Signed, claire: User, wishes: Campaign, act: str) -> None:
    client = signed(claire)
    assert client.post(page_of(wishes, f"{act}/"), {"chosen": "filtrees"}).status_code == 403
    shown = read(client, page_of(wishes))
    assert "Donner un nouveau lien" not in shown and "Saisir la réponse" in shown


@pytest.mark.parametrize("state", [CampaignState.DRAFT, CampaignState.PREPARED])
def test_campaign_not_sent_yet_has_no_follow_up(signed: Signed, samir: User, grenoble: Academy, state: str) -> None:
    campaign = make_campaign(grenoble, state=CampaignState(state))
    assert signed(samir).get(page_of(campaign)).status_code == 404


def test_showing_persons_is_traced_and_showing_none_is_not(
    signed: Signed, claire: User, lise: User, wishes: Campaign
) -> None:
    read(signed(claire), page_of(wishes, "?state=opened"))
    read(signed(lise), page_of(wishes))
    line = AuditEntry.objects.get(kind=AuditKind.SEEN)
    assert (line.actor, line.target, line.details) == (claire, f"suivi · {wishes}", {"filters": {"state": "opened"}})


# --- what it counts


def test_rate_is_told_with_its_population(signed: Signed, samir: User, wishes: Campaign) -> None:
    shown = read(signed(samir), page_of(wishes))
    assert "2 réponses reçues sur 6 attendues (33,3 %)" in shown
    assert "Population : 3 établissements sollicités, chef d’établissement et agent comptable" in shown


def test_rate_of_a_shared_answer_counts_establishments(signed: Signed, samir: User, grenoble: Academy) -> None:
    places = [make_staffed(grenoble) for _ in range(2)]
    campaign = make_campaign(grenoble, establishments=places, asked=["head", "secretary_general"])
    submit(campaign, places[0])
    assert "1 établissement a répondu sur 2 (50 %)" in read(signed(samir), page_of(campaign))
    states = {row.progress for row in rows_of(campaign, places[0])}
    assert states == {"answered"}


def test_each_state_is_told_and_counted(signed: Signed, samir: User, wishes: Campaign) -> None:
    failed = asked(wishes, place("C"), Function.ACCOUNTANT).recipient
    assert failed
    OutgoingEmail.objects.filter(key=failed.mail_key).update(state=MailState.FAILED)
    Answer.objects.filter(entry__establishment=place("B"), part=Function.ACCOUNTANT).update(
        draft={"wave": "V8"}, draft_saved_at=wishes.opens_at
    )
    states = signed(samir).get(page_of(wishes)).context["states"]
    assert [(state, number) for state, _, number in states] == [
        ("unanswered", 4), ("answered", 2), ("vacant", 1), ("failed", 1), ("started", 1), ("opened", 1),
    ]  # fmt: skip


def test_missing_answers_are_late_once_it_is_closed(signed: Signed, samir: User, wishes: Campaign) -> None:
    client = signed(samir)
    assert "En retard" not in read(client, page_of(wishes))
    Campaign.objects.update(closes_at=wishes.closes_at - timedelta(days=14, seconds=60), opens_at="2020-01-01T00:00Z")
    assert read(client, page_of(wishes)).count("En retard.") == 4


def test_counts_by_function_departement_agency_and_wave(signed: Signed, samir: User, wishes: Campaign) -> None:
    client = signed(samir)
    groups = client.get(page_of(wishes)).context["groups"]
    assert [(g["label"], g["asked"], g["answered"], g["waiting"], g["unreachable"]) for g in groups] == [
        ("Agent comptable", 3, 1, [2, 0, 0], 0),
        ("Chef d’établissement", 3, 1, [0, 1, 0], 1),
    ]
    by_departement = client.get(page_of(wishes, "?group=departement")).context["groups"]
    assert [(g["label"], g["asked"], g["percent"]) for g in by_departement] == [("Isère", 6, "33,3\u202f%")]
    by_agency = client.get(page_of(wishes, "?group=agency")).context["groups"]
    assert [g["label"] for g in by_agency] == ["Collège A, Vif", "Collège B, Vif", "Collège C, Vif"]
    assert [g["label"] for g in client.get(page_of(wishes, "?group=wave")).context["groups"]] == ["Aucune"]


# --- filters


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=answered", 2),
        ("state=unanswered", 4),
        ("state=vacant", 1),
        ("function=head", 3),
        ("departement=038", 6),
        ("wave=aucune", 6),
        ("agency=aucune", 0),
        ("text=COLLÈGE vif", 6),
        ("text=camille", 3),
        ("text=nulle part", 0),
        ("function=head&state=opened", 1),
    ],
)
def test_filters_narrow(signed: Signed, samir: User, wishes: Campaign, query: str, expected: int) -> None:
    assert signed(samir).get(page_of(wishes, f"?{query}")).context["page"].paginator.count == expected


@pytest.mark.parametrize("query", ["state=zut", "agency=0380000Z", "group=zut", "function=dragon", "text=" + "a" * 101])
def test_unreadable_filter_is_told(signed: Signed, samir: User, wishes: Campaign, query: str) -> None:
    response = signed(samir).get(page_of(wishes, f"?{query}"))
    assert response.status_code == 200 and response.context["form"].errors
    assert "Le filtre n’a pas pu être appliqué" in response.content.decode()


@pytest.mark.parametrize("query", ["text=%00", "page=zut", "page=-1", "text=%F0%9F%A6%84", "text='; DROP TABLE"])
def test_hostile_address_breaks_nothing(signed: Signed, samir: User, wishes: Campaign, query: str) -> None:
    assert signed(samir).get(page_of(wishes, f"?{query}")).status_code == 200


@pytest.mark.parametrize("size", [1, 3])
def test_page_asks_the_same_number_of_queries(signed: Signed, samir: User, grenoble: Academy, size: int) -> None:
    campaign = make_campaign(grenoble, establishments=[make_staffed(grenoble) for _ in range(size)])
    client = signed(samir)
    with CaptureQueriesContext(connection) as queries:
        client.get(page_of(campaign))
    assert len(queries) == 14, "\n".join(query["sql"] for query in queries)


# --- acts


def test_preview_tells_and_nothing_leaves_before_it_is_confirmed(signed: Signed, samir: User, wishes: Campaign) -> None:
    client = signed(samir)
    shown = client.post(page_of(wishes, "relancer/"), {"chosen": "filtrees"}).content.decode()
    assert "3 messages" in shown and "Collège B, Vif" in shown
    assert not Solicitation.objects.filter(kind=SolicitationKind.REMINDER).exists()
    done = confirmed(client, page_of(wishes, "relancer/"), chosen="filtrees")
    assert "3 relances en cours de rédaction" in done.content.decode()
    empty_the_post()
    write_rounds()
    assert len(waiting_mails()) == 3


def test_only_the_lines_ticked_are_written_to(signed: Signed, samir: User, wishes: Campaign) -> None:
    empty_the_post()
    ticked = asked(wishes, place("B"))
    confirmed(signed(samir), page_of(wishes, "relancer/"), chosen="cochees", row=[ticked.pk])
    write_rounds()
    assert [mail.to for mail in waiting_mails()] == [ticked.recipient.email]  # type: ignore[union-attr]


def test_all_filtered_lines_are_those_of_the_address(signed: Signed, samir: User, wishes: Campaign) -> None:
    empty_the_post()
    confirmed(signed(samir), page_of(wishes, "relancer/?function=accountant"), chosen="filtrees")
    write_rounds()
    assert {mail.to.split(".")[0] for mail in waiting_mails()} == {"ac"} and len(waiting_mails()) == 2


def test_pressing_twice_writes_once(signed: Signed, samir: User, wishes: Campaign) -> None:
    client, address = signed(samir), page_of(wishes, "relancer/")
    remembered = client.post(address, {"chosen": "filtrees"}).context["form"].initial
    for _ in range(2):
        last = client.post(address, {"chosen": "filtrees", "confirm": "1", **remembered}, follow=True)
    assert Solicitation.objects.filter(kind=SolicitationKind.REMINDER).count() == 3
    told = unescape(last.content.decode())
    assert "Un autre envoi vient d’être fait à" in told and "rien n’a été envoyé en double" in told
    assert "Une autre personne" not in told


def test_over_the_cap_is_told_and_a_reason_passes(signed: Signed, samir: User, wishes: Campaign) -> None:
    Academy.objects.update(solicitations_per_week=1)
    client, address = signed(samir), page_of(wishes, "relancer/")
    shown = unescape(client.post(address, {"chosen": "filtrees"}).content.decode())
    assert "3 personnes déjà très sollicitées" in shown
    told = unescape(confirmed(client, address, chosen="filtrees").content.decode())
    assert "déjà 1 message d’enquête en sept jours" in told
    assert not Solicitation.objects.filter(kind=SolicitationKind.REMINDER).exists()
    confirmed(client, address, chosen="filtrees", override_reason="Clôture demain")
    assert Solicitation.objects.filter(override_reason="Clôture demain").count() == 3


def test_list_that_grew_is_shown_again(signed: Signed, samir: User, wishes: Campaign) -> None:
    fields = {"chosen": "filtrees", "confirm": "1", "seen": "0", "expected": "1"}
    response = signed(samir).post(page_of(wishes, "ecrire/"), {**fields, "subject": "A", "body": "B"})
    assert response.status_code == 200 and "La liste a changé" in unescape(response.content.decode())
    assert response.context["form"]["expected"].value() == "5"
    assert not Solicitation.objects.filter(kind=SolicitationKind.MESSAGE).exists()


def test_message_is_written_by_hand(signed: Signed, samir: User, wishes: Campaign) -> None:
    empty_the_post()
    typed = {"subject": "Précision", "body": "Bonjour {destinataire},\r\n\r\nLa date change."}
    confirmed(signed(samir), page_of(wishes, "ecrire/?function=head"), chosen="filtrees", **typed)
    write_rounds()
    assert {mail.subject for mail in waiting_mails()} == {"Précision"} and len(waiting_mails()) == 2


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"subject": "", "body": "B"}, "obligatoire"),
        ({"subject": "A", "body": ""}, "obligatoire"),
        ({"subject": "A" * 201, "body": "B"}, "200"),
        ({"subject": "A", "body": "{inconnu}"}, "Champs inconnus"),
    ],
)
def test_message_badly_written_is_refused(
    signed: Signed, samir: User, wishes: Campaign, typed: dict[str, str], told: str
) -> None:
    fields = {"chosen": "filtrees", "confirm": "1", "seen": "99", "expected": "99"}
    response = signed(samir).post(page_of(wishes, "ecrire/"), {**fields, **typed})
    assert response.status_code == 200 and told in unescape(response.content.decode())
    assert not Solicitation.objects.filter(kind=SolicitationKind.MESSAGE).exists()


def test_access_is_taken_back_after_a_confirmation(signed: Signed, samir: User, wishes: Campaign) -> None:
    client, address = signed(samir), page_of(wishes, "retirer-acces/")
    ticked = {"chosen": "cochees", "row": [asked(wishes, place("B")).pk]}
    assert "1 personne" in client.post(address, ticked).content.decode()
    assert not Link.objects.filter(revoked_at__isnull=False).exists()
    client.post(address, {**ticked, "confirm": "1"})
    assert Link.objects.filter(revoked_at__isnull=False).count() == 1
    assert rows_of(wishes, place("B")).get(function=Function.HEAD).progress == "withdrawn"


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("rows", [[], ["zut"], ["9" * 30], ["-1"]])
def test_nothing_ticked_is_told(signed: Signed, samir: User, wishes: Campaign, act: str, rows: list[str]) -> None:
    response = signed(samir).post(page_of(wishes, f"{act}/"), {"chosen": "cochees", "row": rows}, follow=True)
    assert "Cochez au moins une ligne" in response.content.decode()


def test_lines_of_another_campaign_are_nobody_here(signed: Signed, samir: User, wishes: Campaign) -> None:
    other = make_campaign(wishes.academy)
    stranger = Invitation.objects.filter(entry__campaign=other).values_list("pk", flat=True)
    response = signed(samir).post(page_of(wishes, "relancer/"), {"chosen": "cochees", "row": list(stranger)})
    assert response.context["round"].addressees == []


def test_unknown_act_is_an_unknown_page(signed: Signed, samir: User, wishes: Campaign) -> None:
    client = signed(samir)
    assert client.post(page_of(wishes, "detruire/"), {"chosen": "filtrees"}).status_code == 404
    assert client.get(page_of(wishes, "relancer/")).status_code == 405


def test_closed_campaign_refuses_reminders_with_a_sentence(signed: Signed, samir: User, wishes: Campaign) -> None:
    Campaign.objects.update(closes_at=wishes.opens_at + timedelta(seconds=1))
    response = confirmed(signed(samir), page_of(wishes, "relancer/"), chosen="filtrees")
    assert "aucune relance ne part" in unescape(response.content.decode())


def test_accountant_of_many_is_one_person_in_the_preview(signed: Signed, samir: User, grenoble: Academy) -> None:
    places = [make_staffed(grenoble, with_agency=False) for _ in range(3)]
    gather(*places)
    appoint(places[0], Function.ACCOUNTANT, "Camille Compte", "ac@exemple.invalid")
    campaign = make_campaign(grenoble, purpose=Purpose.WAVE_WISH, establishments=places)
    found = signed(samir).post(page_of(campaign, "relancer/?function=accountant"), {"chosen": "filtrees"})
    assert (len(found.context["round"].addressees), found.context["round"].concerned) == (1, 3)
