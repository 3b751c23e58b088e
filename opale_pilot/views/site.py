"""The pages that belong to no room: the door, and what the law asks a public service to publish."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.requests import SignedInRequest
from accounts.rights import signed_in
from opale_pilot.context import menu
from opale_pilot.privacy.register import Entry, entries, retentions
from opale_pilot.samples import component_samples


@signed_in
def home(request: SignedInRequest) -> HttpResponse:
    """The first page of the person's first académie that they may open; a plain page when there is none."""
    for academy in request.user.academies:
        entries = menu(request.user, academy)
        if entries:
            return redirect(entries[0].url)
    return render(request, "site/no_academy.html")


@login_not_required
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "site/accessibility.html", {"crumb": "Accessibilité"})


@login_not_required
def legal_notice(request: HttpRequest) -> HttpResponse:
    return render(request, "site/legal_notice.html", {"crumb": "Mentions légales"})


@login_not_required
def personal_data(request: HttpRequest) -> HttpResponse:
    """What privacy.toml says, which is what the purge does: the page cannot promise anything else."""
    categories: dict[str, list[Entry]] = {}
    for entry in entries():
        if entry.fields:
            categories.setdefault(entry.category, []).append(entry)
    context = {
        "crumb": "Données personnelles",
        "categories": categories,
        "retentions": sorted(retentions().values(), key=lambda retention: retention.days),
    }
    return render(request, "site/personal_data.html", context)


@signed_in
def components(request: SignedInRequest) -> HttpResponse:
    """Every component on one page, with invented content: the visual test of the look. In development only."""
    if not settings.DEBUG:
        raise Http404
    return render(request, "site/components.html", component_samples(request))
