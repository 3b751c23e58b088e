"""Tutors: the list, one tutor and the tutorships held, and the ends."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.columns import Column, headings
from accounts.pagination import paginate
from accounts.requests import SignedInRequest
from accounts.rights import requires
from deployment.models import Academy
from figures.french import of_name
from tutoring.forms.candidates import DatedForm, TutorForm, TutorshipForm
from tutoring.forms.offers import OfferForm
from tutoring.models import Assignment, Paper, Tutor
from tutoring.rights import (
    ISSUE_PAPERS,
    MATCH_TUTORS,
    NOTE_TRAINING,
    OPEN_TUTOR_ACCESS,
    RECORD_WORK,
    VIEW_PAPERS,
    VIEW_TUTORS,
)
from tutoring.services import tutors
from tutoring.services.refusals import TutoringRefused
from tutoring.tutorships import loads, standing_rows
from tutoring.work import tutored_places

COLUMNS = (
    Column("Nom"),
    Column("Établissement ou académie"),
    Column("Sphères"),
    Column("Tutorats", is_number=True),
    Column("Mission"),
)


@requires(VIEW_TUTORS)
def tutor_list(request: SignedInRequest, academy: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    rows = Tutor.objects.for_user(request.user, VIEW_TUTORS, academy).select_related("establishment", "academy")
    page = paginate(rows.order_by("name", "pk"), request)
    held = loads(standing_rows(academy_row, academy_row.today))
    for tutor in page:
        tutor.load = held.get(tutor.pk, 0)
    audit.seen(request.user, VIEW_TUTORS, "Tuteurs", academy=academy, number=page.paginator.count)
    context = {
        "academy_row": academy_row,
        "page": page,
        "headings": headings(COLUMNS),
        "may_match": request.user.may(MATCH_TUTORS, academy),
        "crumb": "Tuteurs",
    }
    return render(request, "tutoring/tutor_list.html", context)


@requires(MATCH_TUTORS)
def tutor_new(request: SignedInRequest, academy: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    form = TutorForm(request.POST or None, academy=academy_row)
    if form.is_valid():
        try:
            tutor = tutors.register(form.tutor, by=request.user, reason=form.cleaned_data["reason"])
        except TutoringRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{tutor} est dans la liste des tuteurs.")
            return redirect(tutor)
    context = {
        "academy_row": academy_row,
        "form": form,
        "title": "Ajouter un tuteur",
        "lead": "Pour un tuteur déjà en place, ou venu d’une autre académie : il n’a pas de candidature ici.",
        "button": "Ajouter le tuteur",
        "crumb": "Ajouter un tuteur",
        "back": reverse("tutoring:tutor_list", args=[academy]),
    }
    return render(request, "tutoring/form.html", context, status=400 if form.errors else 200)


@requires(MATCH_TUTORS)
def tutor_edit(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    """What the tutor offers from now on."""
    tutor = _tutor(request, academy, pk)
    form = OfferForm(request.POST or None, tutor=tutor)
    if form.is_valid():
        try:
            tutors.change(tutor, by=request.user, **form.cleaned_data)
        except TutoringRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"L’offre {of_name(tutor.name)} est enregistrée.")
            return redirect(tutor)
    context = {
        "academy_row": tutor.academy,
        "form": form,
        "title": f"Modifier l’offre {of_name(tutor.name)}",
        "lead": "Ce que ce tuteur accepte désormais ; ses tutorats en place ne changent pas.",
        "button": "Enregistrer",
        "crumb": tutor.name,
        "back": tutor.get_absolute_url(),
    }
    return render(request, "tutoring/form.html", context, status=400 if form.errors else 200)


@requires(VIEW_TUTORS)
def tutor_detail(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    tutor = _tutor(request, academy, pk)
    audit.seen(request.user, VIEW_TUTORS, tutor, academy=academy)
    return render(request, "tutoring/tutor_detail.html", _detail(request, tutor))


@require_POST
@requires(MATCH_TUTORS)
def tutor_assign(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    """Write down a tutorship agreed outside the matching."""
    tutor = _tutor(request, academy, pk)
    form = TutorshipForm(request.POST, tutor=tutor)
    if form.is_valid():
        asked = form.cleaned_data
        when = {"effective_on": asked["effective_on"], "reason": asked["reason"], "by": request.user}
        try:
            row = tutors.note_tutorship(tutor, *form.asked, **when)
        except TutoringRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Tutorat inscrit, à compter du {row.effective_on:%d/%m/%Y}.")
            return redirect(tutor)
    context = _detail(request, tutor) | {"tutorship_form": form}
    return render(request, "tutoring/tutor_detail.html", context, status=400)


@requires(MATCH_TUTORS)
def tutor_end(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    tutor = _tutor(request, academy, pk)
    form = DatedForm(request.POST or None, academy=tutor.academy)
    if form.is_valid():
        try:
            tutors.end_mission(
                tutor, form.cleaned_data["effective_on"], by=request.user, reason=form.cleaned_data["reason"]
            )
        except TutoringRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"La mission {of_name(tutor.name)} se termine.")
            return redirect(tutor)
    title = f"Mettre fin à la mission {of_name(tutor.name)}"
    lead = "Cette personne ne recevra plus de besoin. Les tutorats en cours se terminent un à un, depuis sa page."
    return _ask_to_end(request, tutor, form, title, lead)


@requires(MATCH_TUTORS)
def tutorship_end(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    """From a day on, nobody serves this need any more; it can then be matched again."""
    rows = Assignment.objects.filter(need__wave__academy__slug=academy, tutor__isnull=False)
    chosen = get_object_or_404(rows.select_related("need__agency__seat", "need__wave", "tutor__academy"), pk=pk)
    tutor = chosen.tutor
    assert tutor
    form = DatedForm(request.POST or None, academy=tutor.academy)
    if form.is_valid():
        try:
            tutors.end_tutorship(
                chosen, form.cleaned_data["effective_on"], by=request.user, reason=form.cleaned_data["reason"]
            )
        except TutoringRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Le tutorat se termine ; le besoin peut être apparié de nouveau.")
            return redirect("tutoring:matching_board", academy, chosen.need.wave.code)
    title = f"Mettre fin au tutorat {of_name(tutor.name)}"
    lead = f"{chosen.need.agency.seat.name}, {chosen.need.get_sphere_display().lower()}, {chosen.need.wave}."
    return _ask_to_end(request, tutor, form, title, lead)


def _tutor(request: SignedInRequest, academy: str, pk: int) -> Tutor:
    rows = Tutor.objects.for_user(request.user, VIEW_TUTORS, academy)
    return get_object_or_404(rows.select_related("academy", "establishment", "application__academy"), pk=pk)


def _detail(request: SignedInRequest, tutor: Tutor) -> dict[str, Any]:
    academy = tutor.academy
    may_match = request.user.may(MATCH_TUTORS, academy.slug)
    rows = [row for row in standing_rows(academy, academy.today) if row.tutor_id == tutor.pk]
    return {
        "academy_row": academy,
        "today": academy.today,
        "tutor": tutor,
        "tutorships": rows,
        "load": len({row.need_id for row in rows}),
        "work": _work(request, tutor),
        "may_match": may_match,
        **_papers(request, tutor),
        "tutorship_form": TutorshipForm(tutor=tutor) if may_match and not tutor.ended_on else None,
        "crumb": tutor.name,
    }


def _papers(request: SignedInRequest, tutor: Tutor) -> dict[str, Any]:
    """The letters and orders of this tutor, for who may see them."""
    slug = tutor.academy.slug
    if not request.user.may(VIEW_PAPERS, slug):
        return {"papers": None}
    ending = Paper.objects.filter(tutor=tutor).to_renew(tutor.academy.today)
    return {
        "papers": list(Paper.objects.for_tutors([tutor]).select_related("academy")),
        "ending": set(ending.values_list("pk", flat=True)),
        "may_issue": request.user.may(ISSUE_PAPERS, slug),
    }


def _work(request: SignedInRequest, tutor: Tutor) -> dict[str, Any]:
    """What the tutor does, and what this person may note of it."""
    slug = tutor.academy.slug
    return {
        "places": tutored_places(tutor.academy, [tutor], tutor.academy.today),
        "visits": tutor.visits.standing().count(),
        "may_record": request.user.may(RECORD_WORK, slug),
        "may_open": request.user.may(OPEN_TUTOR_ACCESS, slug),
        "may_train": request.user.may(NOTE_TRAINING, slug),
    }


def _ask_to_end(request: SignedInRequest, tutor: Tutor, form: DatedForm, title: str, lead: str) -> HttpResponse:
    context = {
        "academy_row": tutor.academy,
        "form": form,
        "title": title,
        "lead": lead,
        "button": "Mettre fin",
        "crumb": tutor.name,
        "back": tutor.get_absolute_url(),
    }
    return render(request, "tutoring/form.html", context, status=400 if form.errors else 200)
