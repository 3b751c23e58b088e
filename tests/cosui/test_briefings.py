"""From the agenda to the PDF: composed by a worker, frozen, drawn again identical, shown to the right people."""

import io
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pikepdf
import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import jobs
from accounts.choices import JobState
from accounts.models import AuditEntry, User
from cosui import services
from cosui.choices import SectionKind
from cosui.models import AgendaItem, Briefing, Meeting, TypedSlide
from deployment.models import Academy
from deployment.services import waves
from tests.factories import make_establishment, make_wave

Signed = Callable[[User], Client]
DAY = date(2024, 10, 8)
URL = "/grenoble/cosui/2024-10-08/"


@pytest.fixture
def meeting(grenoble: Academy) -> Meeting:
    """Two points: the registers' (V8 alone, two establishments) and a typed one."""
    grenoble.observed_on, grenoble.initial_volumetry_on = DAY, date(2024, 6, 28)
    grenoble.save()
    members = [make_establishment(grenoble) for _ in range(2)]
    v8 = make_wave(grenoble, "V8")
    waves.place(grenoble, dict.fromkeys(members, v8), effective_on=date(2024, 6, 28), reason="Liste", by=None)
    meeting = services.plan_meeting(grenoble, DAY, by=None)
    item = AgendaItem(meeting=meeting, title="Volumétrie", section=SectionKind.VOLUMETRY, on=date(2024, 10, 1))
    services.save_item(item, by=None)
    typed = services.save_item(AgendaItem(meeting=meeting, title="Clés OTP", on=DAY), by=None)
    slide = TypedSlide(item=typed, headline="Une seule campagne", text="# Qui\n- V1 à V8\n# Quand\nEn octobre.")
    services.save_slide(slide, by=None)
    return meeting


def composed(meeting: Meeting, by: User) -> Briefing:
    briefing = services.request_briefing(meeting, by=by)
    assert briefing.job is not None
    jobs.run(briefing.job.pk, services.compose_briefing)
    return Briefing.objects.select_related("job", "meeting__academy").get(pk=briefing.pk)


def test_briefing_is_composed_frozen_and_downloaded(meeting: Meeting, nadia: User, signed: Signed) -> None:
    browser = signed(nadia)
    asked = browser.post(f"{URL}composer/")
    briefing = Briefing.objects.get()
    assert asked["Location"] == briefing.get_absolute_url()
    assert "En attente" in browser.get(asked["Location"]).content.decode()

    jobs.run(briefing.job_id, services.compose_briefing)
    page = browser.get(asked["Location"]).content.decode()
    assert "2 établissements, désormais répartis sur une vague" in page
    pdf = b"".join(browser.get(f"{asked['Location']}pdf/").streaming_content)  # type: ignore[attr-defined]
    frozen = browser.get(f"{asked['Location']}json/")
    assert len(pikepdf.open(io.BytesIO(pdf)).pages) == 2 + 4
    assert frozen["Content-Disposition"] == 'attachment; filename="cosui-grenoble-2024-10-08.json"'
    assert [slide["key"] for slide in frozen.json()["slides"]] == ["1-volumetry", "1-movements", "2-typed-1", "1-map"]
    assert AuditEntry.objects.filter(act="cosui.download_briefing", actor=nadia).count() == 2


def test_frozen_briefing_does_not_move_with_the_registers(meeting: Meeting, nadia: User) -> None:
    briefing = composed(meeting, nadia)
    assert briefing.content is not None
    with default_storage.open(briefing.pdf) as pdf:
        before = pdf.read()
    leaver = meeting.academy.establishments.order_by("uai")[0]
    waves.place(meeting.academy, {leaver: None}, effective_on=DAY, reason="Fermeture", by=nadia)

    assert services.draw(briefing.content) == before
    assert services.to_json(services.freeze(meeting)) == services.to_json(briefing.content)
    meeting.items.filter(position=1).update(on=DAY)
    assert services.to_json(services.freeze(meeting)) != services.to_json(briefing.content)


def test_one_version_at_a_time(meeting: Meeting, nadia: User, samir: User) -> None:
    first = services.request_briefing(meeting, by=nadia)
    assert services.request_briefing(meeting, by=samir) == first
    jobs.run(first.job_id, services.compose_briefing)
    assert services.request_briefing(meeting, by=samir).version == 2


def test_slide_that_overflows_fails_with_its_name(meeting: Meeting, nadia: User) -> None:
    slide = TypedSlide.objects.get()
    slide.text = "\n".join(f"- Ligne {number} d’un texte beaucoup trop long pour une page" for number in range(60))
    services.save_slide(slide, by=nadia)
    briefing = composed(meeting, nadia)

    assert briefing.job is not None
    assert briefing.job.state == JobState.FAILED
    assert "Une seule campagne" in briefing.job.error
    assert not briefing.is_ready


