"""The settings of an académie."""

from copy import copy

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.requests import SignedInRequest
from accounts.rights import requires
from deployment.forms.academies import AcademyForm
from deployment.models import Academy
from deployment.rights import EDIT_ACADEMY
from deployment.services import academies


@requires(EDIT_ACADEMY)
def academy_edit(request: SignedInRequest, academy: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    form = AcademyForm(request.POST or None, instance=copy(academy_row))
    if request.method == "POST" and form.is_valid():
        changes = academies.edit(academy_row, form.cleaned_data, by=request.user)
        messages.success(request, "Les réglages sont enregistrés." if changes else "Rien n’a changé.")
        return redirect("deployment:academy_edit", academy)
    return render(request, "deployment/academy_edit.html", {"academy_row": academy_row, "form": form})
