"""Persons in post in one establishment: who they are, and one change of them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.requests import SignedInRequest
from accounts.rights import requires
from deployment.choices import AGENCY_FUNCTIONS, SOLE_FUNCTIONS, Function, Kind
from deployment.forms.posts import PostForm
from deployment.models import AccountingAgency, Establishment, Post, PostHolding
from deployment.rights import EDIT_POSTS, VIEW_POSTS
from deployment.services import posts
from deployment.services.posts import PostRefused
from deployment.timelines import timeline


def in_post(request: SignedInRequest, establishment: Establishment) -> dict[str, Any]:
    """What the block « Personnes en poste » shows; nothing to whom may not see names, nor of a GRETA."""
    academy = establishment.academy
    if establishment.kind == Kind.GRETA or not request.user.may(VIEW_POSTS, academy.slug):
        return {}
    held = PostHolding.objects.holders([establishment.pk], academy.today)[establishment.pk]
    shown = [function for function in Function if function in held or function in SOLE_FUNCTIONS]
    return {
        "posts": [(function, held.get(function, []), function in AGENCY_FUNCTIONS) for function in shown],
        "may_edit_posts": request.user.may(EDIT_POSTS, academy.slug),
    }


@requires(EDIT_POSTS)
def post_edit(request: SignedInRequest, academy: str, uai: str) -> HttpResponse:
    visible = Establishment.objects.for_user(request.user, EDIT_POSTS, academy).exclude(kind=Kind.GRETA)
    establishment = get_object_or_404(visible.select_related("academy"), uai=uai.upper())
    today = establishment.academy.today
    form = PostForm(
        request.POST or None,
        establishment=establishment,
        is_seat=AccountingAgency.objects.filter(seat=establishment).exists(),
        initial={"effective_on": today, "function": request.GET.get("function"), "number": 1},
    )
    if form.is_valid() and _changed(request, form):
        return redirect(establishment)
    rows = Post.objects.filter(establishment=establishment).order_by("function", "number")
    context = {
        "academy_row": establishment.academy,
        "crumb": "Personnes en poste",
        "establishment": establishment,
        "form": form,
        "histories": [
            (post, timeline(post.holdings.all(), today)) for post in rows.prefetch_related("holdings__author")
        ],
    }
    return render(request, "deployment/post_edit.html", context, status=400 if form.errors else 200)


def _changed(request: SignedInRequest, form: PostForm) -> bool:
    """Whether the register took the change; else the form says why."""
    given = form.appointment
    try:
        rows = posts.appoint(form.establishment.academy, [given], by=request.user, reason=form.cleaned_data["reason"])
    except PostRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    done = f"{given} : {given.holder.name or 'poste vacant'}, à compter du {given.effective_on:%d/%m/%Y}."
    messages.success(request, done if rows else "Rien à changer : le registre le dit déjà.")
    return True
