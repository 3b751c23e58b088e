"""Money: the ledger of a school year, the statements of payment and their files. For human resources and the lead."""

from __future__ import annotations

from decimal import Decimal

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts import audit
from accounts.columns import Column, headings
from accounts.figures import rows_url
from accounts.requests import SignedInRequest
from accounts.rights import requires
from accounts.xlsx_files import xlsx_download
from deployment.models import Academy
from figures.breakdowns import Breakdown
from figures.french import euros
from tutoring import ledger
from tutoring.choices.work import IndemnityState
from tutoring.figures.indemnities import of_lines
from tutoring.forms.work import DayForm
from tutoring.models import PaymentStatement
from tutoring.rights import PAY_INDEMNITIES, VIEW_INDEMNITIES
from tutoring.services import statements
from tutoring.services.refusals import TutoringRefused
from tutoring.views.asking import Question, ask, press
from tutoring.views.services_done import of_year

COLUMNS = (
    Column("Tuteur"),
    Column("Établissement tutoré"),
    Column("Jours", is_number=True),
    Column("Montant", is_number=True),
    Column("Où elle en est"),
)
LINES = (
    Column("Rang", is_number=True),
    Column("Tuteur"),
    Column("Établissement tutoré"),
    Column("Année scolaire"),
    Column("Jours", is_number=True),
    Column("Taux", is_number=True),
    Column("Montant", is_number=True),
)


@requires(VIEW_INDEMNITIES)
def indemnity_list(request: SignedInRequest, academy: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    context = of_year(request, academy_row, VIEW_INDEMNITIES)
    figure = of_lines(academy_row, context["year"], context["lines"], on=academy_row.today)
    may_pay = request.user.may(PAY_INDEMNITIES, academy)
    call = ledger.last_call(academy_row, context["year"])
    context |= {
        "headings": headings(COLUMNS),
        "figure": figure,
        "tiles": _tiles(figure, context["lines"]),
        "call": call,
        "bonus": call.bonus_coefficient if call and may_pay else None,
        "due": ledger.due(academy_row),
        "statements": list(PaymentStatement.objects.filter(academy=academy_row).select_related("academy")),
        "may_pay": may_pay,
        "crumb": str(context["year"]),
    }
    return render(request, "tutoring/indemnity_list.html", context)


@require_POST
@requires(PAY_INDEMNITIES)
def statement_new(request: SignedInRequest, academy: str) -> HttpResponse:
    """Put all that is attested and unpaid in a numbered statement."""
    academy_row = get_object_or_404(Academy, slug=academy)

    def act() -> str:
        return f"{statements.make(academy_row, by=request.user)} est arrêté."

    return press(request, reverse("tutoring:indemnity_list", args=[academy]), act)


@requires(VIEW_INDEMNITIES)
def statement_detail(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    statement = _statement(request, academy, pk)
    audit.seen(request.user, VIEW_INDEMNITIES, statement, academy=academy)
    lines = list(statement.lines.select_related("indemnity", "correction").order_by("position"))
    context = {
        "academy_row": statement.academy,
        "statement": statement,
        "lines": lines,
        "headings": headings(LINES),
        "total": sum((line.amount for line in lines), Decimal(0)),
        "may_pay": request.user.may(PAY_INDEMNITIES, academy) and not statement.paid_on,
        "crumb": str(statement),
    }
    return render(request, "tutoring/statement_detail.html", context)


@require_safe
@requires(VIEW_INDEMNITIES)
def statement_download(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    """The XLSX file for the payroll; each download is in the trail."""
    statement = _statement(request, academy, pk)
    try:
        content = statements.content(statement)
    except TutoringRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(statement)
    audit.exported(request.user, VIEW_INDEMNITIES, statement, academy=academy, sha256=statement.sha256)
    return xlsx_download(f"etat-indemnites-{academy}-{statement.number}.xlsx", content)


@requires(PAY_INDEMNITIES)
def statement_paid(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    statement = _statement(request, academy, pk)
    form = DayForm(request.POST or None, academy=statement.academy)

    def act() -> str:
        statements.mark_paid(statement, form.day, by=request.user)
        return f"{statement} : payé le {form.day:%d/%m/%Y}."

    lead = f"{statement} : le jour où il a été mis en paiement. Chaque tuteur le voit sur sa page."
    question = Question("Noter le paiement", lead, "Noter le paiement", statement.get_absolute_url(), str(statement))
    return ask(request, statement.academy, form, question, act)


def _statement(request: SignedInRequest, academy: str, pk: int) -> PaymentStatement:
    rows = PaymentStatement.objects.for_user(request.user, VIEW_INDEMNITIES, academy)
    return get_object_or_404(rows.select_related("academy", "made_by", "paid_by"), pk=pk)


def _tiles(figure: Breakdown, lines: list[ledger.LedgerLine]) -> list[dict[str, str]]:
    """Each state with how many, what they come to, and where the number opens."""
    told = []
    for state in IndemnityState:
        amounts = [line.amount or Decimal(0) for line in lines if line.state == state]
        told.append(
            {
                "value": str(figure.value(state.value)),
                "label": str(state.label),
                "detail": euros(sum(amounts, Decimal(0))) if amounts else "",
                "link": f"{rows_url(figure)}&cellule={state.value}",
            }
        )
    return told
