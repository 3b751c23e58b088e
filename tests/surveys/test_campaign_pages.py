"""Creating, changing, listing and showing a campaign."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEntry, User
from deployment.models import Academy
from surveys.choices import CampaignState, Purpose, QuestionKind
from surveys.clock import current
from surveys.models import Campaign, Question
from surveys.services import campaigns
from tests.surveys.factories import bring, make_campaign, make_staffed

Sign = Callable[[User], Client]
LIST = "/grenoble/enquetes/"


def typed(client: Client, address: str, **changed: Any) -> dict[str, Any]:
    """What the browser would send of the form at this address, but for `changed`."""
    form = client.get(address).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in (values | changed).items()}


def created(client: Client, purpose: Purpose, **changed: Any) -> Campaign:
    address = f"{LIST}nouvelle/{purpose}/"
    response = client.post(address, typed(client, address, **changed))
    assert response.status_code == 302, response.context["form"].errors
    return Campaign.objects.latest("pk")


# --- the list


def test_the_empty_list_says_what_to_do(signed: Sign, samir: User) -> None:
    page = signed(samir).get(LIST).content.decode()
    assert "Aucune enquête en cours" in page
    assert f"{LIST}nouvelle/" in page


def test_the_list_tells_the_state_the_dates_and_the_answers(signed: Sign, samir: User, grenoble: Academy) -> None:
    near = current(grenoble) + timedelta(days=2)
    make_campaign(grenoble, title="Besoins de V8", closes_at=near)
    make_campaign(grenoble, title="Vœux", purpose=Purpose.WAVE_WISH, state=CampaignState.DRAFT)
    make_campaign(grenoble, title="Ancienne", state=CampaignState.ARCHIVED)
    page = signed(samir).get(LIST).content.decode()
    assert "Besoins de V8" in page and "Clôture proche" in page and "0 sur 1 établissement (0" in page
    assert "Vœux" in page and "1 établissement à interroger" in page
    assert "Ancienne" not in page and "Enquêtes archivées (1)" in page
    archives = signed(samir).get(f"{LIST}?montrer=archives").content.decode()
    assert "Ancienne" in archives and "Besoins de V8" not in archives


def test_an_establishment_has_answered_once_one_of_its_parts_came_in(grenoble: Academy) -> None:
    places = [make_staffed(grenoble) for _ in range(3)]
    campaign = make_campaign(grenoble, purpose=Purpose.WAVE_WISH, establishments=places)
    both, one, _ = campaign.entries.order_by("pk")
    both.answers.update(number=1)
    one.answers.filter(part="head").update(number=2)
    row = Campaign.objects.with_progress().get()
    assert (row.asked_count, row.answered_count) == (3, 2)


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_queries_however_long(
    number: int, signed: Sign, samir: User, grenoble: Academy, django_assert_num_queries: Any
) -> None:
    for _ in range(number):
        make_campaign(grenoble)
    client = signed(samir)
    client.get(LIST)
    with django_assert_num_queries(8):
        client.get(LIST)


# --- rights


def test_who_may_open_what(
    signed: Sign, campaign: Campaign, claire: User, lise: User, hugo: User, victor: User, denis: User
) -> None:
    own = f"{LIST}{campaign.pk}/"
    for page in (LIST, own):
        assert signed(claire).get(page).status_code == 200
        assert signed(lise).get(page).status_code == 200
        assert signed(hugo).get(page).status_code == 403
        assert signed(denis).get(page).status_code == 403
        assert signed(victor).get(page).status_code == 404
    for act in ("modifier/", "apercu/", "dates/", "gel/", "archivage/"):
        assert signed(claire).get(own + act).status_code == 403
    assert signed(claire).get(f"{own}population/").status_code == 200
    assert signed(lise).get(f"{own}population/").status_code == 403
    assert signed(claire).get(f"{LIST}nouvelle/").status_code == 403


def test_a_member_sees_no_campaign_before_it_is_sent(signed: Sign, draft: Campaign, lise: User, claire: User) -> None:
    assert signed(lise).get(f"{LIST}{draft.pk}/").status_code == 404
    assert "Aucune enquête en cours" in signed(lise).get(LIST).content.decode()
    assert signed(claire).get(f"{LIST}{draft.pk}/").status_code == 200


def test_a_member_sees_neither_persons_nor_acts(signed: Sign, grenoble: Academy, lise: User, samir: User) -> None:
    campaign = make_campaign(grenoble, by=samir)
    page = signed(lise).get(campaign.get_absolute_url()).content.decode()
    assert "établissement" in page
    for hidden in (samir.email, "Historique", "Voir la population", "Changer les dates"):
        assert hidden not in page
        assert hidden in signed(samir).get(campaign.get_absolute_url()).content.decode()


def test_a_campaign_of_another_academy_is_not_found(signed: Sign, lyon: Academy, samir: User) -> None:
    other = make_campaign(lyon, state=CampaignState.DRAFT)
    for act in ("", "modifier/", "population/", "apercu/", "dates/", "gel/", "archivage/"):
        assert signed(samir).get(f"{LIST}{other.pk}/{act}").status_code == 404
    for act in (
        "preparation/",
        "envoi/",
        "retour/",
        "population/ajout/",
        "population/retrait/",
        "population/criteres/",
    ):
        assert signed(samir).post(f"{LIST}{other.pk}/{act}").status_code == 404


def test_viewing_as_somebody_changes_nothing(signed: Sign, nadia: User, samir: User, draft: Campaign) -> None:
    client = signed(nadia)
    client.post(f"/grenoble/personnes/{samir.pk}/voir-comme/")
    address = f"{LIST}{draft.pk}/modifier/"
    client.post(address, {"title": "Autre"})
    client.post(f"{LIST}{draft.pk}/preparation/")
    client.post(f"{LIST}{draft.pk}/population/retrait/", {"uai": draft.entries.get().establishment.uai, "reason": "x"})
    draft.refresh_from_db()
    assert (draft.title, draft.state) == ("Recensement des besoins de formation", CampaignState.DRAFT)
    assert not draft.entries.filter(is_excluded=True).exists()


# --- creating and changing


def test_a_new_campaign_proposes_everything_and_is_created_in_two_acts(
    signed: Sign, samir: User, grenoble: Academy
) -> None:
    client = signed(samir)
    assert "Besoins de formation" in client.get(f"{LIST}nouvelle/").content.decode()
    campaign = created(client, Purpose.WAVE_WISH)
    assert (campaign.asked, campaign.copied) == (["head", "accountant"], ["secretary_general", "deputy_accountant"])
    assert (campaign.reply_to, campaign.created_by) == (samir.email, samir)
    assert f"{campaign.closes_at.astimezone():%H:%M}" == "18:00"
    assert (campaign.closes_at - campaign.opens_at).days == 14
    assert "{etablissements}" in campaign.subject and "Rappel" in campaign.reminder_subject


@pytest.mark.parametrize("purpose", Purpose)
def test_each_purpose_has_texts_that_may_be_saved_as_they_are(
    purpose: Purpose, signed: Sign, samir: User, grenoble: Academy
) -> None:
    campaign = created(signed(samir), purpose, title="Une enquête")
    assert campaign.purpose == purpose
    assert campaign.state == CampaignState.DRAFT


def test_an_unknown_purpose_is_an_unknown_page(signed: Sign, samir: User, grenoble: Academy) -> None:
    assert signed(samir).get(f"{LIST}nouvelle/sondage/").status_code == 404


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("closes_at", "2026-03-29T02:30", "n’existe pas"),
        ("closes_at", "2026-10-25T02:30", "arrive deux fois"),
        ("closes_at", "2020-01-01T18:00", "La clôture vient après l’ouverture."),
        ("corrected_until", "2020-01-01T18:00", "La correction se termine après la clôture."),
        ("asked", [], "Choisissez au moins une fonction à interroger."),
        ("asked", ["bursary_staff"], "bursary_staff"),
        ("body", "Bonjour {prenom}", "Champ inconnu : {prenom}."),
        ("subject", "{{ settings.SECRET_KEY }}", "Champ inconnu"),
        ("title", "", "obligatoire"),
        ("reply_to", "pas une adresse", "adresse"),
        ("reminder_days", "-1", "0"),
    ],
)
def test_bad_input_is_refused_beside_its_field(
    name: str, value: Any, said: str, signed: Sign, samir: User, grenoble: Academy
) -> None:
    client, address = signed(samir), f"{LIST}nouvelle/training_needs/"
    response = client.post(address, typed(client, address, **{name: value}))
    assert response.status_code == 200
    assert said in str(response.context["form"].errors[name])
    assert not Campaign.objects.exists()


def test_braces_typed_in_a_text_stay_text(signed: Sign, samir: User, grenoble: Academy) -> None:
    campaign = created(signed(samir), Purpose.TRAINING_NEEDS, introduction="{% include 'x' %} {{ person }} <b>")
    page = signed(samir).get(campaign.get_absolute_url()).content.decode()
    assert "{% include &#x27;x&#x27; %} {{ person }} &lt;b&gt;" in page


def test_a_sent_campaign_is_not_changed_any_more(signed: Sign, samir: User, campaign: Campaign) -> None:
    client, address = signed(samir), f"{LIST}{campaign.pk}/modifier/"
    response = client.post(address, typed(client, address, title="Autre"))
    assert "Cette enquête est dans l’état « envoyée »" in response.content.decode()
    campaign.refresh_from_db()
    assert campaign.title != "Autre"


# --- questions


def question(place: int, **fields: Any) -> dict[str, Any]:
    values = {
        "kind": "text",
        "label": f"Question {place}",
        "is_required": "on",
        "choices": "",
        "help_text": "",
    } | fields
    return {f"q{place}-{name}": value for name, value in values.items()}


@pytest.fixture
def questionnaire(grenoble: Academy) -> Campaign:
    return make_campaign(grenoble, purpose=Purpose.QUESTIONNAIRE, state=CampaignState.DRAFT)


def test_questions_are_added_moved_and_removed_without_javascript(
    signed: Sign, samir: User, questionnaire: Campaign
) -> None:
    client, address = signed(samir), f"{LIST}{questionnaire.pk}/questions/"
    rows = {"count": "2", **question(0, label="A"), **question(1, label="B")}

    def labels(act: str) -> list[str]:
        shown = client.post(address, {**rows, "act": act}).context["form"].forms
        return [form["label"].value() or "" for form in shown]

    assert labels("ajouter") == ["A", "B", ""]
    assert labels("monter-1") == labels("descendre-0") == ["B", "A"]
    assert labels("monter-0") == labels("retirer-7") == labels("retirer-x") == labels("") == ["A", "B"]
    assert labels("retirer-0") == ["B"]
    assert [q.label for q in questionnaire.questions.all()] == ["Où en êtes-vous ?"]
    assert client.post(address, {**rows, "act": "enregistrer"}).status_code == 302
    assert [q.label for q in questionnaire.questions.all()] == ["A", "B"]


def test_a_choice_needs_two_choices_and_other_kinds_keep_none(
    signed: Sign, samir: User, questionnaire: Campaign
) -> None:
    client, address = signed(samir), f"{LIST}{questionnaire.pk}/questions/"
    lonely = {"count": "1", "act": "enregistrer", **question(0, kind="single", choices="Oui\n\n Oui ")}
    assert "au moins deux choix différents" in client.post(address, lonely).content.decode()
    good = {"count": "2", "act": "enregistrer", **question(0, kind="single", choices="Oui\r\nNon")}
    client.post(address, good | question(1, kind="number", choices="reste"))
    assert [(q.kind, q.options) for q in questionnaire.questions.all()] == [
        (QuestionKind.SINGLE, ["Oui", "Non"]),
        (QuestionKind.NUMBER, []),
    ]


@pytest.mark.parametrize("number", ["", "-1", "x", "9999999"])
def test_a_strange_number_of_questions_breaks_nothing(
    number: str, signed: Sign, samir: User, questionnaire: Campaign
) -> None:
    address = f"{LIST}{questionnaire.pk}/questions/"
    assert signed(samir).post(address, {"count": number, "act": "ajouter"}).status_code == 200


def test_only_a_questionnaire_has_questions(signed: Sign, samir: User, draft: Campaign) -> None:
    assert signed(samir).get(f"{LIST}{draft.pk}/questions/").status_code == 404


def test_a_sent_questionnaire_keeps_its_questions(signed: Sign, samir: User, grenoble: Academy) -> None:
    sent = make_campaign(grenoble, purpose=Purpose.QUESTIONNAIRE)
    response = signed(samir).post(f"{LIST}{sent.pk}/questions/", {"count": "0", "act": "enregistrer"})
    assert "Cette enquête est dans l’état" in response.content.decode()
    assert Question.objects.filter(campaign=sent).count() == 1


# --- dates, freezing, archiving


def test_dates_are_changed_with_a_reason_and_the_links_follow(signed: Sign, samir: User, campaign: Campaign) -> None:
    client, address = signed(samir), f"{LIST}{campaign.pk}/dates/"
    new = {"closes_at": "2031-02-03T18:00", "corrected_until": "2031-02-10T18:00"}
    assert client.post(address, {**new, "reason": ""}).status_code == 200
    assert client.post(address, {**new, "reason": "Congés"}).status_code == 302
    campaign.refresh_from_db()
    assert campaign.closes_at == datetime(2031, 2, 3, 17, tzinfo=UTC)
    page = client.get(campaign.get_absolute_url()).content.decode()
    assert "Congés" in page and "3 février 2031 à 18 h 00" in page
    link = campaign.recipients.get().links.get()
    assert link.expires_at and link.expires_at > campaign.closes_at


def test_an_open_campaign_is_not_frozen_and_a_frozen_one_is_archived(
    signed: Sign, samir: User, campaign: Campaign
) -> None:
    client, own = signed(samir), f"{LIST}{campaign.pk}/"
    assert "encore ouverte" in client.post(f"{own}gel/").content.decode()
    assert "Cette enquête est dans l’état" in client.post(f"{own}archivage/").content.decode()
    closed = current(campaign.academy) - timedelta(minutes=1)
    campaigns.reschedule(campaign, closes_at=closed, corrected_until=None, by=samir, reason="Essai")
    assert "On ne revient pas en arrière" in client.get(f"{own}gel/").content.decode()
    assert client.post(f"{own}gel/").status_code == 302
    assert client.post(f"{own}archivage/").status_code == 302
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.ARCHIVED
    assert "Archivage" in client.get(own).content.decode()
    assert AuditEntry.objects.filter(details__campaign=campaign.pk, actor=samir).count() == 3


@pytest.mark.parametrize("state", CampaignState)
@pytest.mark.parametrize("number", [1, 3])
def test_the_page_of_a_campaign_costs_the_same_queries_whatever_it_asks(
    number: int, state: CampaignState, signed: Sign, samir: User, grenoble: Academy, django_assert_max_num_queries: Any
) -> None:
    places = [make_staffed(grenoble) for _ in range(number)]
    campaign = bring(make_campaign(grenoble, establishments=places, state=CampaignState.DRAFT), state)
    client = signed(samir)
    client.get(campaign.get_absolute_url())
    with django_assert_max_num_queries(18):
        client.get(campaign.get_absolute_url())
