"""In and out by ProConnect."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import proconnect, second_factor
from accounts.models import User
from accounts.proconnect import ProConnectRefused, Witness
from accounts.services import identities

UNKNOWN = (
    "ProConnect vous a bien identifié, mais l’adresse {} n’a aucun rôle ouvert dans Op@le Pilot. "
    "Demandez au responsable du service académique de vous inviter à cette adresse."
)
TOO_WEAK = (
    "Votre rôle demande un second facteur, et votre identification par ProConnect n’en a pas comporté. "
    "Activez-le chez votre fournisseur d’identité, ou entrez ici avec votre mot de passe et votre application."
)


@login_not_required
def proconnect_leave(request: HttpRequest) -> HttpResponse:
    if not proconnect.is_configured():
        raise Http404
    try:
        return redirect(proconnect.leave(request.session, next_url=request.GET.get("next", "")))
    except ProConnectRefused as refusal:
        return _refused(request, str(refusal))


@login_not_required
def proconnect_return(request: HttpRequest) -> HttpResponse:
    """Enter, if ours; whoever needs a second factor and came without is sent back once to pass one."""
    if not proconnect.is_configured():
        raise Http404
    try:
        witness = proconnect.come_back(request.session, request.GET.dict())
        person = identities.recognise(issuer=witness.issuer, subject=witness.subject, email=witness.email)
        if person is None:
            return _refused(request, UNKNOWN.format(witness.email or "de votre compte"), witness)
        if person.needs_second_factor and not witness.is_strong:
            if witness.asked_strong:
                return _refused(request, TOO_WEAK, witness)
            return redirect(proconnect.leave(request.session, next_url=witness.next_url, strong=True))
    except ProConnectRefused as refusal:
        return _refused(request, str(refusal))
    return _enter(request, person, witness)


def _enter(request: HttpRequest, person: User, witness: Witness) -> HttpResponse:
    """Whatever session this browser had is over: on a shared machine, nobody enters as the previous person."""
    request.session.flush()
    second_factor.note_proconnect(request, person, is_strong=witness.is_strong)
    get_adapter().login(request, person)
    request.session[proconnect.ID_TOKEN] = witness.id_token
    is_ours = url_has_allowed_host_and_scheme(witness.next_url, allowed_hosts=None)
    return redirect(witness.next_url if is_ours else settings.LOGIN_REDIRECT_URL)


def _refused(request: HttpRequest, reason: str, witness: Witness | None = None) -> HttpResponse:
    """Say why, and how to leave ProConnect, which still knows the person."""
    sign_out_url = proconnect.sign_out_url(witness.id_token) if witness else ""
    context = {"reason": reason, "sign_out_url": sign_out_url, "crumb": "Accès refusé"}
    return render(request, "accounts/proconnect_refused.html", context, status=403)
