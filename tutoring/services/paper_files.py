"""Letters and orders as files: one at once, many in one archive by a worker. Every download is in the trail."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from accounts import audit, jobs
from accounts.models import User
from accounts.rights import Right
from accounts.words import normalise
from deployment.models import Academy
from figures.french import count
from figures.letter_docx import to_docx
from figures.letters import to_pdf
from tutoring.models import Paper, PaperPrint
from tutoring.paper_contents import thawed
from tutoring.rights import VIEW_PAPERS
from tutoring.services.refusals import TutoringRefused

MOST = 1000  # papers in one archive
PDF = "pdf"
FORMS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def draw(paper: Paper, form: str) -> bytes:
    """The paper in that form, from its frozen content alone: the same PDF bytes every time."""
    letter = thawed(paper.content)
    if form == "docx":
        return to_docx(letter)
    told = json.dumps([paper.number, paper.content], ensure_ascii=False, sort_keys=True)
    identifier = hashlib.sha256(told.encode()).hexdigest()[:32]
    return to_pdf(letter, identifier=identifier, brand=settings.OPALE_STATE_BRAND, is_one_page=False)


def file_name(paper: Paper, form: str) -> str:
    """« LM-2024-2025-012-camille-tuteur.pdf »: letters and hyphens, whatever the name is made of."""
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in normalise(paper.values["tuteur"])).split()
    return f"{'-'.join([paper.number, *words])[:90]}.{form}"


def download(paper: Paper, form: str, *, by: User, right: Right = VIEW_PAPERS) -> bytes:
    """The file, and its line in the trail, under the right by which it is taken."""
    content = draw(paper, form)
    audit.exported(by, right, paper, academy=paper.academy.slug, form=form)
    return content


@transaction.atomic
def request_print(academy: Academy, papers: Collection[Paper], *, by: User) -> PaperPrint:
    """Ask for one archive of these papers; a worker draws them."""
    if not papers:
        raise TutoringRefused("Cochez au moins une lettre ou un ordre.")
    if len(papers) > MOST:
        raise TutoringRefused(f"{MOST} lettres ou ordres au plus à la fois.")
    asked = PaperPrint(academy=academy, papers=sorted(paper.pk for paper in papers), asked_by=by)
    label = f"Impression de {count(len(papers), 'lettre ou ordre', 'lettres ou ordres')} de mission"
    asked.job = jobs.submit(
        "tutoring.tasks.print_papers", label=label, academy=academy.slug, by=by, identifier=str(asked.identifier)
    )
    asked.save()
    numbers = [paper.number for paper in papers]
    audit.exported(by, VIEW_PAPERS, label, academy=academy.slug, form="zip", numbers=numbers)
    return asked


def print_in_background(claim: jobs.Claim) -> None:
    """The worker's part: each paper drawn, then one archive with fixed dates, so that it can be compared."""
    asked = PaperPrint.objects.get(identifier=claim.job.parameters["identifier"])
    papers = Paper.objects.filter(academy=asked.academy, pk__in=asked.papers).order_by("kind", "year", "sequence")
    written, total = BytesIO(), len(asked.papers)
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        for number, paper in enumerate(papers):
            claim.progress(number, total, paper.number)
            archive.writestr(ZipInfo(file_name(paper, "pdf")), draw(paper, "pdf"))
    with claim.commit():
        asked.file = default_storage.save(f"papers/{asked.identifier}.zip", ContentFile(written.getvalue()))
        asked.save(update_fields=["file"])


def note_print_download(asked: PaperPrint, *, by: User) -> None:
    """Write in the trail who took the archive."""
    audit.exported(by, VIEW_PAPERS, asked, academy=asked.academy.slug, form="zip", job=asked.job_id)


def discard(prints: Collection[PaperPrint]) -> None:
    """Delete these archives and what was asked; the papers stay and can be drawn again."""
    for asked in prints:
        if asked.file:
            default_storage.delete(asked.file)
    PaperPrint.objects.filter(pk__in=[asked.pk for asked in prints]).delete()
