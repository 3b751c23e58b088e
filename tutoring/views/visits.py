"""Visits, for the service: the list, noting one for a tutor, one with its answers, cancelling, asking again."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.columns import Column, headings
from accounts.pagination import paginate
from accounts.requests import SignedInRequest
from accounts.rights import requires
from deployment.models import Academy
from figures.french import of_name
from tutoring import work
from tutoring.forms.candidates import ReasonForm
from tutoring.forms.work import StaffVisitForm
from tutoring.models import Tutor, Visit
from tutoring.rights import RECORD_WORK, VIEW_WORK
from tutoring.services import visit_links, visits
from tutoring.views.asking import Question, ask, press

COLUMNS = (
    Column("Date"),
    Column("Tuteur"),
    Column("Établissement"),
    Column("Forme"),
    Column("Objet"),
    Column("Réponse de l’établissement"),
)
LONGEST_KEY = 9  # digits: beyond, SQLite would overflow


@requires(VIEW_WORK)
def visit_list(request: SignedInRequest, academy: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    rows = Visit.objects.for_user(request.user, VIEW_WORK, academy)
    if (number := request.GET.get("tuteur", "")).isdecimal():
        rows = rows.filter(tutor=int(number[:LONGEST_KEY]))
    page = paginate(rows.order_by("-on", "-pk").values_list("pk", flat=True), request)
    page.object_list = work.shown(academy_row, Visit.objects.filter(pk__in=list(page.object_list)))
    audit.seen(request.user, VIEW_WORK, "Visites des tuteurs", academy=academy, number=page.paginator.count)
    context = {"academy_row": academy_row, "page": page, "headings": headings(COLUMNS), "crumb": "Visites"}
    return render(request, "tutoring/visit_list.html", context)


@requires(RECORD_WORK)
def tutor_visit(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    """The service notes a visit for a tutor."""
    rows = Tutor.objects.for_user(request.user, RECORD_WORK, academy)
    tutor = get_object_or_404(rows.select_related("academy"), pk=pk)
    places = [row.establishment for row in work.tutored_places(tutor.academy, [tutor], tutor.academy.today)]
    form = StaffVisitForm(request.POST or None, tutor=tutor, places=places, initial={"on": tutor.academy.today})

    def act() -> str:
        return noted(visits.record(form.visit, by=request.user))

    lead = "L’établissement reçoit un lien pour confirmer la visite et dire si elle a été utile."
    question = Question(
        f"Noter une visite {of_name(tutor.name)}", lead, "Noter la visite", tutor.get_absolute_url(), tutor.name
    )
    return ask(request, tutor.academy, form, question, act)


@requires(VIEW_WORK)
def visit_detail(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    visit = _visit(request, academy, pk)
    audit.seen(request.user, VIEW_WORK, f"visite · {visit}", academy=academy)
    (row,) = work.shown(visit.tutor.academy, Visit.objects.filter(pk=visit.pk))
    context = {
        "academy_row": visit.tutor.academy,
        "visit": row,
        "feedbacks": list(visit.feedbacks.order_by("-number")),
        "links": list(visit.tutor.visit_links.filter(establishment=visit.establishment).order_by("-pk")),
        "may_record": request.user.may(RECORD_WORK, academy) and not visit.cancelled_at,
        "crumb": "Visite",
    }
    return render(request, "tutoring/visit_detail.html", context)


@requires(RECORD_WORK)
def visit_cancel(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    visit = _visit(request, academy, pk)
    form = ReasonForm(request.POST or None)

    def act() -> str:
        visits.cancel(visit, reason=form.cleaned_data["reason"], by=request.user)
        return "La visite est annulée ; sa ligne est gardée, avec le motif."

    lead = f"{visit} : une visite fausse ne se corrige pas, elle s’annule et se note de nouveau."
    question = Question("Annuler une visite", lead, "Annuler la visite", visit.get_absolute_url())
    return ask(request, visit.tutor.academy, form, question, act)


@require_POST
@requires(RECORD_WORK)
def visit_ask(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    """Write to the establishment once more."""
    visit = _visit(request, academy, pk)

    def act() -> str:
        return f"Un nouveau lien part à {visit_links.ask_again(visit, by=request.user).email}."

    return press(request, visit.get_absolute_url(), act)


def noted(visit: Visit) -> str:
    """What was done, and what to look at."""
    said = ["La visite est notée."]
    if visit.is_untrained:
        said.append("Attention : la formation à la prise en main à distance n’est pas notée pour ce tuteur.")
    if not visit_links.recipient(visit)[1]:
        said.append(
            "Attention : ni le chef d’établissement ni l’établissement n’ont d’adresse, personne ne confirmera."
        )
    return " ".join(said)


def _visit(request: SignedInRequest, academy: str, pk: int) -> Visit:
    rows = Visit.objects.for_user(request.user, VIEW_WORK, academy)
    return get_object_or_404(rows.select_related("tutor__academy", "establishment", "author", "cancelled_by"), pk=pk)
