"""Meetings, agenda and briefings."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.requests import SignedInRequest
from accounts.rights import requires
from cosui import services
from cosui.forms import AgendaItemForm, MeetingForm, TypedSlideForm
from cosui.models import AgendaItem, Briefing, Meeting, TypedSlide
from cosui.rights import (
    COMPOSE_BRIEFING,
    DOWNLOAD_BRIEFING,
    EDIT_AGENDA,
    PUBLISH_BRIEFING,
    VIEW_DRAFTS,
    VIEW_MEETINGS,
)
from cosui.services import MeetingRefused
from deployment.models import Academy


@requires(VIEW_MEETINGS)
def meeting_list(request: SignedInRequest, academy: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    meetings = Meeting.objects.filter(academy=academy_row).select_related("academy").order_by("-held_on")
    may_edit = request.user.may(EDIT_AGENDA, academy)
    context = {"academy_row": academy_row, "meetings": meetings, "may_edit": may_edit}
    return render(request, "cosui/meeting_list.html", context)


@requires(EDIT_AGENDA)
def meeting_new(request: SignedInRequest, academy: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    form = MeetingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(services.plan_meeting(academy_row, form.cleaned_data["held_on"], by=request.user))
        except MeetingRefused as refusal:
            form.add_error("held_on", str(refusal))
    return _form_page(request, academy_row, form, "Prévoir un comité")


@requires(VIEW_MEETINGS)
def meeting_detail(request: SignedInRequest, academy: str, held_on: date) -> HttpResponse:
    meeting = _meeting(academy, held_on)
    user = request.user
    briefings = _visible(request, academy).filter(meeting=meeting).select_related("job", "author", "meeting__academy")
    context = {
        "academy_row": meeting.academy,
        "crumb": f"{meeting.title} du {held_on:%d/%m/%Y}",
        "meeting": meeting,
        "items": meeting.items.prefetch_related("slides"),
        "briefings": briefings,
        "may_edit": user.may(EDIT_AGENDA, academy),
        "may_compose": user.may(COMPOSE_BRIEFING, academy),
    }
    return render(request, "cosui/meeting_detail.html", context)


@requires(EDIT_AGENDA)
def item_edit(request: SignedInRequest, academy: str, held_on: date, position: int = 0) -> HttpResponse:
    """Change the point of that position; 0 adds one."""
    meeting = _meeting(academy, held_on)
    item = get_object_or_404(meeting.items, position=position) if position else AgendaItem(meeting=meeting, on=held_on)
    form = AgendaItemForm(request.POST or None, instance=item, meeting=meeting)
    if request.method == "POST" and form.is_valid():
        services.save_item(form.save(commit=False), by=request.user)
        messages.success(request, "Le point est enregistré.")
        return redirect(meeting)
    return _form_page(request, meeting.academy, form, f"Point {position}" if position else "Ajouter un point", meeting)


@requires(EDIT_AGENDA)
def slide_edit(request: SignedInRequest, academy: str, held_on: date, position: int, number: int = 0) -> HttpResponse:
    """Change that typed slide of that point; number 0 adds one."""
    meeting = _meeting(academy, held_on)
    item = get_object_or_404(meeting.items.select_related("meeting__academy"), position=position)
    slide = get_object_or_404(item.slides.select_related("item__meeting__academy"), position=number) if number else None
    form = TypedSlideForm(request.POST or None, instance=slide or TypedSlide(item=item))
    if request.method == "POST" and form.is_valid():
        services.save_slide(form.save(commit=False), by=request.user)
        messages.success(request, "La page est enregistrée.")
        return redirect(meeting)
    return _form_page(request, meeting.academy, form, f"{item} : une page", meeting)


@require_POST
@requires(EDIT_AGENDA)
def slide_delete(request: SignedInRequest, academy: str, held_on: date, position: int, number: int) -> HttpResponse:
    meeting = _meeting(academy, held_on)
    slides = TypedSlide.objects.select_related("item__meeting__academy")
    slide = get_object_or_404(slides, item__meeting=meeting, item__position=position, position=number)
    services.remove_slide(slide, by=request.user)
    messages.success(request, "La page est retirée.")
    return redirect(meeting)


@require_POST
@requires(COMPOSE_BRIEFING)
def briefing_compose(request: SignedInRequest, academy: str, held_on: date) -> HttpResponse:
    meeting = _meeting(academy, held_on)
    return redirect(services.request_briefing(meeting, by=request.user))


@requires(DOWNLOAD_BRIEFING)
def briefing_detail(request: SignedInRequest, academy: str, identifier: UUID) -> HttpResponse:
    briefing = _briefing(request, academy, identifier)
    context = {
        "academy_row": briefing.meeting.academy,
        "crumb": f"Version {briefing.version}",
        "briefing": briefing,
        "may_publish": request.user.may(PUBLISH_BRIEFING, academy),
        "outline": services.outline(briefing),
    }
    return render(request, "cosui/briefing_detail.html", context)


@require_POST
@requires(PUBLISH_BRIEFING)
def briefing_publish(request: SignedInRequest, academy: str, identifier: UUID) -> HttpResponse:
    briefing = _briefing(request, academy, identifier)
    try:
        services.publish(briefing, by=request.user)
        messages.success(request, "Les membres du comité peuvent télécharger ce dossier.")
    except MeetingRefused as refusal:
        messages.error(request, str(refusal))
    return redirect(briefing)


@requires(DOWNLOAD_BRIEFING)
def briefing_download(request: SignedInRequest, academy: str, identifier: UUID, form: str) -> HttpResponseBase:
    """The PDF, or the frozen figures as JSON."""
    briefing = _briefing(request, academy, identifier)
    if not briefing.is_ready or briefing.content is None:
        raise Http404
    name = f"cosui-{academy}-{briefing.meeting.held_on}.{form}"
    services.note_download(briefing, form, by=request.user)
    if form == "json":
        response = HttpResponse(services.to_json(briefing.content), content_type="application/json")
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
    return FileResponse(default_storage.open(briefing.pdf), as_attachment=True, filename=name)


def _meeting(academy: str, held_on: date) -> Meeting:
    return get_object_or_404(Meeting.objects.select_related("academy"), academy__slug=academy, held_on=held_on)


def _visible(request: SignedInRequest, academy: str) -> Any:
    """Briefings of that académie that this person may see: members see what is published."""
    rows = Briefing.objects.filter(meeting__academy__slug=academy)
    return rows if request.user.may(VIEW_DRAFTS, academy) else rows.exclude(published_at=None)


def _briefing(request: SignedInRequest, academy: str, identifier: UUID) -> Briefing:
    rows = _visible(request, academy).select_related("meeting__academy", "job", "author")
    briefing: Briefing = get_object_or_404(rows, identifier=identifier)
    return briefing


def _form_page(
    request: SignedInRequest, academy: Academy, form: Any, title: str, meeting: Meeting | None = None
) -> HttpResponse:
    context = {"academy_row": academy, "form": form, "title": title, "crumb": title, "meeting": meeting}
    return render(request, "cosui/form.html", context)
