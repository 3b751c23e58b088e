"""What lets a tutor work: the access to their own pages, the training to remote sessions, the difficulty levels."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.requests import SignedInRequest
from accounts.rights import Right, requires
from deployment.models import Establishment
from deployment.timelines import timeline
from figures.french import of_name
from tutoring.forms.work import DayForm, DifficultyForm
from tutoring.models import Tutor
from tutoring.rights import NOTE_TRAINING, OPEN_TUTOR_ACCESS, RECORD_WORK, VIEW_WORK
from tutoring.services import access, difficulties
from tutoring.views.asking import Question, ask, press


@require_POST
@requires(OPEN_TUTOR_ACCESS)
def tutor_open(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    """Invite the tutor to their own pages."""
    tutor = _tutor(request, OPEN_TUTOR_ACCESS, academy, pk)

    def act() -> str:
        access.open_access(tutor, by=request.user)
        return f"{tutor} reçoit une invitation à l’adresse {tutor.email}, et ne verra que son propre tutorat."

    return press(request, tutor.get_absolute_url(), act)


@requires(NOTE_TRAINING)
def tutor_training(request: SignedInRequest, academy: str, pk: int) -> HttpResponse:
    tutor = _tutor(request, NOTE_TRAINING, academy, pk)
    form = DayForm(request.POST or None, academy=tutor.academy)

    def act() -> str:
        access.note_training(tutor, form.day, by=request.user)
        return f"Formation {of_name(tutor.name)} notée au {form.day:%d/%m/%Y}."

    lead = "Formation à la prise en main à distance de l’écran d’un utilisateur : elle précède les séances à distance."
    question = Question(
        f"Formation {of_name(tutor.name)}", lead, "Noter la formation", tutor.get_absolute_url(), tutor.name
    )
    return ask(request, tutor.academy, form, question, act)


@requires(VIEW_WORK)
def difficulty_detail(request: SignedInRequest, academy: str, uai: str) -> HttpResponse:
    """The levels of an establishment through time."""
    place = _place(academy, uai)
    audit.seen(request.user, VIEW_WORK, f"difficulté · {place}", academy=academy)
    rows = place.difficulties.select_related("author")
    context = {
        "academy_row": place.academy,
        "establishment": place,
        "moments": timeline(rows, place.academy.today),
        "may_record": request.user.may(RECORD_WORK, academy),
        "crumb": "Niveau de difficulté",
    }
    return render(request, "tutoring/difficulty_detail.html", context)


@requires(RECORD_WORK)
def difficulty_note(request: SignedInRequest, academy: str, uai: str) -> HttpResponse:
    place = _place(academy, uai)
    form = DifficultyForm(request.POST or None, academy=place.academy)

    def act() -> str:
        return f"{place.name} : {difficulties.note(place, **form.asked, by=request.user).get_level_display().lower()}."

    lead = f"{place.name}. Rien n’est effacé : un nouveau niveau s’ajoute aux précédents."
    back = reverse("tutoring:difficulty_detail", args=[academy, uai])
    return ask(request, place.academy, form, Question("Niveau de difficulté", lead, "Noter le niveau", back), act)


def _tutor(request: SignedInRequest, right: Right, academy: str, pk: int) -> Tutor:
    rows = Tutor.objects.for_user(request.user, right, academy)
    return get_object_or_404(rows.select_related("academy"), pk=pk)


def _place(academy: str, uai: str) -> Establishment:
    rows = Establishment.objects.filter(academy__slug=academy).select_related("academy")
    return get_object_or_404(rows, uai=uai)
