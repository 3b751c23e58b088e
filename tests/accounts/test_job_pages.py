"""The list of background jobs, their progress and their second chance."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.choices import JobState
from accounts.models import Job, User

Signed = Callable[[User], Client]


def make_job(academy: str = "grenoble", **fields: Any) -> Job:
    return Job.objects.create(**{"task": "tests.nothing", "label": "Dossier du COSUI", "academy": academy} | fields)


def test_jobs_of_the_academy_are_listed(signed: Signed, nadia: User) -> None:
    make_job(label="À nous", state=JobState.RUNNING, progress_done=4, progress_total=10)
    make_job("lyon", label="Aux autres")
    page = signed(nadia).get("/grenoble/traitements/").content.decode()
    assert "À nous" in page
    assert "40 %" in page
    assert "Aux autres" not in page


def test_list_is_empty_with_words(signed: Signed, nadia: User) -> None:
    assert "Aucun traitement" in signed(nadia).get("/grenoble/traitements/").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same_whatever_its_length(
    signed: Signed, nadia: User, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        make_job(requested_by=nadia, state=JobState.FAILED, error="Essai")
    client = signed(nadia)
    with django_assert_num_queries(6):
        page = client.get("/grenoble/traitements/").content.decode()
    assert page.count("Relancer : Dossier du COSUI") == count


def test_strangers_see_nothing(signed: Signed, client: Client, victor: User, lise: User) -> None:
    job = make_job()
    for url in ("/grenoble/traitements/", f"/grenoble/traitements/{job.pk}/"):
        assert signed(victor).get(url).status_code == 404
        assert signed(lise).get(url).status_code == 403
        assert client.get(url).status_code == 302


def test_job_of_another_academy_is_not_found(signed: Signed, nadia: User) -> None:
    assert signed(nadia).get(f"/grenoble/traitements/{make_job('lyon').pk}/").status_code == 404


def test_progress_asks_for_itself_until_the_job_is_over(signed: Signed, nadia: User) -> None:
    job = make_job(state=JobState.RUNNING)
    client = signed(nadia)
    url = f"/grenoble/traitements/{job.pk}/"
    polled = client.get(url, headers={"hx-request": "true"})
    assert f'hx-get="{url}"' in polled.content.decode()
    assert "<html" not in polled.content.decode()
    assert "HX-Refresh" not in polled.headers
    Job.objects.update(state=JobState.DONE)
    over = client.get(url, headers={"hx-request": "true"})
    assert "hx-get" not in over.content.decode()
    assert over.headers["HX-Refresh"] == "true"
    assert over.headers["Vary"].startswith("HX-Request")


def test_failed_job_is_retried_by_who_may(signed: Signed, nadia: User, denis: User) -> None:
    job = make_job(state=JobState.FAILED, attempts=3, error="Essai")
    url = f"/grenoble/traitements/{job.pk}/relance/"
    assert signed(denis).post(url).status_code == 403
    assert signed(nadia).get(url).status_code == 405
    answer = signed(nadia).post(url)
    assert answer.url == f"/grenoble/traitements/{job.pk}/"
    job.refresh_from_db()
    assert (job.state, job.attempts, job.error) == (JobState.WAITING, 0, "")


def test_job_that_did_not_fail_is_not_retried(signed: Signed, nadia: User) -> None:
    job = make_job(state=JobState.DONE)
    page = signed(nadia).post(f"/grenoble/traitements/{job.pk}/relance/", follow=True).content.decode()
    assert "Seul un traitement en échec peut être relancé." in page
