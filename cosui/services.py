"""Verbs of the committee: plan a meeting, compose, redraw and publish its briefing."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from accounts import audit, jobs
from accounts.figures import FigureRefused
from accounts.jobs import Claim, JobRefused
from accounts.models import User
from cosui.models import AgendaItem, Briefing, Meeting, TypedSlide
from cosui.rights import COMPOSE_BRIEFING, DOWNLOAD_BRIEFING, EDIT_AGENDA, PUBLISH_BRIEFING
from cosui.sections import compose
from deployment.models import Academy
from figures.deck import Deck
from figures.pdf import SlideOverflow, to_pdf

COMPOSE_TASK = "cosui.tasks.compose_briefing"


class MeetingRefused(Exception):
    """The act breaks a rule of the committee; the message is French and is shown to the person."""


@transaction.atomic
def plan_meeting(academy: Academy, held_on: date, *, by: User | None) -> Meeting:
    """Create the meeting of that day, with an empty agenda."""
    if Meeting.objects.filter(academy=academy, held_on=held_on).exists():
        raise MeetingRefused(f"Un comité est déjà prévu le {held_on:%d/%m/%Y}.")
    meeting = Meeting.objects.create(academy=academy, held_on=held_on)
    audit.record(by, EDIT_AGENDA, meeting, academy=academy.slug)
    return meeting


@transaction.atomic
def save_item(item: AgendaItem, *, by: User | None) -> AgendaItem:
    """Add or change a point of the agenda; a new one goes to the end."""
    if item.pk is None:
        last = AgendaItem.objects.filter(meeting=item.meeting).order_by("-position").first()
        item.position = last.position + 1 if last else 1
    item.save()
    audit.record(by, EDIT_AGENDA, item, academy=item.meeting.academy.slug)
    return item


@transaction.atomic
def save_slide(slide: TypedSlide, *, by: User | None) -> TypedSlide:
    """Add or change a typed slide; a new one goes to the end of its point."""
    if slide.pk is None:
        last = TypedSlide.objects.filter(item=slide.item).order_by("-position").first()
        slide.position = last.position + 1 if last else 1
    slide.save()
    audit.record(by, EDIT_AGENDA, slide, academy=slide.item.meeting.academy.slug)
    return slide


@transaction.atomic
def remove_slide(slide: TypedSlide, *, by: User | None) -> None:
    """Take a typed slide out of its point; briefings already composed keep theirs."""
    audit.record(by, EDIT_AGENDA, f"retrait : {slide}", academy=slide.item.meeting.academy.slug)
    slide.delete()


@transaction.atomic
def request_briefing(meeting: Meeting, *, by: User | None) -> Briefing:
    """Ask for a new version of the briefing; a worker composes it. A version in progress is returned, not doubled."""
    Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    last = meeting.briefings.select_related("job").first()
    if last and last.job and not last.job.is_over:
        return last
    briefing = Briefing.objects.create(meeting=meeting, version=last.version + 1 if last else 1, author=by)
    briefing.job = jobs.submit(
        COMPOSE_TASK, label=f"Dossier du {meeting}", academy=meeting.academy.slug, by=by, briefing=briefing.pk
    )
    briefing.save(update_fields=["job"])
    audit.record(by, COMPOSE_BRIEFING, briefing, academy=meeting.academy.slug)
    return briefing


def compose_briefing(claim: Claim) -> None:
    """The worker's part: freeze the figures, draw the PDF from them, keep both. Raises `JobRefused`."""
    briefing = Briefing.objects.select_related("meeting__academy").get(pk=claim.job.parameters["briefing"])
    claim.progress(0, 3, "Calcul des chiffres")
    try:
        content = freeze(briefing.meeting)
        claim.progress(1, 3, "Mise en page")
        pdf = draw(content)
    except (FigureRefused, SlideOverflow) as refusal:
        raise JobRefused(str(refusal)) from refusal
    claim.progress(2, 3, "Enregistrement")
    with claim.commit():
        briefing.content, briefing.frozen_at = content, timezone.now()
        briefing.pdf = default_storage.save(f"briefings/{briefing.identifier}.pdf", ContentFile(pdf))
        briefing.save(update_fields=["content", "frozen_at", "pdf"])


def freeze(meeting: Meeting) -> dict[str, Any]:
    """The whole briefing as plain JSON: figures, words and layout, as they are now in the registers."""
    frozen: dict[str, Any] = json.loads(json.dumps(compose(meeting).freeze()))
    return frozen


def draw(content: dict[str, Any]) -> bytes:
    """The PDF of a frozen briefing: the same content always gives the same bytes. Raises `SlideOverflow`."""
    identifier = hashlib.sha256(to_json(content)).hexdigest()[:32]
    return to_pdf(Deck.thaw(content), identifier=identifier, brand=settings.OPALE_STATE_BRAND)


def to_json(content: dict[str, Any]) -> bytes:
    """The file form of a frozen briefing."""
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True).encode()


@transaction.atomic
def publish(briefing: Briefing, *, by: User) -> Briefing:
    """Let the members of the committee see this version."""
    if not briefing.is_ready:
        raise MeetingRefused("Ce dossier n’est pas encore composé.")
    if briefing.published_at is None:
        briefing.published_at = timezone.now()
        briefing.save(update_fields=["published_at"])
        audit.record(by, PUBLISH_BRIEFING, briefing, academy=briefing.meeting.academy.slug)
    return briefing


def note_download(briefing: Briefing, form: str, *, by: User) -> None:
    """Write in the trail who took the briefing, and in which form."""
    audit.exported(by, DOWNLOAD_BRIEFING, briefing, academy=briefing.meeting.academy.slug, form=form)


def outline(briefing: Briefing) -> list[tuple[str, str]]:
    """(point of the agenda, headline) of each slide of a frozen briefing."""
    if not briefing.content:
        return []
    titles = briefing.content["sections"]
    return [
        (titles[slide["section"] - 1] if slide["section"] else "", slide["headline"])
        for slide in briefing.content["slides"]
    ]
