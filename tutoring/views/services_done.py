"""« Service fait », for the service: what each tutor did in a school year, attested and corrected, without amounts."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts import audit
from accounts.columns import Column, headings
from accounts.requests import SignedInRequest
from accounts.rights import Right, requires
from deployment.models import Academy
from tutoring.forms.work import CorrectionForm, GroundForm
from tutoring.ledger import LedgerLine, ledger, years
from tutoring.models import Indemnity
from tutoring.rights import ATTEST_WORK
from tutoring.school_years import SchoolYear
from tutoring.services import indemnities
from tutoring.views.asking import Question, ask

COLUMNS = (
    Column("Tuteur"),
    Column("Établissement tutoré"),
    Column("Période"),
    Column("Jours", is_number=True),
    Column("Visites confirmées", is_number=True),
    Column("Service fait"),
)


@requires(ATTEST_WORK)
def service_list(request: SignedInRequest, academy: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    context = of_year(request, academy_row, ATTEST_WORK)
    context |= {"headings": headings(COLUMNS), "crumb": "Service fait"}
    return render(request, "tutoring/service_list.html", context)


@requires(ATTEST_WORK)
def service_attest(request: SignedInRequest, academy: str, pk: int, uai: str, year: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    line = _line(academy_row, pk, uai, _year(year))
    form = GroundForm(request.POST if request.method == "POST" else None)

    def act() -> str:
        reason = form.cleaned_data["reason"]
        indemnities.attest(line.tutor, line.establishment, line.year, by=request.user, reason=reason)
        return f"Service fait attesté pour {line.tutor}, {line.establishment.name}."

    confirmed = f"{line.confirmed} sur {line.visits} visites notées" if line.visits else "aucune visite notée"
    about = f"{line.tutor}, {line.establishment.name}, {line.year}"
    lead = f"{about} : {line.days} jours de tutorat ; visites confirmées : {confirmed}."
    question = Question("Attester le service fait", lead, "Attester", _back(academy, line.year))
    return ask(request, academy_row, form, question, act)


@requires(ATTEST_WORK)
def indemnity_correct(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    """Owe what the registers tell today; the difference goes in the next statement."""
    rows = Indemnity.objects.for_user(request.user, ATTEST_WORK, academy)
    indemnity = get_object_or_404(rows.select_related("tutor__academy", "establishment"), pk=pk)
    line = _line(indemnity.tutor.academy, indemnity.tutor_id, indemnity.establishment.uai, indemnity.year)
    form = CorrectionForm(request.POST or None)

    def act() -> str:
        indemnities.correct(indemnity, by=request.user, **form.cleaned_data)
        return "La correction est notée : elle sera une ligne du prochain état de paiement."

    told = line.work.days if line.work else 0
    lead = f"{indemnity} : {line.days} jours attestés, {told} par les registres d’aujourd’hui."
    question = Question("Corriger un service fait", lead, "Corriger", _back(academy, indemnity.year))
    return ask(request, indemnity.tutor.academy, form, question, act)


def of_year(request: SignedInRequest, academy: Academy, right: Right) -> dict[str, Any]:
    """The ledger of the school year asked (`?annee=2023-2024`), the one before today's by default."""
    offered = years(academy)
    asked = request.GET.get("annee", "")
    year = _year(asked) if asked else SchoolYear(SchoolYear.of(academy.today).first - 1)
    lines = ledger(academy, year)
    audit.seen(request.user, right, f"Indemnités {year}", academy=academy.slug, number=len(lines))
    return {
        "academy_row": academy,
        "year": year,
        "years": offered if year in offered else [*offered, year],
        "lines": lines,
    }


def _year(text: str) -> SchoolYear:
    try:
        return SchoolYear.parse(text)
    except ValueError as refusal:
        raise Http404(str(refusal)) from refusal


def _line(academy: Academy, tutor: int, uai: str, year: SchoolYear) -> LedgerLine:
    """The line of that tutor and establishment. Raises `Http404`."""
    for line in ledger(academy, year, tutors=[tutor]):
        if line.establishment.uai == uai:
            return line
    raise Http404


def _back(academy: str, year: SchoolYear) -> str:
    return f"{reverse('tutoring:service_list', args=[academy])}?annee={year}"
