"""One line of the follow-up asked of somebody else."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.requests import SignedInRequest
from accounts.rights import requires
from surveys.forms.recipients import RecipientForm
from surveys.models import Invitation
from surveys.rights import SEND_CAMPAIGNS
from surveys.services import recipients
from surveys.services.refusals import SurveyRefused
from surveys.views.follow_up import launched_campaign


@requires(SEND_CAMPAIGNS)
def recipient_replace(request: SignedInRequest, academy: str, pk: int, invitation: int) -> HttpResponse:
    """Who was asked, who holds the post today, and who will be asked."""
    campaign = launched_campaign(request, academy, pk)
    rows = Invitation.objects.with_progress(campaign).select_related("recipient", "entry__establishment__host")
    row = get_object_or_404(rows, pk=invitation)
    holder = recipients.proposed(campaign, row)
    is_same = row.recipient is not None and row.recipient.email == holder.email.lower() and not row.disowned_at
    known = {} if is_same else {"name": holder.name, "email": holder.email}
    form = RecipientForm(request.POST or None, initial={**known, "former": row.recipient_id})
    refusal = ""
    if request.method == "POST" and form.is_valid():
        try:
            now = recipients.replace(campaign, row, form.given, by=request.user)
            messages.success(
                request, f"{now} est désormais la personne sollicitée, et reçoit l’invitation avec son lien."
            )
            return redirect("surveys:follow_up", academy, pk)
        except SurveyRefused as refused:
            refusal = str(refused)
            form.data = form.data.copy()
            form.data["former"] = str(row.recipient_id or "")  # what the page shows now
    context = {
        "academy_row": campaign.academy,
        "campaign": campaign,
        "crumb": f"{row.entry.establishment.name} · {campaign}",
        "row": row,
        "place": row.entry.establishment,
        "holder": holder,
        "post_uai": (row.entry.establishment.host or row.entry.establishment).uai,
        "form": form,
        "refusal": refusal,
    }
    return render(request, "surveys/recipient_replace.html", context)