def test_members_see_a_briefing_once_published(
    meeting: Meeting, nadia: User, lise: User, samir: User, signed: Signed
) -> None:
    briefing = composed(meeting, nadia)
    url = briefing.get_absolute_url()
    assert signed(lise).get(url).status_code == 404
    assert signed(lise).get(f"{url}pdf/").status_code == 404
    assert "Aucun dossier publié" in signed(lise).get(URL).content.decode()
    assert signed(samir).post(f"{url}publier/").status_code == 403

    signed(nadia).post(f"{url}publier/")
    assert signed(lise).get(url).status_code == 200
    assert b"".join(signed(lise).get(f"{url}pdf/")).startswith(b"%PDF")  # type: ignore[arg-type]
    assert "Version 1" in signed(lise).get(URL).content.decode()


def test_stranger_and_wrong_role_get_no_briefing(
    meeting: Meeting, nadia: User, victor: User, tom: User, client: Client, signed: Signed
) -> None:
    url = composed(meeting, nadia).get_absolute_url()
    for path in ("", "pdf/", "json/"):
        assert signed(victor).get(url + path).status_code == 404
        assert signed(tom).get(url + path).status_code == 403
        assert client.get(url + path).status_code == 302


def test_staff_prepares_the_agenda(grenoble: Academy, samir: User, signed: Signed) -> None:
    browser = signed(samir)
    browser.post("/grenoble/cosui/nouveau/", {"held_on": "2024-10-08"})
    again = browser.post("/grenoble/cosui/nouveau/", {"held_on": "2024-10-08"})
    assert "Un comité est déjà prévu le 08/10/2024." in again.content.decode()
    item = {"title": "Volumétrie", "section": "volumetry", "on": "2024-10-01", "comment": "", "from_wave": ""}
    assert browser.post(f"{URL}points/nouveau/", item).status_code == 302
    assert browser.post(f"{URL}points/nouveau/", item | {"title": "Clés", "section": "typed"}).status_code == 302
    typed = {"headline": "Une campagne", "text": "- V8", "source": ""}
    assert browser.post(f"{URL}points/2/pages/nouvelle/", typed).status_code == 302
    assert browser.post(f"{URL}points/2/pages/1/", typed | {"headline": "Deux"}).status_code == 302
    assert TypedSlide.objects.get().headline == "Deux"
    browser.post(f"{URL}points/2/pages/1/retirer/")
    assert not TypedSlide.objects.exists()


def test_member_prepares_nothing(meeting: Meeting, lise: User, signed: Signed) -> None:
    for path in ("points/nouveau/", "points/1/", "points/2/pages/1/", "points/2/pages/nouvelle/"):
        assert signed(lise).get(f"{URL}{path}").status_code == 403
    assert signed(lise).post(f"{URL}composer/").status_code == 403


def test_command_writes_the_same_files_twice(meeting: Meeting, tmp_path: Path) -> None:
    options = ("--academy=grenoble", "--date=2024-10-08")
    call_command("compose_cosui", *options, f"--output={tmp_path / 'a'}")
    name = "cosui-grenoble-2024-10-08"
    frozen = tmp_path / "a" / f"{name}.json"
    call_command("compose_cosui", *options, f"--output={tmp_path / 'b'}", f"--frozen={frozen}")

    for suffix in ("json", "pdf"):
        first, second = ((tmp_path / folder / f"{name}.{suffix}").read_bytes() for folder in "ab")
        assert first == second
    assert json.loads(frozen.read_bytes())["on"] == "2024-10-08"


def test_command_says_that_there_is_no_such_meeting(grenoble: Academy, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Aucun comité"):
        call_command("compose_cosui", "--academy=grenoble", "--date=2024-10-08", f"--output={tmp_path}")


@pytest.mark.parametrize("count", [1, 3])
def test_pages_cost_the_same_whatever_the_number(
    count: int,
    grenoble: Academy,
    nadia: User,
    signed: Signed,
    django_assert_num_queries: Callable[[int], object],
) -> None:
    for number in range(count):
        meeting = services.plan_meeting(grenoble, date(2024, 10, 1 + number), by=None)
        for _ in range(count):
            item = services.save_item(AgendaItem(meeting=meeting, title="Clés", on=DAY), by=None)
            services.save_slide(TypedSlide(item=item, headline="Une", text="- V8"), by=None)
    browser = signed(nadia)
    for url, queries in (("/grenoble/cosui/", 5), ("/grenoble/cosui/2024-10-01/", 7)):
        browser.get(url)
        with django_assert_num_queries(queries):  # type: ignore[attr-defined]
            assert browser.get(url).status_code == 200
