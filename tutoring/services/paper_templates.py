"""The text of the letters and orders of an académie: the version in use, and writing the next one."""

from __future__ import annotations

from dataclasses import asdict

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from deployment.models import Academy
from deployment.services.waves import lock
from tutoring.choices.papers import PaperKind
from tutoring.models import PaperTemplate
from tutoring.paper_texts import DEFAULTS, PaperText, TextRefused
from tutoring.rights import EDIT_PAPER_TEMPLATES
from tutoring.services.refusals import TutoringRefused


def in_use(academy: Academy, kind: PaperKind) -> PaperTemplate | None:
    """The last version; None while the proposed text has never been kept."""
    return PaperTemplate.objects.filter(academy=academy, kind=kind).order_by("-version").first()


def text_of(template: PaperTemplate | None, kind: PaperKind) -> PaperText:
    """The words of that version, or those proposed."""
    if template is None:
        return DEFAULTS[kind]
    return PaperText(**{name: getattr(template, name) for name in asdict(DEFAULTS[kind])})


@transaction.atomic
def write(academy: Academy, kind: PaperKind, text: PaperText, *, seen: int, by: User) -> PaperTemplate:
    """Keep this text as the next version; papers already issued keep theirs.

    `seen` is the version that the person started from (0: the proposed text): refused if another has come since.
    """
    lock(academy)
    last = in_use(academy, kind)
    if seen != (last.version if last else 0):
        raise TutoringRefused("Une autre personne vient d’écrire une version : relisez-la avant d’écrire la vôtre.")
    if last and text == text_of(last, kind):
        raise TutoringRefused("Rien n’a changé : aucune version n’est ajoutée.")
    try:
        text.check()
    except TextRefused as refusal:
        raise TutoringRefused(str(refusal)) from refusal
    template = _add(academy, kind, text, version=seen + 1, by=by)
    audit.record(by, EDIT_PAPER_TEMPLATES, template, academy=academy.slug)
    return template


def kept(academy: Academy, kind: PaperKind) -> PaperTemplate:
    """The version to issue with; the proposed text becomes the first one. Call it with the académie locked."""
    return in_use(academy, kind) or _add(academy, kind, DEFAULTS[kind], version=1, by=None)


def _add(academy: Academy, kind: PaperKind, text: PaperText, *, version: int, by: User | None) -> PaperTemplate:
    return PaperTemplate.objects.create(
        academy=academy, kind=kind, version=version, author=by, written_at=timezone.now(), **asdict(text)
    )
