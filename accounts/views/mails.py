"""The outgoing mails of an académie: what left, what waits, what failed, and what an agent does about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from accounts import audit, emails, mail
from accounts.choices import MailState
from accounts.columns import Column, headings
from accounts.forms.mails import MailFilterForm, ReleaseForm
from accounts.mail import MailActRefused
from accounts.mail_markup import SECRET_MARK, to_preview
from accounts.models import MailRelay, MailSwitch, OutgoingEmail
from accounts.models.mails import OutgoingEmailQuerySet
from accounts.pagination import paginate
from accounts.requests import SignedInRequest, wants_partial
from accounts.rights import SEND_MAILS, VIEW_MAILS, requires
from figures.french import count

COLUMNS = (Column("Objet"), Column("Destinataire"), Column("État"), Column("Écrit le"), Column("Envoyé le"))


@vary_on_headers("HX-Request")
@requires(VIEW_MAILS)
def mail_list(request: SignedInRequest, academy: str) -> HttpResponse:
    visible = OutgoingEmail.objects.for_user(request.user, VIEW_MAILS, academy)
    form = MailFilterForm(request.GET, rows=visible)
    asked = form.narrow(visible)
    rows = asked.filter(state=form.asked["state"]) if form.asked["state"] else asked
    context = {
        "form": form,
        "page": paginate(rows.defer("text", "html", "secret").order_by("-created_at", "-pk"), request),
        "headings": headings(COLUMNS),
        "academy": academy,
        "counts": _counts(asked),
        "batch": form.asked["batch"],
        "drafts": asked.filter(state=MailState.DRAFT).count() if form.asked["batch"] else 0,
        "switch": MailSwitch.objects.filter(academy=academy, is_paused=True).select_related("changed_by").first(),
        "relay": MailRelay.objects.filter(failures__gt=0).first(),
        "may_send": request.user.may(SEND_MAILS, academy),
    }
    filters = {name: str(value) for name, value in form.asked.items() if value}
    audit.seen(request.user, VIEW_MAILS, "Liste des envois", academy=academy, filters=filters)
    template = "accounts/_mail_rows.html" if wants_partial(request) else "accounts/mail_list.html"
    return render(request, template, context)


@requires(VIEW_MAILS)
def mail_detail(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    """One mail as its recipient reads it, but for a personal link; reading it is traced."""
    visible = OutgoingEmail.objects.for_user(request.user, VIEW_MAILS, academy)
    row = get_object_or_404(visible, pk=pk)
    audit.seen(request.user, VIEW_MAILS, f"message {row.pk}", academy=academy)
    same_batch = visible.filter(batch=row.batch) if row.batch else visible.none()
    context = {
        "mail": row,
        "preview": to_preview(row.html),
        "hides_link": SECRET_MARK in row.html,
        "previous": same_batch.filter(pk__lt=pk).order_by("-pk").first(),
        "next": same_batch.filter(pk__gt=pk).order_by("pk").first(),
        "may_send": request.user.may(SEND_MAILS, academy),
        "crumb": row.subject,
    }
    return render(request, "accounts/mail_detail.html", context)


@require_POST
@requires(SEND_MAILS)
def mail_release(request: SignedInRequest, academy: str) -> HttpResponse:
    """Send the drafts of a batch."""
    form = ReleaseForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choisissez le lot à envoyer.")
        return redirect("accounts:mail_list", academy)
    try:
        number = mail.release_batch(academy, form.cleaned_data["batch"], form.cleaned_data["expected"], by=request.user)
        messages.success(request, f"{count(number, 'message remis', 'messages remis')} à l’envoi.")
    except MailActRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("accounts:mail_list", academy)


@require_POST
@requires(SEND_MAILS)
def mail_pause(request: SignedInRequest, academy: str) -> HttpResponse:
    mail.switch(academy, paused=True, by=request.user)
    messages.success(request, "Les envois sont suspendus : rien ne part avant leur reprise.")
    return redirect("accounts:mail_list", academy)


@require_POST
@requires(SEND_MAILS)
def mail_resume(request: SignedInRequest, academy: str) -> HttpResponse:
    mail.switch(academy, paused=False, by=request.user)
    messages.success(request, "Les envois reprennent.")
    return redirect("accounts:mail_list", academy)


@require_POST
@requires(SEND_MAILS)
def mail_trial(request: SignedInRequest, academy: str) -> HttpResponse:
    """A mail to the agent, to see whether mails arrive."""
    emails.trial(request.user, academy=academy)
    messages.success(request, f"Un message d’essai part à {request.user.email}.")
    return redirect("accounts:mail_list", academy)


@require_POST
@requires(SEND_MAILS)
def mail_send_again(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    return _act(request, academy, pk, mail.send_again, "Le message est remis à l’envoi.")


@require_POST
@requires(SEND_MAILS)
def mail_mark_sent(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    return _act(request, academy, pk, mail.mark_sent, "Le message est noté comme envoyé.")


@require_POST
@requires(SEND_MAILS)
def mail_cancel(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    return _act(request, academy, pk, mail.cancel, "Le message est annulé : il ne partira pas.")


def _act(request: SignedInRequest, academy: str, pk: int, act: Callable[..., Any], words: str) -> HttpResponse:
    row = get_object_or_404(OutgoingEmail.objects.for_user(request.user, SEND_MAILS, academy), pk=pk)
    try:
        act(row, by=request.user)
        messages.success(request, words)
    except MailActRefused as refusal:
        messages.error(request, str(refusal))
    return redirect(row)


def _counts(rows: OutgoingEmailQuerySet) -> list[tuple[str, str, int]]:
    """(state, its words, how many) for each state that has mails, in the order of a mail's life."""
    found = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    return [(state.value, state.label, found[state]) for state in MailState if state in found]
