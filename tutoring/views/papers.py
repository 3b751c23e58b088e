"""Letters and orders: the list, preparing a year, one of them with its steps and its files."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from accounts import audit
from accounts.columns import Column, headings
from accounts.pagination import paginate
from accounts.requests import SignedInRequest, wants_partial
from accounts.rights import requires
from deployment.models import Academy
from figures.french import count
from tutoring.choices.papers import PaperState
from tutoring.forms.candidates import ReasonForm
from tutoring.forms.papers import ENDING, STEP_WORDS, PaperFilterForm, PrepareForm, StepForm, YearForm, asked_papers
from tutoring.models import Paper, Tutor
from tutoring.rights import EDIT_PAPER_TEMPLATES, ISSUE_PAPERS, VIEW_PAPERS, VIEW_TUTORS
from tutoring.services import paper_files, papers
from tutoring.services.refusals import TutoringRefused
from tutoring.tutorships import loads, standing_rows

TICK = Column("Choix")
COLUMNS = (Column("Numéro"), Column("Tuteur"), Column("Validité"), Column("État"))
TUTOR_COLUMNS = (Column("Tuteur"), Column("Tutorats", is_number=True), Column("Déjà émis pour l’année"))


@vary_on_headers("HX-Request")
@requires(VIEW_PAPERS)
def paper_list(request: SignedInRequest, academy: str) -> HttpResponse:
    academy_row = get_object_or_404(Academy, slug=academy)
    rows = Paper.objects.for_user(request.user, VIEW_PAPERS, academy)
    years = rows.order_by("-year").values_list("year", flat=True).distinct()
    form = PaperFilterForm(request.GET, academy=academy_row, years=years)
    ordered = form.kept(rows).select_related("academy", "tutor").order_by("-year", "kind", "-sequence")
    page = paginate(ordered, request)
    audit.seen(request.user, VIEW_PAPERS, "Lettres et ordres", academy=academy, number=page.paginator.count)
    may_issue = request.user.may(ISSUE_PAPERS, academy)
    context = {
        "academy_row": academy_row,
        "today": academy_row.today,
        "form": form,
        "page": page,
        "headings": headings((TICK, *COLUMNS) if may_issue else COLUMNS),
        "ending": rows.to_renew(academy_row.today).count(),
        "ending_state": ENDING,
        "may_issue": may_issue,
        "may_edit": request.user.may(EDIT_PAPER_TEMPLATES, academy),
        "step_form": _many_form(academy_row) if may_issue else None,
        "crumb": "Lettres et ordres de mission",
    }
    template = "_paper_rows.html" if wants_partial(request) else "paper_list.html"
    return render(request, f"tutoring/{template}", context)


@requires(ISSUE_PAPERS)
def paper_prepare(request: SignedInRequest, academy: str) -> HttpResponse:
    """Choose a year, then who receives what of it; those who already have it are not offered twice."""
    academy_row = get_object_or_404(Academy, slug=academy)
    year_form = YearForm(request.GET or None, today=academy_row.today)
    year = year_form.asked
    rows = Tutor.objects.for_user(request.user, ISSUE_PAPERS, academy).select_related("academy", "establishment")
    offered = [tutor for tutor in rows.order_by("name", "pk") if papers.is_in_mission(tutor, year)]
    form = PrepareForm(request.POST or None, offered=offered)
    if request.method == "POST" and form.is_valid():
        chosen, today = form.chosen(request.POST), academy_row.today
        try:
            made = papers.issue(chosen, form.kinds_asked, year, on=today, by=request.user)
        except TutoringRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _issued(len(made)))
            return redirect(f"{reverse('tutoring:paper_list', args=[academy])}?year={year.first}")
    held = papers.labels_held(academy_row, year)
    load = loads(standing_rows(academy_row, max(academy_row.today, year.starts_on)))
    context = {
        "academy_row": academy_row,
        "year": year,
        "year_form": year_form,
        "form": form,
        "lines": [
            (tutor, load.get(tutor.pk, 0), held.get(tutor.pk, []))
            for tutor in sorted(offered, key=lambda tutor: tutor.pk not in load)
        ],
        "ticked": request.POST.getlist("tutor") if request.method == "POST" else None,
        "headings": headings(TUTOR_COLUMNS),
        "crumb": "Préparer pour l’année",
    }
    return render(request, "tutoring/paper_prepare.html", context, status=400 if form.errors else 200)


def _issued(number: int) -> str:
    if not number:
        return "Tout était déjà émis : rien n’a été ajouté."
    return f"{count(number, 'lettre ou ordre émis', 'lettres ou ordres émis')}."


@requires(VIEW_PAPERS)
def paper_detail(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    paper = _paper(request, academy, pk)
    audit.seen(request.user, VIEW_PAPERS, paper, academy=academy)
    return _detail(request, paper)


@requires(VIEW_PAPERS)
def paper_download(request: SignedInRequest, academy: str, pk: int, extension: str) -> HttpResponse:
    """The paper as PDF or DOCX, drawn from what was frozen when it was issued."""
    if extension not in paper_files.FORMS:
        raise Http404
    paper = _paper(request, academy, pk)
    content = paper_files.download(paper, extension, by=request.user)
    name = paper_files.file_name(paper, extension)
    response = HttpResponse(content, content_type=paper_files.FORMS[extension])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
@requires(ISSUE_PAPERS)
def paper_step(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    paper = _paper(request, academy, pk)
    form = StepForm(request.POST, academy=paper.academy, steps=STEP_WORDS)
    if form.is_valid():
        try:
            papers.step([paper], by=request.user, **form.step)
        except TutoringRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{paper.number} : étape inscrite.")
            return redirect(paper)
    return _detail(request, paper, step_form=form)


@require_POST
@requires(ISSUE_PAPERS)
def paper_replace(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    paper = _paper(request, academy, pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            made = papers.replace(paper, reason=form.cleaned_data["reason"], on=paper.academy.today, by=request.user)
        except TutoringRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{made.number} remplace {paper.number}.")
            return redirect(made)
    return _detail(request, paper, replace_form=form)


@require_POST
@requires(ISSUE_PAPERS)
def paper_step_many(request: SignedInRequest, academy: str) -> HttpResponse:
    """The same step for all those ticked, or for none."""
    academy_row = get_object_or_404(Academy, slug=academy)
    chosen = asked_papers(Paper.objects.for_user(request.user, ISSUE_PAPERS, academy), request.POST)
    form = StepForm(request.POST, academy=academy_row, steps=STEP_WORDS)
    if not form.is_valid():
        said = (f"{form[name].label} : {' '.join(errors)}" for name, errors in form.errors.items())
        messages.error(request, " ".join(said))
        return redirect("tutoring:paper_list", academy)
    try:
        done = papers.step(chosen, by=request.user, **form.step)
        messages.success(request, f"Étape inscrite pour {count(len(done), 'lettre ou ordre', 'lettres ou ordres')}.")
    except TutoringRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("tutoring:paper_list", academy)


def _many_form(academy: Academy) -> StepForm:
    return StepForm(academy=academy, steps=(PaperState.SENT, PaperState.SIGNED), auto_id="many_%s")


def _paper(request: SignedInRequest, academy: str, pk: int) -> Paper:
    rows = Paper.objects.for_user(request.user, VIEW_PAPERS, academy).with_state()
    joined = rows.select_related("academy", "tutor", "template", "replaces", "replaced_by", "issued_by")
    return get_object_or_404(joined, pk=pk)


def _detail(request: SignedInRequest, paper: Paper, **refused: Any) -> HttpResponse:
    slug = paper.academy.slug
    may_issue = request.user.may(ISSUE_PAPERS, slug)
    may_replace = may_issue and paper.state != PaperState.REPLACED
    step_form = refused.get("step_form") or StepForm(academy=paper.academy, steps=paper.next_steps)
    context = {
        "academy_row": paper.academy,
        "paper": paper,
        "successor": getattr(paper, "replaced_by", None),
        "is_over": paper.is_live and paper.is_over(paper.academy.today),
        "events": paper.events.select_related("author").order_by("-position"),
        "may_see_tutor": request.user.may(VIEW_TUTORS, slug),
        "step_form": step_form if may_issue and (paper.next_steps or step_form.errors) else None,
        "replace_form": (refused.get("replace_form") or ReasonForm(prefix=None)) if may_replace else None,
        "crumb": paper.number,
    }
    return render(request, "tutoring/paper_detail.html", context, status=400 if refused else 200)
