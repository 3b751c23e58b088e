"""The text of the letters and orders: writing the next version, reading the former ones."""

from __future__ import annotations

from dataclasses import asdict

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.requests import SignedInRequest
from accounts.rights import requires
from deployment.models import Academy
from tutoring.choices.papers import PaperKind
from tutoring.forms.papers import PaperTextForm
from tutoring.models import PaperTemplate
from tutoring.paper_texts import shown_fields
from tutoring.rights import EDIT_PAPER_TEMPLATES
from tutoring.services import paper_templates
from tutoring.services.refusals import TutoringRefused


@requires(EDIT_PAPER_TEMPLATES)
def template_edit(request: SignedInRequest, academy: str, kind: str) -> HttpResponse:
    """The text in use, or the one proposed; what is saved is a new version, refused if another came meanwhile."""
    academy_row, asked = get_object_or_404(Academy, slug=academy), _kind(kind)
    last = paper_templates.in_use(academy_row, asked)
    words = asdict(paper_templates.text_of(last, asked)) | {"seen": last.version if last else 0}
    form = PaperTextForm(request.POST or None, initial=words)
    if form.is_valid():
        try:
            seen = form.cleaned_data["seen"]
            written = paper_templates.write(academy_row, asked, form.text, seen=seen, by=request.user)
        except TutoringRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Version {written.version} enregistrée ; ce qui est déjà émis ne change pas.")
            return redirect("tutoring:template_edit", academy, kind)
    context = {
        "academy_row": academy_row,
        "kind": asked,
        "form": form,
        "last": last,
        "versions": PaperTemplate.objects.filter(academy=academy_row, kind=asked).select_related("author"),
        "fields": list(shown_fields()),
        "crumb": f"Modèle : {asked.label.lower()}",
    }
    return render(request, "tutoring/template_edit.html", context, status=400 if form.errors else 200)


@requires(EDIT_PAPER_TEMPLATES)
def template_version(request: SignedInRequest, academy: str, kind: str, version: int) -> HttpResponse:
    """A version as it was written."""
    academy_row, asked = get_object_or_404(Academy, slug=academy), _kind(kind)
    rows = PaperTemplate.objects.filter(academy=academy_row, kind=asked).select_related("author")
    template = get_object_or_404(rows, version=version)
    context = {"academy_row": academy_row, "kind": asked, "template": template, "crumb": f"Version {version}"}
    return render(request, "tutoring/template_version.html", context)


def _kind(value: str) -> PaperKind:
    if value not in PaperKind.values:
        raise Http404
    return PaperKind(value)
