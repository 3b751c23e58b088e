"""The verbs of importing answers: deposit a file, say which column tells what, confirm, abandon."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from deployment.importers import storage
from deployment.importers.plans import ImportRefused
from deployment.tables import Table
from figures.french import count
from surveys.choices import AnswerImportState
from surveys.clock import current
from surveys.importers.answers import Plan, plan, read_source
from surveys.importers.columns import by_label, by_name, guess, recognised, targets_of
from surveys.models import AnswerImport, Campaign, ImportProfile
from surveys.services.intake import take_in_all
from surveys.services.refusals import SurveyRefused

PREVIEW_KEPT = timedelta(days=30)
EXAMPLE_LINES = 20
LONGEST_EXAMPLE = 40


def deposit(campaign: Campaign, content: bytes, file_name: str, *, by: User | None) -> AnswerImport:
    """Read a file through the columns that are recognised, and keep it with what it would do.

    Raises `FileRefused`, `ImportRefused` or `SurveyRefused`, each with a sentence for the person.
    """
    _refuse_unless_sent(campaign)
    name = storage.display_name(file_name)
    table = read_source(content, name, campaign)
    targets = targets_of(campaign)
    profile = recognised(campaign, table.headers)
    batch = AnswerImport(
        campaign=campaign,
        file_name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        headers=_examples(table),
        mapping=by_name(profile.mapping, targets) if profile else guess(table.headers, targets),
        profile=profile.name if profile else "",
        author=by,
        taken_at=current(campaign.academy),
    )
    batch.report = _planned(batch, table).report()
    _expire(campaign)
    batch.stored_as = storage.keep(content)
    batch.save()
    return batch


def choose(batch: AnswerImport, mapping: Mapping[str, str], *, profile: str = "") -> AnswerImport:
    """Read the file again through these columns; `profile`: keep them for the next files, under that name."""
    table = _table(batch)
    with transaction.atomic():
        batch = _locked(batch)
        headers = {header for header, _ in batch.headers}
        batch.mapping = {name: header for name, header in mapping.items() if header in headers}
        batch.report = _planned(batch, table).report()
        if profile.strip():
            _keep_profile(batch, profile.strip())
        batch.save()
    return batch


def confirm(batch: AnswerImport, *, by: User | None, skip_refused: bool = False) -> int:
    """Take in what the preview said, in one transaction; how many. Refused if that is no longer what would be done."""
    table = _table(batch)
    with transaction.atomic():
        batch = _locked(batch)
        found = _planned(batch, table)
        is_same = found.fingerprint() == batch.report["fingerprint"]
        batch.report = found.report()
        if not is_same:
            batch.save()
        else:
            _refuse_empty(found, skip_refused=skip_refused)
            number = take_in_all(batch.campaign, found.takings, by=by, source=batch.file_name)
            batch.author, batch.confirmed_at = by, timezone.now()
            _close(batch, AnswerImportState.CONFIRMED)
    if not is_same:  # said once the new preview is kept
        raise ImportRefused("Des réponses sont arrivées depuis l’aperçu : relisez-le, puis confirmez.")
    return number


def _refuse_empty(found: Plan, *, skip_refused: bool) -> None:
    if found.refused and not skip_refused:
        raise ImportRefused(
            f"{count(len(found.refused), 'ligne refusée', 'lignes refusées')} : "
            "corrigez le fichier, ou demandez d’importer les bonnes."
        )
    if not found.takings:
        raise ImportRefused("Ce fichier n’ajoute rien : ce qu’il contient est déjà enregistré ou laissé de côté.")


@transaction.atomic
def abandon(batch: AnswerImport) -> AnswerImport:
    """Give the preview up and delete the file, whatever became of the campaign."""
    batch = _locked(batch, is_sent=False)
    _close(batch, AnswerImportState.ABANDONED)
    return batch


def _planned(batch: AnswerImport, table: Table) -> Plan:
    return plan(batch.campaign, table, batch.mapping, taken_at=batch.taken_at)


def _table(batch: AnswerImport) -> Table:
    _refuse_unless_previewed(batch)
    return read_source(storage.load(batch.stored_as), batch.file_name, batch.campaign)


def _locked(batch: AnswerImport, *, is_sent: bool = True) -> AnswerImport:
    rows = AnswerImport.objects.select_for_update(of=("self",)).select_related("campaign__academy")
    fresh = rows.get(pk=batch.pk)
    _refuse_unless_previewed(fresh)
    if is_sent:
        _refuse_unless_sent(fresh.campaign)
    return fresh


def _refuse_unless_previewed(batch: AnswerImport) -> None:
    if batch.state != AnswerImportState.PREVIEWED:
        raise ImportRefused(f"Cette importation est dans l’état « {batch.get_state_display().lower()} ».")


def _refuse_unless_sent(campaign: Campaign) -> None:
    if not campaign.is_launched:
        raise SurveyRefused("Envoyez d’abord l’enquête : ses réponses se rangent dans la population envoyée.")
    if campaign.frozen_at:
        raise SurveyRefused("Cette enquête est gelée : elle ne prend plus de réponse.")


def _keep_profile(batch: AnswerImport, name: str) -> None:
    """Under a name already taken, the new columns replace the former ones."""
    kept = by_label(batch.mapping, targets_of(batch.campaign))
    ImportProfile.objects.update_or_create(
        academy=batch.campaign.academy, purpose=batch.campaign.purpose, name=name[:60], defaults={"mapping": kept}
    )
    batch.profile = name[:60]


def _examples(table: Table) -> list[tuple[str, str]]:
    """Each column with the first thing it holds."""
    found = []
    for place, header in enumerate(table.headers):
        values = (str(line.cells[place]) for line in table.lines[:EXAMPLE_LINES] if line.cells[place] not in ("", None))
        example = " ".join(next(values, "").split())
        if header:
            found.append((header, f"{example[:LONGEST_EXAMPLE]}…" if len(example) > LONGEST_EXAMPLE else example))
    return found


def _close(batch: AnswerImport, state: AnswerImportState) -> None:
    """Change the state; the file and its examples serve no more, and go when the transaction is kept."""
    batch.headers = [(header, "") for header, _ in batch.headers]
    name, batch.stored_as, batch.state = batch.stored_as, "", state
    batch.save()
    transaction.on_commit(lambda: storage.discard(name))


def _expire(campaign: Campaign) -> None:
    """Abandon previews that nobody confirmed for thirty days."""
    old = timezone.now() - PREVIEW_KEPT
    for batch in campaign.imports.filter(state=AnswerImportState.PREVIEWED, created_at__lt=old):
        abandon(batch)
