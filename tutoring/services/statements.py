"""Statements of payment: every attested and unpaid amount, once, in one numbered file for the payroll."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from accounts import audit
from accounts.models import User
from accounts.xlsx_files import xlsx_bytes
from deployment.models import Academy
from deployment.services.waves import lock
from surveys.clock import current
from tutoring.ledger import Account, accounts
from tutoring.models import Indemnity, IndemnityCorrection, PaymentLine, PaymentStatement
from tutoring.rights import PAY_INDEMNITIES
from tutoring.services.refusals import TutoringRefused

HEADING = (
    "État n°",
    "Rang",
    "Année scolaire",
    "Tuteur",
    "Affectation du tuteur",
    "UAI tutoré",
    "Établissement tutoré",
    "Jours de tutorat",
    "Jours de l’année",
    "Taux (€)",
    "Montant (€)",
    "Nature",
    "Motif",
)
PAID_TWICE = "Une de ces indemnités est déjà dans un état de paiement : rechargez la page."


@transaction.atomic
def make(academy: Academy, *, by: User | None) -> PaymentStatement:
    """Put in a new statement all that is attested and in none yet: indemnities, and corrections with their sign."""
    lock(academy)
    rows = [(account.indemnity, row) for account in accounts(academy) for row in unlisted(account)]
    if not rows:
        raise TutoringRefused("Rien n’est attesté qui ne soit déjà dans un état de paiement.")
    last = PaymentStatement.objects.filter(academy=academy).aggregate(last=Max("number"))["last"] or 0
    statement = PaymentStatement(academy=academy, number=last + 1, made_at=current(academy), made_by=by)
    lines = [_line(statement, position, *row) for position, row in enumerate(rows, start=1)]
    statement.sha256 = hashlib.sha256(drawn(statement, lines)).hexdigest()
    try:
        with transaction.atomic():
            statement.save(force_insert=True)
            PaymentLine.objects.bulk_create(lines, batch_size=500)
    except IntegrityError:
        raise TutoringRefused(PAID_TWICE) from None
    total = str(sum(line.amount for line in lines))
    audit.record(by, PAY_INDEMNITIES, statement, academy=academy.slug, number=len(lines), total=total)
    return statement


def unlisted(account: Account) -> list[IndemnityCorrection | None]:
    """What no statement holds yet: None for the indemnity itself, then its corrections."""
    listed = {line.correction_id for line in account.lines}
    first: list[IndemnityCorrection | None] = [] if None in listed else [None]
    return [*first, *(row for row in account.corrections if row.pk not in listed)]


@transaction.atomic
def mark_paid(statement: PaymentStatement, on: date, *, by: User) -> PaymentStatement:
    """The payroll paid it on that day; told once."""
    fresh = PaymentStatement.objects.select_for_update(of=("self",)).select_related("academy").get(pk=statement.pk)
    if fresh.paid_on:
        raise TutoringRefused(f"Cet état est déjà payé, le {fresh.paid_on:%d/%m/%Y}.")
    if not timezone.localdate(fresh.made_at) <= on <= fresh.academy.today:
        raise TutoringRefused("Le paiement se place entre le jour de l’état et aujourd’hui.")
    fresh.paid_on, fresh.paid_by = on, by
    fresh.save(update_fields=["paid_on", "paid_by"])
    audit.record(by, PAY_INDEMNITIES, f"paiement · {fresh}", academy=fresh.academy.slug, on=on.isoformat())
    return fresh


def content(statement: PaymentStatement) -> bytes:
    """Its XLSX file, drawn again from its frozen lines: the same bytes, or it is refused."""
    lines = statement.lines.select_related("indemnity", "correction").order_by("position")
    drawing = drawn(statement, list(lines))
    if hashlib.sha256(drawing).hexdigest() != statement.sha256:
        raise TutoringRefused("Le fichier ne serait pas celui qui a été arrêté : son empreinte diffère.")
    return drawing


def drawn(statement: PaymentStatement, lines: Sequence[PaymentLine]) -> bytes:
    """The file: one heading row, one row a line, numbers as numbers, no formula."""
    rows = (
        (
            statement.number,
            line.position,
            str(line.indemnity.year),
            line.tutor_name,
            line.tutor_home,
            line.uai,
            line.establishment_name,
            line.days,
            line.indemnity.year.days,
            line.rate,
            line.amount,
            "Correction" if line.correction else "Indemnité",
            line.reason,
        )
        for line in lines
    )
    return xlsx_bytes(f"État {statement.number}", HEADING, rows, made_at=statement.made_at)


def _line(
    statement: PaymentStatement, position: int, indemnity: Indemnity, correction: IndemnityCorrection | None
) -> PaymentLine:
    tutor, place, told = indemnity.tutor, indemnity.establishment, correction or indemnity
    return PaymentLine(
        statement=statement,
        position=position,
        indemnity=indemnity,
        correction=correction,
        tutor_name=tutor.name,
        tutor_home=tutor.origin[:200],
        uai=place.uai,
        establishment_name=place.name,
        days=told.days,
        rate=indemnity.rate,
        amount=told.amount,
        reason=correction.reason if correction else "",
    )
