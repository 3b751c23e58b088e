"""The matching of one wave: the board, solving, choosing, and writing tutorships in the register."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.columns import Column, headings
from accounts.models import Job
from accounts.requests import SignedInRequest
from accounts.rights import requires
from deployment.models import Wave
from figures.french import count
from tutoring.boards import board_page, waiting_seats
from tutoring.forms.candidates import AcceptForm
from tutoring.rights import MATCH_TUTORS, VIEW_TUTORS
from tutoring.services import matchings
from tutoring.services.refusals import TutoringRefused
from tutoring.tutorships import standing_rows

COLUMNS = (
    Column("Besoin"),
    Column("Tuteur proposé"),
    Column("Distance", is_number=True),
    Column("Charge"),
    Column("Pourquoi"),
)
CHOICE = Column("Choix")


@requires(VIEW_TUTORS)
def matching_board(request: SignedInRequest, academy: str, code: str) -> HttpResponse:
    wave = _wave(academy, code)
    audit.seen(request.user, VIEW_TUTORS, f"Appariement de la {wave}", academy=academy)
    return render(request, "tutoring/matching_board.html", _shown(request, wave))


@require_POST
@requires(MATCH_TUTORS)
def matching_propose(request: SignedInRequest, academy: str, code: str) -> HttpResponse:
    wave = _wave(academy, code)
    try:
        made = matchings.request(wave, on=wave.academy.today, by=request.user)
    except TutoringRefused as refusal:
        messages.error(request, str(refusal))
    else:
        if isinstance(made, Job):
            messages.info(request, "Le calcul est long : il se fait en arrière-plan.")
            return redirect("accounts:job_detail", academy, made.pk)
        messages.success(request, f"Proposition calculée : {count(len(made.pairs), 'besoin servi', 'besoins servis')}.")
    return redirect("tutoring:matching_board", academy, code)


@require_POST
@requires(MATCH_TUTORS)
def matching_choose(request: SignedInRequest, academy: str, code: str) -> HttpResponse:
    """Lock this need to that tutor, or unlock it (« deverrouiller » is sent)."""
    wave = _wave(academy, code)
    tutor = "" if "deverrouiller" in request.POST else request.POST.get("tutor", "")
    try:
        if not tutor and "deverrouiller" not in request.POST:
            raise TutoringRefused("Choisissez un tuteur.")
        matchings.choose(wave, request.POST.get("need", ""), tutor, on=wave.academy.today, by=request.user)
    except TutoringRefused as refusal:
        messages.error(request, str(refusal))
    else:
        done = "Paire verrouillée : le prochain calcul la gardera." if tutor else "Paire déverrouillée."
        messages.success(request, done)
    return redirect("tutoring:matching_board", academy, code)


@require_POST
@requires(MATCH_TUTORS)
def matching_accept(request: SignedInRequest, academy: str, code: str) -> HttpResponse:
    """Write the pairs chosen in the register, exactly as the page showed them."""
    wave = _wave(academy, code)
    form = AcceptForm(request.POST, academy=wave.academy)
    if form.is_valid():
        asked = form.cleaned_data
        when = {"effective_on": asked["effective_on"], "reason": asked["reason"], "by": request.user}
        try:
            rows = matchings.accept(wave, form.pairs(request.POST), **when)
        except TutoringRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{count(len(rows), 'tutorat inscrit', 'tutorats inscrits')}.")
            return redirect("tutoring:matching_board", academy, code)
    context = _shown(request, wave) | {"form": form, "ticked": request.POST.getlist("pair")}
    return render(request, "tutoring/matching_board.html", context, status=400)


def _wave(academy: str, code: str) -> Wave:
    return get_object_or_404(Wave.objects.select_related("academy"), academy__slug=academy, code=code)


def _shown(request: SignedInRequest, wave: Wave) -> dict[str, Any]:
    academy = wave.academy
    may_match = request.user.may(MATCH_TUTORS, academy.slug)
    board = matchings.board(wave, on=academy.today)
    return {
        "academy_row": academy,
        "today": academy.today,
        "wave": wave,
        "board": board,
        "shown": board_page(board),
        "choose_url": reverse("tutoring:matching_choose", args=[academy.slug, wave.code]),
        "waiting": waiting_seats(board),
        "tutorships": [row for row in standing_rows(academy, academy.today) if row.need.wave_id == wave.pk],
        "headings": headings((*COLUMNS, CHOICE) if may_match else COLUMNS),
        "may_match": may_match,
        "form": AcceptForm(academy=academy) if may_match and board.solution.pairs else None,
        "ticked": (),
        "crumb": f"Appariement de la {wave}",
    }
