"""A tutor's own pages: the establishments tutored, the visits to note, what was confirmed, the indemnities."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.columns import Column, headings
from accounts.requests import SignedInRequest
from accounts.rights import requires
from deployment.models import Academy, Establishment
from tutoring import work
from tutoring.forms.candidates import ReasonForm
from tutoring.forms.work import DifficultyForm, VisitForm
from tutoring.ledger import LedgerLine, ledger
from tutoring.models import Paper, Tutor, Visit
from tutoring.models.papers import PaperQuerySet
from tutoring.models.tutors import TutorQuerySet
from tutoring.rights import SEE_OWN_TUTORING
from tutoring.school_years import SchoolYear
from tutoring.services import difficulties, paper_files, visits
from tutoring.views.asking import Question, ask
from tutoring.views.visits import noted

VISITS = (
    Column("Date"),
    Column("Établissement"),
    Column("Forme"),
    Column("Objet"),
    Column("Réponse de l’établissement"),
)
INDEMNITIES = (
    Column("Année scolaire"),
    Column("Établissement tutoré"),
    Column("Jours", is_number=True),
    Column("Montant", is_number=True),
    Column("Où elle en est"),
)
LAST_VISITS, LAST_YEARS = 50, 2


@requires(SEE_OWN_TUTORING)
def own_tutoring(request: SignedInRequest, academy: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    tutors = _own(request, academy)
    rows = Visit.objects.of_person(request.user, academy).order_by("-on", "-pk")[:LAST_VISITS]
    context = {
        "academy_row": academy_row,
        "today": academy_row.today,
        "tutors": tutors,
        "is_trained": any(tutor.remote_training_on for tutor in tutors),
        "places": work.tutored_places(academy_row, tutors, academy_row.today) if tutors else [],
        "papers": list(_own_papers(tutors)) if tutors else [],
        "ending": (),
        "visits": work.shown(academy_row, Visit.objects.filter(pk__in=rows.values("pk"))) if tutors else [],
        "visit_headings": headings(VISITS),
        "indemnities": _indemnities(academy_row, tutors),
        "indemnity_headings": headings(INDEMNITIES),
    }
    return render(request, "tutoring/own_tutoring.html", context)


@requires(SEE_OWN_TUTORING)
def own_paper_download(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    """One's own letter or order, as PDF; the service alone takes the DOCX."""
    paper = get_object_or_404(_own_papers(_own(request, academy)), pk=pk)
    content = paper_files.download(paper, paper_files.PDF, by=request.user, right=SEE_OWN_TUTORING)
    response = HttpResponse(content, content_type=paper_files.FORMS[paper_files.PDF])
    response["Content-Disposition"] = f'attachment; filename="{paper_files.file_name(paper, paper_files.PDF)}"'
    return response


@requires(SEE_OWN_TUTORING)
def own_visit(request: SignedInRequest, academy: str) -> HttpResponse:
    """Note a visit or a remote session."""
    tutor = get_object_or_404(_own_rows(request, academy).filter(ended_on=None))
    places = [row.establishment for row in work.tutored_places(tutor.academy, [tutor], tutor.academy.today)]
    form = VisitForm(request.POST or None, tutor=tutor, places=places, initial={"on": tutor.academy.today})

    def act() -> str:
        return noted(visits.record(form.visit, by=request.user))

    lead = "L’établissement reçoit un lien pour confirmer la visite et dire si elle lui a été utile."
    return ask(request, tutor.academy, form, Question("Noter une visite", lead, "Noter la visite", _home(academy)), act)


@requires(SEE_OWN_TUTORING)
def own_visit_cancel(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    rows = Visit.objects.of_person(request.user, academy).select_related("tutor__academy", "establishment")
    visit = get_object_or_404(rows, pk=pk)
    form = ReasonForm(request.POST or None)

    def act() -> str:
        visits.cancel(visit, reason=form.cleaned_data["reason"], by=request.user)
        return "La visite est annulée ; sa ligne est gardée, avec le motif."

    lead = f"{visit.establishment.name}, {visit.on:%d/%m/%Y} : une visite fausse s’annule et se note de nouveau."
    question = Question("Annuler une visite", lead, "Annuler la visite", _home(academy))
    return ask(request, visit.tutor.academy, form, question, act)


@requires(SEE_OWN_TUTORING)
def own_difficulty(request: SignedInRequest, academy: str, uai: str) -> HttpResponse:
    """Say how far the users of one of one's own establishments master Op@le."""
    academy_row = get_object_or_404(Academy, slug=academy)
    places = work.tutored_places(academy_row, _own(request, academy), academy_row.today)
    own = [row.establishment.pk for row in places]
    place = get_object_or_404(Establishment.objects.filter(pk__in=own).select_related("academy"), uai=uai)
    form = DifficultyForm(request.POST or None, academy=academy_row)

    def act() -> str:
        row = difficulties.note(place, **form.asked, by=request.user)
        return f"{place.name} : {row.get_level_display().lower()}."

    lead = f"{place.name}. Le service et l’EAFC voient ce niveau ; l’établissement ne le voit pas."
    question = Question("Niveau de difficulté", lead, "Noter le niveau", _home(academy))
    return ask(request, academy_row, form, question, act)


def _own_rows(request: SignedInRequest, academy: str) -> TutorQuerySet:
    rows = Tutor.objects.filter(user=request.user, academy__slug=academy)
    return rows.select_related("academy", "establishment").order_by("pk")


def _own(request: SignedInRequest, academy: str) -> list[Tutor]:
    """The tutor, or tutors after an interruption, that this account is."""
    return list(_own_rows(request, academy))


def _own_papers(tutors: list[Tutor]) -> PaperQuerySet:
    """The letters and orders in force or to sign; those cancelled, refused or replaced are the service's."""
    return Paper.objects.for_tutors(tutors).live().select_related("academy")


def _home(academy: str) -> str:
    return reverse("tutoring:own_tutoring", args=[academy])


def _indemnities(academy: Academy, tutors: list[Tutor]) -> list[LedgerLine]:
    """Of this school year and of the one before."""
    if not tutors:
        return []
    current = SchoolYear.of(academy.today)
    years = [SchoolYear(current.first - back) for back in range(LAST_YEARS)]
    keys = [tutor.pk for tutor in tutors]
    return [line for year in years for line in ledger(academy, year, tutors=keys)]
