"""Applications: the list, the collection from a survey, one application and the opinions on it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import audit
from accounts.columns import Column, headings
from accounts.pagination import paginate
from accounts.requests import SignedInRequest, wants_partial
from accounts.rights import requires
from deployment.models import Academy, Establishment
from figures.french import count, enumeration
from tutoring.choices.candidates import ApplicationState, CallState, Verdict
from tutoring.eligibility import obstacles
from tutoring.forms.candidates import ApplicationForm, OpinionForm, ReasonForm
from tutoring.forms.filters import ApplicationFilterForm
from tutoring.models import Application, Opinion, TutorCall
from tutoring.rights import DECIDE_APPLICATIONS, VIEW_TUTORS
from tutoring.services import applications
from tutoring.services.refusals import TutoringRefused

COLUMNS = (Column("Nom"), Column("Établissement"), Column("Sphères"), Column("Reçue le"), Column("État"))


@vary_on_headers("HX-Request")
@requires(VIEW_TUTORS)
def application_list(request: SignedInRequest, academy: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    known = Application.objects.for_user(request.user, VIEW_TUTORS, academy)
    rows = list(known.select_related("establishment", "call"))
    calls = TutorCall.objects.filter(academy=academy_row).exclude(state=CallState.DRAFT)
    numbers = Counter(row.state for row in rows)
    form = ApplicationFilterForm(request.GET, calls=calls)
    kept = form.kept(rows)
    audit.seen(request.user, VIEW_TUTORS, "Candidatures de tuteurs", academy=academy, number=len(kept))
    may_decide = request.user.may(DECIDE_APPLICATIONS, academy)
    context = {
        "academy_row": academy_row,
        "form": form,
        "states": [(state.value, state.label, numbers[state]) for state in ApplicationState if numbers[state]],
        "page": paginate(kept, request),
        "headings": headings(COLUMNS),
        "may_decide": may_decide,
        "campaign": applications.last_campaign(academy_row) if may_decide else None,
        "crumb": "Candidatures",
    }
    template = "_application_rows.html" if wants_partial(request) else "application_list.html"
    return render(request, f"tutoring/{template}", context)


@require_POST
@requires(DECIDE_APPLICATIONS)
def application_collect(request: SignedInRequest, academy: str) -> HttpResponse:
    """Collect the volunteers of the last campaign; asking twice brings nothing twice."""
    campaign = applications.last_campaign(get_object_or_404(Academy, slug=academy))
    if campaign is None:
        messages.error(request, "Aucune enquête auprès de tuteurs volontaires n’a été envoyée.")
    else:
        new = applications.collect(campaign, by=request.user)
        found = count(len(new), "nouvelle candidature", "nouvelles candidatures") if new else "aucune nouvelle"
        messages.success(request, f"« {campaign} » : {found}.")
    return redirect("tutoring:application_list", academy)


@requires(DECIDE_APPLICATIONS)
def application_new(request: SignedInRequest, academy: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    form = ApplicationForm(request.POST or None, academy=academy_row)
    if form.is_valid():
        try:
            entered = applications.enter(form.application, by=request.user)
        except TutoringRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"La candidature de {entered} est enregistrée.")
            return redirect(entered)
    context = {
        "academy_row": academy_row,
        "form": form,
        "title": "Saisir une candidature",
        "lead": "Pour une personne qui a écrit au service. Deux personnes se prononcent ensuite.",
        "button": "Enregistrer la candidature",
        "crumb": "Saisir une candidature",
        "back": reverse("tutoring:application_list", args=[academy]),
    }
    return render(request, "tutoring/form.html", context, status=400 if form.errors else 200)


@require_safe
@requires(VIEW_TUTORS)
def application_file_download(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    """The motivation as the person sent it: an attachment that no browser opens nor runs by itself."""
    application = _application(request, academy, pk)
    if not application.stored_as:
        raise Http404
    try:
        with default_storage.open(application.stored_as) as stream:
            content = stream.read()
    except OSError:
        raise Http404 from None
    audit.exported(request.user, VIEW_TUTORS, f"motivation · {application}", academy=academy)
    disposition = content_disposition_header(True, application.file_name) or "attachment"
    headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type="application/octet-stream", headers=headers)


@requires(VIEW_TUTORS)
def application_detail(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    application = _application(request, academy, pk)
    audit.seen(request.user, VIEW_TUTORS, application, academy=academy)
    return render(request, "tutoring/application_detail.html", _detail(request, application))


@require_POST
@requires(DECIDE_APPLICATIONS)
def application_decide(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    """Keep this person's opinion; the second of the same opinion decides."""
    application = _application(request, academy, pk)
    form = OpinionForm(request.POST)
    if form.is_valid():
        verdict = Verdict(form.cleaned_data["verdict"])
        try:
            decided = applications.give_opinion(
                application, verdict, by=request.user, reason=form.cleaned_data["reason"]
            )
        except TutoringRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            is_open = decided.state == ApplicationState.RECEIVED
            rest = "il faut une seconde personne du même avis." if is_open else f"{decided.get_state_display()}."
            rest += " Son message attend dans « Envois »." if decided.email and not is_open else ""
            messages.success(request, f"Votre avis est noté : {rest}")
            return redirect(application)
    context = _detail(request, application) | {"form": form}
    return render(request, "tutoring/application_detail.html", context, status=400)


@require_POST
@requires(DECIDE_APPLICATIONS)
def application_withdraw(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    application = _application(request, academy, pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            applications.withdraw(application, reason=form.cleaned_data["reason"], by=request.user)
        except TutoringRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"La candidature de {application} est retirée.")
            return redirect(application)
    context = _detail(request, application) | {"withdrawal": form}
    return render(request, "tutoring/application_detail.html", context, status=400)


def _application(request: SignedInRequest, academy: str, pk: int) -> Application:
    rows = Application.objects.for_user(request.user, VIEW_TUTORS, academy)
    return get_object_or_404(rows.select_related("academy", "call", "establishment", "tutor"), pk=pk)


def _detail(request: SignedInRequest, application: Application) -> dict[str, Any]:
    academy = application.academy
    place = Establishment.objects.with_wave(academy.today).with_agency(academy.today)
    opinions = list(application.opinions.select_related("author"))
    may_decide = request.user.may(DECIDE_APPLICATIONS, academy.slug)
    where = place.get(pk=application.establishment_id)
    call = application.call
    return {
        "academy_row": academy,
        "application": application,
        "place": where,
        "obstacles": obstacles(call, application, where.wave_code) if call else [],
        "twins": _twins(application),
        "opinions": opinions,
        "voices": _voices(opinions),
        "form": OpinionForm() if may_decide and application.state == ApplicationState.RECEIVED else None,
        "withdrawal": ReasonForm(prefix=None) if may_decide and application.may_withdraw else None,
        "crumb": application.name,
    }


def _twins(application: Application) -> list[Application]:
    """Other applications from the same address."""
    if not application.email:
        return []
    same = Application.objects.filter(academy=application.academy, email__iexact=application.email)
    return list(same.exclude(pk=application.pk).select_related("academy").order_by("received_at", "pk"))


def _voices(opinions: list[Opinion]) -> str:
    """Who is of which opinion now: « Retenir : Nadia »; the last opinion of each person counts."""
    last = {opinion.author: opinion.get_verdict_display() for opinion in opinions}
    said = [
        f"{verdict} : {enumeration(str(person) for person, held in last.items() if held == verdict)}"
        for verdict in dict.fromkeys(last.values())
    ]
    return " ; ".join(said)
