"""Who gets what at each address: what tests/access_matrix.txt is made of. `make access` writes it again.

Each address of the resolver is asked by ten persons, on an object of their own académie and on one of another; a new
address is in the matrix at once, and a new kind of argument must be given a value in `OWN` and `OTHER` below.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts import mail
from accounts.choices import JobState, Role
from accounts.models import Job, User
from cosui import services as cosui
from cosui.models import AgendaItem, Briefing, TypedSlide
from deployment.choices import Function, ImportKind, Sphere
from deployment.importers import batches
from deployment.models import Academy, Establishment, ImportBatch, WaveMove
from surveys.choices import Purpose
from surveys.importers import batches as answer_batches
from surveys.models import Invitation
from surveys.models.invitations import hash_token, new_token
from surveys.services import files, links
from tests.factories import gather, make_academy, make_establishment, make_person, place
from tests.surveys.factories import make_campaign, make_staffed, tokens
from tests.surveys.following import wish
from tests.tutoring.factories import make_call
from tutoring.choices.candidates import CallState
from tutoring.choices.papers import PaperKind
from tutoring.choices.work import VisitMode
from tutoring.models import Application, PaperPrint, Tutor, TutorCall, TutorMeeting, Visit, VisitLink
from tutoring.school_years import SchoolYear
from tutoring.services import applications, indemnities, papers, statements, tutors, visits
from tutoring.services import meetings as tutor_meetings

MATRIX = Path(__file__).parent / "access_matrix.txt"
DIRECTORY = Path(__file__).parent / "deployment" / "files" / "annuaire_extrait.csv"
METHODS = ("GET", "POST")
ACTORS = ("anonymous", "lead", "staff", "member", "dsi", "auditor", "tutor", "stranger", "suspended", "bearer")
HEADING = """\
# Who gets what at each address. Written by `make access`; a change of it is a change of who may do what.
#
# Persons: anonymous, not signed in; lead, staff, member (of the COSUI), dsi, auditor: their roles in Grenoble;
# tutor: of one establishment of Grenoble only; stranger: the lead of Lyon; suspended: a lead whose account is closed;
# bearer: nobody's account, but the personal links of a head of Grenoble and that of a call, opened in that browser.
# Objects: own, of Grenoble; other, of Lyon, asked under the address of Grenoble; scoped, the tutor's establishment;
# draft, a briefing that is not published. « - »: the address names no object.
# Answers: 200 shown (a form sent empty is shown again); 204 done, nothing to show; 302 and 303 done, or led to a page;
# door, sent to sign in; 400 filled in wrongly; 403 not allowed; 404 nothing there for this person; 405 not asked that
# way; 410 over.
"""


@dataclass(frozen=True)
class Address:
    """One pattern of the resolver. `room` groups them: what comes before « : », empty outside the rooms."""

    name: str
    arguments: tuple[str, ...]

    @property
    def room(self) -> str:
        return self.name.partition(":")[0] if ":" in self.name else ""


def addresses(
    resolver: URLResolver | None = None, namespace: str = "", inherited: tuple[str, ...] = ()
) -> Iterator[Address]:
    """Every address of the product, with the names of its arguments."""
    for pattern in (resolver or get_resolver()).url_patterns:
        arguments = (*inherited, *pattern.pattern.converters)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from addresses(pattern, inner, arguments)
        elif isinstance(pattern, URLPattern):
            yield Address(f"{namespace}{pattern.name}", arguments)


@dataclass
class World:
    """Two académies with one object of each kind, and the ten persons."""

    values: dict[str, dict[str, Any]]
    sessions: dict[str, str]
    links: dict[str, str]  # cookies of the bearer

    def lend(self, actor: str, client: Client) -> None:
        """Give the browser what this person has in theirs, and nothing else."""
        client.cookies.clear()
        if self.sessions[actor]:
            client.cookies["sessionid"] = self.sessions[actor]
        for name, value in self.links.items() if actor == "bearer" else ():
            client.cookies[name] = value


def build(client_class: type[Client]) -> World:
    grenoble, lyon = make_academy("grenoble", "Grenoble"), make_academy("lyon", "Lyon")
    people: dict[str, User] = {
        name: make_person(name.capitalize(), role, academy, scope=scope)
        for name, role, academy, scope in (
            ("lead", Role.LEAD, grenoble, ""),
            ("staff", Role.STAFF, grenoble, ""),
            ("member", Role.MEMBER, grenoble, ""),
            ("dsi", Role.DSI, grenoble, ""),
            ("auditor", Role.AUDITOR, grenoble, ""),
            ("tutor", Role.TUTOR, grenoble, "0380033E"),
            ("stranger", Role.LEAD, lyon, ""),
            ("suspended", Role.LEAD, grenoble, ""),
        )
    }
    values = {"own": objects(grenoble, people["staff"]), "other": objects(lyon, people["stranger"])}
    values["draft"] = {**values["own"], "identifier": briefing(grenoble, date(2024, 11, 5), is_published=False)}
    scoped = make_establishment(grenoble, uai="0380033E")
    values["scoped"] = {**values["own"], "uai": scoped.uai}
    sessions = {"anonymous": "", "bearer": ""}
    for name, person in people.items():
        client = client_class()
        client.force_login(person)
        sessions[name] = client.cookies["sessionid"].value
    User.objects.filter(pk=people["suspended"].pk).update(is_active=False)
    Tutor.objects.filter(pk=values["own"]["tutored"]["service"]).update(user=people["tutor"])
    browser = client_class()
    for page, token in (("reply_enter", "token"), ("apply_enter", "call_token"), ("visit_enter", "visit_token")):
        browser.get(reverse(page, args=[values["own"][token]]))
    held = {name: cookie.value for name, cookie in browser.cookies.items()}
    shown = {name: value for name, value in held.items() if name.startswith(("link-", "call-", "visits-"))}
    return World(values, sessions, shown)


def objects(academy: Academy, person: User) -> dict[str, Any]:
    """A value for each argument that addresses take, all of that académie. `pk` depends on the address."""
    is_own = academy.slug == "grenoble"
    academy.observed_on, academy.initial_volumetry_on = date(2024, 10, 8), date(2024, 6, 28)
    academy.save()
    establishment = make_establishment(academy)
    code, day = ("V8", date(2024, 10, 8)) if is_own else ("V12", date(2024, 10, 9))
    place(establishment, code)
    job = Job.objects.create(task="tests.nothing", label="Essai", academy=academy.slug, state=JobState.FAILED)
    sent = mail.queue(
        "accounts/emails/trial.html",
        to="a@b.test",
        academy=academy.slug,
        key="1",
        person="A",
        mails_url="https://a.test/",
    )
    file = {"kind": ImportKind.ESTABLISHMENTS, "content": DIRECTORY.read_bytes(), "file_name": "annuaire.csv"}
    batch = batches.preview(**file, academy=make_academy("grenoble"), by=person, parameters={})
    ImportBatch.objects.filter(pk=batch.pk).update(academy=academy)  # the file speaks of Grenoble alone
    assert sent
    call, call_token = published_call(academy)
    return {
        "code": code,
        "uai": establishment.uai,
        "operation": WaveMove.objects.filter(establishment=establishment).latest("pk").operation,
        "identifier": briefing(academy, day, is_published=True),
        "held_on": day,
        "pk": {"job": job.pk, "mail": sent.pk, "import": batch.pk, "person": person.pk, "role": person.pk}
        | tutoring(academy, establishment, code)
        | {"call": call},
        "call": call,
        "call_token": call_token,
        "grant_pk": person.grants.get().pk,
        "archive": archive(academy, person),
        **asked_by_link(academy),
        **tutored(academy, person),
    }


def asked_by_link(academy: Academy) -> dict[str, Any]:
    """A campaign that asks one head, who has handed it to a colleague and sent a file."""
    asked = make_staffed(academy)
    campaign = make_campaign(academy, establishments=[asked], asked=["head"])
    token = tokens(campaign)[asked.uai, Function.HEAD]
    row = Invitation.objects.get(entry__campaign=campaign)
    link = links.find(token)
    assert link
    child = links.delegate(link, row, name="Sam", email="sam@exemple.invalid")
    file = files.keep(row.entry, "", ContentFile(b"%PDF-1.7", name="plan.pdf"))
    return {
        "token": token,
        "invitation": row.pk,
        "child": child.pk,
        "file": file.identifier,
        "campaign": campaign.pk,
        "entry": row.entry.pk,
        "answer": row.entry.answers.get().pk,
        "function": Function.HEAD.value,
        "wishes": wishes(academy),
        "batch": answer_batches.deposit(campaign, f"UAI;Nom\r\n{asked.uai};Ada\r\n".encode(), "a.csv", by=None).pk,
    }


def wishes(academy: Academy) -> dict[str, int]:
    """A campaign of wave wishes in which one head has answered."""
    asked = make_staffed(academy)
    campaign = make_campaign(academy, purpose=Purpose.WAVE_WISH, establishments=[asked])
    wish(campaign, asked, Function.HEAD, "V8")
    return {"pk": campaign.pk, "entry": campaign.entries.get().pk}


def tutoring(academy: Academy, establishment: Establishment, code: str) -> dict[str, int]:
    """An application, a tutor and a tutorship."""
    given = {"establishment": make_establishment(academy), "spheres": ["ordering"]}
    application = applications.enter(Application(academy=academy, name="A", function="head", **given), by=None)
    tutor = tutors.register(Tutor(academy=academy, name="T", **given), by=None, reason="Essai")
    gather(establishment)
    asked = {"effective_on": academy.today, "reason": "Essai", "by": None}
    wave = academy.waves.get(code=code)
    row = tutors.note_tutorship(tutor, wave, establishment, Sphere.ORDERING, **asked)
    (paper,) = papers.issue(
        [tutor], [PaperKind.MISSION_LETTER], SchoolYear.of(academy.today), on=academy.today, by=None
    )
    return {"application": application.pk, "tutor": tutor.pk, "tutorship": row.pk, "paper": paper.pk}


def archive(academy: Academy, person: User) -> str:
    """Letters gathered in one file, already drawn."""
    stored = default_storage.save(f"{uuid4()}.zip", ContentFile(b"PK"))
    return str(PaperPrint.objects.create(academy=academy, file=stored, asked_by=person).identifier)


def published_call(academy: Academy) -> tuple[int, str]:
    """A call for tutors that takes applications, and the token of its link."""
    token = f"token-of-the-call-of-{academy.slug}"
    return make_call(academy, state=CallState.PUBLISHED, token=token).pk, token


def tutored(academy: Academy, person: User) -> dict[str, Any]:
    """A visit that waits for its establishment, a meeting with an action, an indemnity in a statement."""
    spot = make_establishment(academy, email="college@exemple.invalid")
    home = make_establishment(academy)
    tutor = tutors.register(
        Tutor(academy=academy, name="W", establishment=home, spheres=["ordering"]), by=None, reason="Essai"
    )
    TutorCall.objects.create(
        academy=academy,
        reference="1",
        title="Appel",
        published_on=date(2023, 9, 1),
        deadline_on=date(2023, 9, 15),
        rate=500,
        mission_ends_on=date(2025, 8, 31),
        state=CallState.PUBLISHED,
    )
    gather(spot)
    place(spot, "V3", on=date(2023, 9, 1))
    wave = academy.waves.get(code="V3")
    held = {"effective_on": date(2023, 9, 1), "reason": "Essai", "by": None}
    tutors.note_tutorship(tutor, wave, spot, Sphere.ORDERING, **held)
    told = {"on": academy.today, "mode": VisitMode.ON_SITE, "minutes": 60, "subject": "Paiement"}
    visit = visits.record(Visit(tutor=tutor, establishment=spot, **told), by=person)
    token = new_token()
    link = VisitLink.objects.get(tutor=tutor)  # its own token left by mail
    VisitLink.objects.filter(pk=link.pk).update(token_hash=hash_token(token))
    meeting = tutor_meetings.hold(TutorMeeting(academy=academy, held_on=academy.today, title="R"), [tutor], by=None)
    action = tutor_meetings.open_action(meeting, "A", "B", academy.today, by=None)
    indemnity = indemnities.attest(tutor, spot, SchoolYear(2023), by=None, reason="Essai")
    nouns = {"visit": visit.pk, "own": visit.pk, "meeting": meeting.pk, "action": action.pk, "service": tutor.pk}
    (paper,) = papers.issue([tutor], [PaperKind.MISSION_LETTER], SchoolYear(2024), on=academy.today, by=None)
    nouns |= {"own_paper": paper.pk, "indemnity": indemnity.pk, "statement": statements.make(academy, by=None).pk}
    return {"tutored": nouns, "tutored_uai": spot.uai, "visit": visit.pk, "link": link.pk, "visit_token": token}


def briefing(academy: Academy, day: date, *, is_published: bool) -> str:
    meeting = cosui.plan_meeting(academy, day, by=None)
    item = cosui.save_item(AgendaItem(meeting=meeting, title="Clés OTP", on=day), by=None)
    cosui.save_slide(TypedSlide(item=item, headline="Une campagne", text="En octobre."), by=None)
    row = Briefing.objects.create(
        meeting=meeting,
        version=1,
        content=cosui.freeze(meeting),
        pdf=default_storage.save(f"{uuid4()}.pdf", ContentFile(b"%PDF-1.7")),
        frozen_at=timezone.now(),
        published_at=timezone.now() if is_published else None,
    )
    return str(row.identifier)


# Arguments that name no object of an académie: the same for everyone.
FIXED = {
    "academy": "grenoble",
    "name": "volumetry",
    "act": "geler",
    "form": "json",
    "position": 1,
    "number": 1,
    "uidb36": "a",
    "key": "wrong-key",
    "purpose": "training_needs",
    "kind": "letter",
    "version": 1,
    "extension": "pdf",
    "year": "2023-2024",
}
# Addresses that ask for an establishment of the tutor, rather than for any.
OF_A_TUTORSHIP = ("tutoring:own_difficulty", "tutoring:service_attest")
# The act of a room that is not that of waves.
ACTS = {"surveys": "relancer"}
# Addresses of the surveys that only wave wishes have, by the first word of their name.
WISHES = ("divergences", "divergence", "wishes")
# What an address needs after its path to have something to show.
QUERIES = {"figure_rows": "?cellule=college/V8"}


def kinds(address: Address) -> list[str]:
    """The objects to ask this address for."""
    if not set(address.arguments) - FIXED.keys():
        return ["-"]
    asked = ["own", "other"]
    asked += ["scoped"] if "uai" in address.arguments else []
    asked += ["draft"] if "identifier" in address.arguments else []
    return asked


def path_of(address: Address, kind: str, world: World) -> str:
    found = {} if kind == "-" else dict(world.values[kind])
    if "pk" in address.arguments:
        noun = address.name.partition(":")[2].partition("_")[0]
        nouns = found["pk"] | found["tutored"]
        noun = "own_paper" if address.name == "tutoring:own_paper_download" else noun
        found["pk"] = found["campaign"] if address.room == "surveys" else nouns["person" if noun == "view" else noun]
        found |= found["wishes"] if noun in WISHES else {}
    if address.name == "apply_enter" and kind != "-":
        found["token"] = found["call_token"]
    if address.name == "visit_enter":
        found["token"] = found["visit_token"]
    if address.name in OF_A_TUTORSHIP:
        found["uai"] = found["tutored_uai"]
    act = {"act": ACTS[address.room]} if address.room in ACTS else {}
    path = reverse(address.name, kwargs={name: {**FIXED, **act, **found}[name] for name in address.arguments})
    return path + QUERIES.get(address.name, "")


def answers(address: Address, method: str, kind: str, world: World, client: Client) -> list[str]:
    """What each of the ten persons gets; whatever was written is rolled back."""
    found = []
    for actor in ACTORS:
        world.lend(actor, client)
        found.append(_answer(path_of(address, kind, world), method, client))
    return found


def _answer(path: str, method: str, client: Client) -> str:
    with transaction.atomic():
        response = client.get(path) if method == "GET" else client.post(path)
        transaction.set_rollback(True)
    if response.streaming:
        list(response.streaming_content)  # the client closes the file at its end
    if response.status_code == 302 and response.headers["Location"].startswith("/connexion/?next="):
        return "door"
    return str(response.status_code)


def lines(room: str, world: World, client: Client) -> Iterator[str]:
    """The rows of one room."""
    for address in addresses():
        if address.room == room:
            for method in METHODS:
                for kind in kinds(address):
                    cells = answers(address, method, kind, world, client)
                    start = f"{address.name:<40}{method:<6}{kind:<8}"
                    yield (start + "".join(f"{cell:<11}" for cell in cells)).rstrip()


def heading() -> str:
    """The first lines of the file."""
    columns = f"{'address':<40}{'':<6}{'object':<8}" + "".join(f"{actor:<11}" for actor in ACTORS)
    return f"{HEADING}\n{columns.rstrip()}\n"


def rooms() -> list[str]:
    """In the order of the resolver, each once."""
    return list(dict.fromkeys(address.room for address in addresses()))
