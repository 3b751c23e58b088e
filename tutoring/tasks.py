"""Celery entry points of the tutoring."""

from celery import shared_task

from accounts import jobs
from tutoring.services import matchings, paper_files, visit_links


@shared_task
def propose_matching(job: int) -> None:
    jobs.run(job, matchings.propose_in_background)


@shared_task
def print_papers(job: int) -> None:
    jobs.run(job, paper_files.print_in_background)


@shared_task
def ask_about_visits() -> None:
    visit_links.ask_waiting()
