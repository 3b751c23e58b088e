"""Campaigns: the list, one campaign, creating and changing it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.requests import SignedInRequest
from accounts.rights import requires
from deployment.models import Academy
from surveys.models import Campaign
from surveys.rights import VIEW_CAMPAIGNS


@requires(VIEW_CAMPAIGNS)
def campaign_list(request: SignedInRequest, academy: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    rows = Campaign.objects.for_user(request.user, VIEW_CAMPAIGNS, academy).select_related("academy")
    return render(request, "surveys/campaign_list.html", {"academy_row": academy_row, "campaigns": rows})


@requires(VIEW_CAMPAIGNS)
def campaign_detail(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    rows = Campaign.objects.for_user(request.user, VIEW_CAMPAIGNS, academy).select_related("academy", "job")
    campaign = get_object_or_404(rows, pk=pk)
    context = {"academy_row": campaign.academy, "campaign": campaign, "crumb": campaign.title}
    return render(request, "surveys/campaign_detail.html", context)
