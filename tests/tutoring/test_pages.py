"""Pages of the tutoring through HTTP: who sees what, what each act does, what is said when it is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import jobs
from accounts.models import AuditEntry, Job, User
from deployment.choices import Function, Sphere
from deployment.models import Academy, Establishment, Wave
from surveys.choices import Purpose
from tests.factories import appoint, make_establishment
from tests.surveys.factories import make_campaign
from tests.surveys.following import submit
from tests.tutoring.conftest import make_agency, make_application, make_tutor
from tutoring.choices.candidates import ApplicationState
from tutoring.models import Application, Assignment, Opinion, Proposal, Tutor
from tutoring.services import matchings, tutors

Signed = Callable[[User], Client]
HOME = "/grenoble/tutorat/"
APPLICATIONS = f"{HOME}candidatures/"
TUTORS = f"{HOME}tuteurs/"
BOARD = f"{HOME}appariement/V7/"


def text(response: Any) -> str:
    return str(response.content.decode())


def accepting(*pairs: str, **fields: str) -> dict[str, Any]:
    return {"pair": pairs, "chosen": "cochees", "effective_on": "2024-10-14", "reason": "Rentrée"} | fields


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as told:
        assert client.get(url).status_code == 200
    return len(told)


# --- who


@pytest.mark.parametrize("url", [HOME, APPLICATIONS, f"{APPLICATIONS}saisir/", TUTORS, f"{TUTORS}ajouter/", BOARD])
def test_wrong_role_is_refused_and_a_stranger_sees_nothing(
    url: str, seats: Any, nadia: User, lise: User, hugo: User, victor: User, client: Client, signed: Signed
) -> None:
    assert signed(nadia).get(url).status_code == 200
    assert signed(hugo).get(url).status_code == 403
    assert signed(lise).get(url).status_code == (200 if url == HOME else 403)
    assert signed(victor).get(url).status_code == 404
    assert client.get(url).status_code == 302


@pytest.mark.parametrize(
    "url",
    [
        f"{APPLICATIONS}collecter/",
        f"{BOARD}calculer/",
        f"{BOARD}choisir/",
        f"{BOARD}accepter/",
        f"{TUTORS}ajouter/",
        f"{APPLICATIONS}saisir/",
    ],
)
def test_training_sees_and_does_nothing(url: str, seats: Any, emma: User, signed: Signed) -> None:
    assert signed(emma).post(url).status_code == 403
    for page in (APPLICATIONS, TUTORS, BOARD):
        shown = signed(emma).get(page)
        assert shown.status_code == 200
        assert 'method="post" action="/grenoble/tutorat/' not in text(shown)


def test_rows_of_another_academy_are_unknown(v7: Wave, lyon: Academy, nadia: User, signed: Signed) -> None:
    foreign, person = make_application(lyon), make_tutor(lyon, "Loin")
    browser = signed(nadia)
    for url in (f"{APPLICATIONS}{foreign.pk}/", f"{TUTORS}{person.pk}/", f"{TUTORS}{person.pk}/fin/"):
        assert browser.get(url).status_code == 404
    for url in (f"{APPLICATIONS}{foreign.pk}/avis/", f"{APPLICATIONS}{foreign.pk}/retrait/"):
        assert browser.post(url, {"verdict": "accept", "reason": "x"}).status_code == 404
    assert browser.get(f"{HOME}appariement/V99/").status_code == 404
    assert browser.get(f"{HOME}?vague=V99").status_code == 404


# --- home


def test_home_tells_the_numbers_and_where_each_agency_stands(
    seats: dict[str, Establishment], v7: Wave, nadia: User, signed: Signed
) -> None:
    tutor = make_tutor(v7.academy, "Camille Tuteur")
    tutors.note_tutorship(
        tutor, v7, seats["full"], Sphere.ORDERING, effective_on=date(2024, 9, 2), reason="Convenu", by=None
    )
    matchings.propose(v7, on=v7.academy.today, by=None)
    page = text(signed(nadia).get(HOME))
    assert "Tutorat de la V7" in page
    assert "2 à 3" in page and "5 à 6" in page
    assert "cellule=accounting/max" in page
    assert page.count("En attente d’agent comptable") == 1
    assert page.count("En place") == 1
    assert page.count(">Proposé<") == 2 and page.count(">À trouver<") == 2
    rows = signed(nadia).get("/grenoble/chiffres/tutor_needs/lignes/?wave=V7&cellule=agencies_without_accountant")
    assert seats["vacant"].name in text(rows)


def test_the_map_does_not_call_served_what_is_only_proposed(
    seats: dict[str, Establishment], v7: Wave, nadia: User, signed: Signed
) -> None:
    make_tutor(v7.academy, "Camille Tuteur")
    matchings.propose(v7, on=v7.academy.today, by=None)
    page = text(signed(nadia).get(BOARD))
    assert "Agence avec proposition" in page and "Agence servie" not in page


def test_members_and_callers_see_no_person(
    seats: dict[str, Establishment], v7: Wave, lise: User, claire: User, signed: Signed
) -> None:
    tutor = make_tutor(v7.academy, "Camille Tuteur")
    place = {"effective_on": date(2024, 9, 2), "reason": "Convenu", "by": None}
    tutors.note_tutorship(tutor, v7, seats["full"], Sphere.ORDERING, **place)
    for person in (lise, claire):
        page = text(signed(person).get(HOME))
        assert "En place" in page and "Camille" not in page


def test_home_says_that_no_wave_has_cut_over(grenoble: Academy, nadia: User, signed: Signed) -> None:
    assert "Aucune vague n’a encore basculé" in text(signed(nadia).get(HOME))


# --- applications


def test_volunteers_are_collected_once(v7: Wave, samir: User, signed: Signed) -> None:
    browser = signed(samir)
    nothing = browser.post(f"{APPLICATIONS}collecter/", follow=True)
    assert "Aucune enquête" in text(nothing)
    campaign = make_campaign(v7.academy, purpose=Purpose.TUTOR_VOLUNTEERS)
    volunteer(campaign, "Ana Volontaire", "Bruno Volontaire")
    assert "2 nouvelles candidatures" in text(browser.post(f"{APPLICATIONS}collecter/", follow=True))
    assert "aucune nouvelle" in text(browser.post(f"{APPLICATIONS}collecter/", follow=True))
    assert Application.objects.count() == 2


def volunteer(campaign: Any, *names: str) -> None:
    """The establishment of the campaign answers with these persons."""
    entry = campaign.entries.select_related("establishment").get()
    people = [{"name": n, "function": "secretary_general", "spheres": ["ordering"], "capacity": 2} for n in names]
    submit(campaign, entry.establishment, content={"none": False, "people": people})


def typed(academy: Academy, **fields: Any) -> dict[str, Any]:
    place = make_establishment(academy)
    values = {"name": "Ana Courrier", "email": "ana@demo.invalid", "function": Function.SECRETARY_GENERAL}
    return values | {"establishment": place.uai, "spheres": [Sphere.ORDERING], "capacity": "2"} | fields


def test_an_application_is_typed_once(v7: Wave, samir: User, signed: Signed) -> None:
    given = typed(v7.academy)
    browser = signed(samir)
    assert browser.post(f"{APPLICATIONS}saisir/", given).status_code == 302
    assert "a déjà une candidature" in text(browser.post(f"{APPLICATIONS}saisir/", given))
    assert Application.objects.get().state == ApplicationState.RECEIVED


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"function": "x"},
        {"establishment": "9999999X"},
        {"spheres": []},
        {"capacity": "0"},
        {"email": "a"},
    ],
)
def test_an_application_typed_wrongly_is_shown_again(
    fields: dict[str, Any], v7: Wave, samir: User, signed: Signed
) -> None:
    assert signed(samir).post(f"{APPLICATIONS}saisir/", typed(v7.academy, **fields)).status_code == 400
    assert not Application.objects.exists()


def test_an_establishment_of_another_academy_is_no_choice(v7: Wave, lyon: Academy, samir: User, signed: Signed) -> None:
    foreign = make_establishment(lyon)
    given = typed(v7.academy, establishment=foreign.uai)
    assert signed(samir).post(f"{APPLICATIONS}saisir/", given).status_code == 400
    given = {"name": "X", "establishment": foreign.uai, "spheres": ["ordering"], "capacity": 1, "reach_km": 80}
    assert signed(samir).post(f"{TUTORS}ajouter/", given | {"reason": "V6"}).status_code == 400


def test_two_persons_of_one_opinion_decide(v7: Wave, nadia: User, samir: User, signed: Signed) -> None:
    application = make_application(v7.academy)
    url = f"{APPLICATIONS}{application.pk}/"
    first = signed(nadia).post(f"{url}avis/", {"verdict": "accept"}, follow=True)
    assert "il faut une seconde personne" in text(first)
    again = signed(nadia).post(f"{url}avis/", {"verdict": "accept"})
    assert again.status_code == 400
    assert "Vous avez déjà donné cet avis" in text(again)
    assert not Tutor.objects.exists()
    signed(samir).post(f"{url}avis/", {"verdict": "accept"})
    tutor = Tutor.objects.get()
    assert (tutor.name, tutor.capacity, tutor.spheres) == ("Ana Volontaire", 2, [Sphere.ORDERING])
    late = signed(samir).post(f"{url}avis/", {"verdict": "pool"})
    assert "déjà « retenue »" in text(late)
    assert Opinion.objects.count() == 2


def test_two_opinions_apart_decide_nothing_until_one_changes(
    v7: Wave, nadia: User, samir: User, signed: Signed
) -> None:
    application = make_application(v7.academy)
    url = f"{APPLICATIONS}{application.pk}/avis/"
    signed(nadia).post(url, {"verdict": "accept"})
    assert signed(samir).post(url, {"verdict": "refuse"}).status_code == 400
    signed(samir).post(url, {"verdict": "refuse", "reason": "Déjà tuteur ailleurs"})
    application.refresh_from_db()
    assert application.state == ApplicationState.RECEIVED
    signed(nadia).post(url, {"verdict": "refuse", "reason": "Vu"})
    application.refresh_from_db()
    assert application.state == ApplicationState.REFUSED


def test_a_person_who_withdraws_is_decided_no_more(v7: Wave, samir: User, signed: Signed) -> None:
    application = make_application(v7.academy)
    url = f"{APPLICATIONS}{application.pk}/"
    assert signed(samir).post(f"{url}retrait/", {"reason": ""}).status_code == 400
    signed(samir).post(f"{url}retrait/", {"reason": "Mutation"})
    assert "Mutation" in text(signed(samir).get(url))
    assert signed(samir).post(f"{url}avis/", {"verdict": "accept"}).status_code == 400
    assert signed(samir).post(f"{url}retrait/", {"reason": "Encore"}).status_code == 400


def test_applications_are_filtered_and_each_look_is_traced(v7: Wave, nadia: User, signed: Signed) -> None:
    make_application(v7.academy, "Éléonore Durand")
    make_application(v7.academy, "Bruno Petit", spheres=[Sphere.ACCOUNTING])
    browser = signed(nadia)
    for query, expected in (
        ("text=eleonore", (True, False)),
        ("sphere=accounting", (False, True)),
        ("state=received", (True, True)),
        ("state=refused", (False, False)),
        ("text=bruno&sphere=ordering", (False, False)),
    ):
        page = text(browser.get(f"{APPLICATIONS}?{query}"))
        assert ("Éléonore Durand" in page, "Bruno Petit" in page) == expected, query
    assert "n’a pas pu être appliqué" in text(browser.get(f"{APPLICATIONS}?state=xx"))
    assert "<html" not in text(browser.get(APPLICATIONS, headers={"HX-Request": "true"}))
    assert AuditEntry.objects.filter(act="tutoring.view_tutors", actor=nadia).count() == 7


# --- tutors


def test_a_tutor_of_another_academy_is_added_and_holds_a_tutorship(
    seats: dict[str, Establishment], v7: Wave, samir: User, signed: Signed
) -> None:
    browser = signed(samir)
    given = {"name": "Gil Greta", "home_academy": "Lyon", "spheres": ["accounting"], "capacity": 1, "reach_km": 200}
    assert browser.post(f"{TUTORS}ajouter/", given | {"reason": ""}).status_code == 400
    assert browser.post(f"{TUTORS}ajouter/", given | {"home_academy": "", "reason": "V6"}).status_code == 400
    browser.post(f"{TUTORS}ajouter/", given | {"reason": "GRETA"})
    assert "déjà dans la liste" in text(browser.post(f"{TUTORS}ajouter/", given | {"reason": "GRETA"}))
    tutor = Tutor.objects.get()
    url = f"{TUTORS}{tutor.pk}/tutorat/"
    asked = {"wave": "V7", "agency": seats["full"].uai, "sphere": "accounting"}
    asked |= {"effective_on": "2024-10-01", "reason": "Convenu"}
    assert browser.post(url, asked | {"sphere": "ordering"}).status_code == 400
    assert browser.post(url, asked).status_code == 302
    assert "déjà un tuteur" in text(browser.post(url, asked))
    assert "déjà tout ce qui a été accepté" in text(browser.post(url, asked | {"agency": seats["other"].uai}))
    assert Assignment.objects.count() == 1
    assert "1 sur 1" in text(browser.get(TUTORS))


def test_nobody_tutors_the_own_agency(seats: dict[str, Establishment], v7: Wave, samir: User, signed: Signed) -> None:
    member = Establishment.objects.get(name="Collège Crest")
    tutor = make_tutor(v7.academy, "Du Lieu", establishment=member)
    asked = {"wave": "V7", "agency": seats["full"].uai, "sphere": "ordering"}
    response = signed(samir).post(
        f"{TUTORS}{tutor.pk}/tutorat/", asked | {"effective_on": "2024-10-01", "reason": "Convenu"}
    )
    assert "relève de cette agence comptable" in text(response)


def test_a_mission_ends_once_and_takes_nothing_new(
    seats: dict[str, Establishment], v7: Wave, samir: User, signed: Signed
) -> None:
    tutor = make_tutor(v7.academy, "Fin Prochaine")
    url = f"{TUTORS}{tutor.pk}/"
    asked = {"effective_on": "2024-10-01", "reason": "Mutation"}
    assert signed(samir).post(f"{url}fin/", {"effective_on": "31/02", "reason": ""}).status_code == 400
    assert signed(samir).post(f"{url}fin/", asked).status_code == 302
    assert "a déjà une fin" in text(signed(samir).post(f"{url}fin/", asked))
    problem, _ = matchings.problem_of(v7, on=v7.academy.today, locked={}, last={})
    assert problem.tutors == ()
    agreed = {"wave": "V7", "agency": seats["full"].uai, "sphere": "ordering", **asked}
    assert "plus en mission" in text(signed(samir).post(f"{url}tutorat/", agreed))


# --- matching


def test_a_proposal_is_made_changed_locked_and_accepted(
    seats: dict[str, Establishment], v7: Wave, samir: User, signed: Signed
) -> None:
    near = make_tutor(v7.academy, "Près", capacity=5)
    far = make_tutor(v7.academy, "Loin", capacity=5)
    Establishment.objects.filter(pk=far.establishment_id).update(x=850_000.0)
    browser = signed(samir)
    assert "Aucune proposition" in text(browser.get(BOARD))
    assert "Calculez d’abord" in text(
        browser.post(f"{BOARD}choisir/", {"need": "x", "tutor": str(near.pk)}, follow=True)
    )
    assert "5 besoins servis" in text(browser.post(f"{BOARD}calculer/", follow=True))
    need = f"{seats['full'].uai}/ordering"
    browser.post(f"{BOARD}choisir/", {"need": need, "tutor": str(far.pk)})
    browser.post(f"{BOARD}calculer/")
    assert Proposal.objects.get().pairs[need] == str(far.pk)
    page = text(browser.get(BOARD))
    assert page.count("Verrouillée") == 1
    assert "1 sur 5" in page and "4 sur 5" in page
    browser.post(f"{BOARD}choisir/", {"need": need, "deverrouiller": "1"})
    assert Proposal.objects.get().locked == {}
    pair = f"{need}={far.pk}"
    assert browser.post(f"{BOARD}accepter/", accepting(pair, reason="")).status_code == 400
    assert "Cochez au moins une paire" in text(browser.post(f"{BOARD}accepter/", accepting()))
    done = browser.post(f"{BOARD}accepter/", accepting(pair), follow=True)
    assert "1 tutorat inscrit" in text(done) and "à compter du 14/10/2024" in text(done)
    row = Assignment.objects.get()
    assert (row.tutor, row.author, row.effective_on) == (far, samir, date(2024, 10, 14))
    assert need not in Proposal.objects.get().pairs
    assert "4 besoins à apparier" in text(done)


def test_all_the_pairs_shown_are_accepted_at_once(seats: Any, v7: Wave, samir: User, signed: Signed) -> None:
    make_tutor(v7.academy, "Seul", capacity=9)
    matchings.propose(v7, on=v7.academy.today, by=samir)
    shown = [f"{need}={tutor}" for need, tutor in Proposal.objects.get().pairs.items()]
    signed(samir).post(f"{BOARD}accepter/", accepting(chosen="affichees") | {"shown": shown})
    assert Assignment.objects.count() == 5


def test_a_pair_seen_before_it_changed_is_not_accepted(
    seats: dict[str, Establishment], v7: Wave, samir: User, signed: Signed
) -> None:
    """The page showed one tutor; a colleague has chosen another since: nobody is registered unseen."""
    first, second = (make_tutor(v7.academy, name, capacity=9) for name in ("Un", "Deux"))
    matchings.propose(v7, on=v7.academy.today, by=None)
    need = f"{seats['full'].uai}/ordering"
    seen = Proposal.objects.get().pairs[need]
    other = second if seen == str(first.pk) else first
    matchings.choose(v7, need, str(other.pk), on=v7.academy.today, by=samir)
    response = signed(samir).post(f"{BOARD}accepter/", accepting(f"{need}={seen}"))
    assert "ne sont plus dans la proposition" in text(response)
    assert not Assignment.objects.exists()


def test_the_second_agent_is_told(seats: dict[str, Establishment], v7: Wave, samir: User, signed: Signed) -> None:
    make_tutor(v7.academy, "Seul", capacity=9)
    matchings.propose(v7, on=v7.academy.today, by=None)
    pair = "=".join(next(iter(Proposal.objects.get().pairs.items())))
    assert signed(samir).post(f"{BOARD}accepter/", accepting(pair)).status_code == 302
    matchings.propose(v7, on=v7.academy.today, by=None)  # what is written for a later day is not to give again
    assert pair.partition("=")[0] not in Proposal.objects.get().pairs
    assert "ne sont plus dans la proposition" in text(signed(samir).post(f"{BOARD}accepter/", accepting(pair)))
    assert Assignment.objects.count() == 1


def test_a_choice_that_breaks_a_rule_is_refused(
    seats: dict[str, Establishment], v7: Wave, samir: User, signed: Signed
) -> None:
    one = make_tutor(v7.academy, "Une Place", capacity=1)
    make_tutor(v7.academy, "Large", capacity=9)
    own = make_tutor(v7.academy, "Du Lieu", establishment=seats["full"])
    matchings.propose(v7, on=v7.academy.today, by=None)
    browser = signed(samir)
    need, other = f"{seats['full'].uai}/ordering", f"{seats['other'].uai}/ordering"

    def choose(need: str, tutor: str) -> str:
        return text(browser.post(f"{BOARD}choisir/", {"need": need, "tutor": tutor}, follow=True))

    assert "même établissement" in choose(need, str(own.pk))
    assert "n’est plus à apparier" in choose("9999999X/ordering", str(one.pk))
    assert "n’est plus à apparier" in choose(need, "999999")
    assert "Choisissez un tuteur" in choose(need, "")
    before = dict(Proposal.objects.get().pairs)
    taken = [key for key, tutor in before.items() if tutor == str(one.pk)]
    for key in (need, other):
        if key not in taken and taken:
            assert "déjà tout ce qu’il a accepté" in choose(key, str(one.pk))
    assert Proposal.objects.get().pairs == before


def test_unserved_needs_say_what_stops_them_and_where_to_call(
    seats: dict[str, Establishment], v7: Wave, nadia: User, signed: Signed
) -> None:
    make_tutor(v7.academy, "Ordonnateur", spheres=[Sphere.ORDERING], capacity=1)
    earlier = make_agency(v7.academy, "Valence", code="V6", holder="AC", x=895_000.0)
    appoint(earlier, Function.DEPUTY_ACCOUNTANT, "Ada Première", "fp@a.test")
    make_agency(v7.academy, "Loin", code="V6", holder="AC", x=700_000.0)
    browser = signed(nadia)
    page = text(browser.post(f"{BOARD}calculer/", follow=True))
    assert "4 besoins sans tuteur" in page
    assert "1 n’est pas de cette sphère" in page
    assert "1 a déjà tout ce qu’il a accepté" in page
    assert "Un tuteur sphère comptable vers Crest (Lycée Crest) servirait 2 besoins. À moins de 50 km" in page
    assert "on peut solliciter 1 fondé de pouvoir et 1 agent comptable." in page
    assert "personne de ces fonctions n’est connu" in page  # no secretary general is in post there
    assert "1 agence en attente d’agent comptable" in page


def test_a_tutorship_ends_and_the_need_comes_back(
    seats: dict[str, Establishment], v7: Wave, samir: User, victor: User, signed: Signed
) -> None:
    make_tutor(v7.academy, "Seul", capacity=9)
    matchings.propose(v7, on=v7.academy.today, by=None)
    pairs = dict(Proposal.objects.get().pairs)
    matchings.accept(v7, pairs, effective_on=v7.academy.today, reason="Rentrée", by=None)
    row = Assignment.objects.first()
    assert row
    url = f"{HOME}tutorats/{row.pk}/fin/"
    asked = {"effective_on": "2024-10-08", "reason": "Mutation"}
    assert signed(victor).post(url, asked).status_code == 404
    assert signed(samir).get(url).status_code == 200
    assert "commence après ce jour" in text(signed(samir).post(url, asked | {"effective_on": "2024-10-01"}))
    page = signed(samir).post(url, asked, follow=True)
    assert "1 besoin à apparier" in text(page)
    assert "vient d’être changé" in text(signed(samir).post(url, asked))


def test_a_tutor_who_leaves_before_the_day_is_not_accepted(
    seats: dict[str, Establishment], v7: Wave, samir: User, signed: Signed
) -> None:
    tutor = make_tutor(v7.academy, "Partant", capacity=9)
    tutors.end_mission(tutor, date(2024, 10, 12), by=samir, reason="Mutation")
    matchings.propose(v7, on=v7.academy.today, by=None)
    pair = "=".join(next(iter(Proposal.objects.get().pairs.items())))
    assert "n’est plus à apparier" in text(signed(samir).post(f"{BOARD}accepter/", accepting(pair)))


def test_a_large_matching_is_left_to_a_worker(
    seats: Any, v7: Wave, samir: User, signed: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_tutor(v7.academy, "Seul", capacity=9)
    monkeypatch.setattr(matchings, "AT_ONCE", 2)
    assert signed(samir).post(f"{BOARD}calculer/").status_code == 302
    job = Job.objects.get()
    assert not Proposal.objects.exists()
    jobs.run(job.pk, matchings.propose_in_background)
    assert len(Proposal.objects.get().pairs) == 5


# --- queries: one agency and one tutor, then three


@pytest.mark.parametrize(("url", "number"), [(HOME, 23), (APPLICATIONS, 8), (TUTORS, 8), (BOARD, 17)])
def test_queries_do_not_grow(url: str, number: int, v7: Wave, nadia: User, signed: Signed) -> None:
    browser = signed(nadia)
    for round_number in (1, 2):
        for index in range(round_number):
            name = f"{round_number}-{index}"
            seat = make_agency(v7.academy, f"Ville {name}")
            make_application(v7.academy, f"Candidat {name}")
            tutor = make_tutor(v7.academy, f"Tuteur {name}", capacity=1)
            held = {"effective_on": date(2024, 9, 2), "reason": "Convenu", "by": None}
            tutors.note_tutorship(tutor, v7, seat, Sphere.ORDERING, **held)
            make_tutor(v7.academy, f"Libre {name}", capacity=1)
        matchings.propose(v7, on=v7.academy.today, by=nadia)
        assert queries(browser, url) == number
