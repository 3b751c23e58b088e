"""What most pages of the room do: ask, act, say what was done; or show the form again with the refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.requests import SignedInRequest
from deployment.models import Academy
from tutoring.services.refusals import TutoringRefused

Act = Callable[[], str]  # does it and says so; raises TutoringRefused


@dataclass(frozen=True)
class Question:
    """The words of a page that asks, and where it leads back."""

    title: str
    lead: str
    button: str
    back: str
    crumb: str = ""


def ask(request: SignedInRequest, academy: Academy, form: Any, question: Question, act: Act) -> HttpResponse:
    """Show the form, or act once it is valid and go back."""
    if form.is_valid():
        try:
            messages.success(request, act())
        except TutoringRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(question.back)
    context = {
        "academy_row": academy,
        "form": form,
        "title": question.title,
        "lead": question.lead,
        "button": question.button,
        "back": question.back,
        "crumb": question.crumb or question.title,
    }
    return render(request, "tutoring/form.html", context, status=400 if form.errors else 200)


def press(request: SignedInRequest, back: str, act: Act) -> HttpResponse:
    """A button without form: act, say what was done or why not, and go back."""
    try:
        messages.success(request, act())
    except TutoringRefused as refusal:
        messages.error(request, str(refusal))
    return redirect(back)
