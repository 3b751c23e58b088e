"""What a file of answers may tell of each campaign, and which of its columns tells it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from accounts.words import normalise
from deployment.tables import Line, Table
from surveys.choices import Purpose, QuestionKind
from surveys.forms.people import TraineesSheet, VolunteersSheet
from surveys.models import Campaign, ImportProfile

RANK = re.compile(r"(?<!\w)[0-9]{1,2}(?!\w)")
HIGHEST_RANK = 60
Mapping_ = Mapping[str, str]  # {target: header}


@dataclass(frozen=True)
class Target:
    """One thing that an answer needs. `headers`: how files name it, without case nor accent, likeliest first."""

    name: str
    label: str
    headers: str
    is_required: bool = False

    @property
    def spellings(self) -> list[str]:
        return [normalise(self.label), *self.headers.split("|")]


COMMON = (
    Target("uai", "UAI", "uai|rne|code uai|numero uai|etablissement", is_required=True),
    Target(
        "submitted_at",
        "Date d’envoi",
        "receipt time|date de reception|date de soumission|depose le|date de depot|horodateur|horodatage|date",
    ),
    Target("number", "Numéro de la demande", "id|numero|identifiant|numero de suivi|code de suivi|reference|n"),
    Target("status", "État de la demande", "workflow status|etat|statut|status|statut de la demande"),
    Target("name", "Nom du répondant", "user name|repondant|demandeur|nom du demandeur|usager|nom de l usager|nom"),
    Target("function", "Fonction du répondant", "fonction|qualite|vous etes|poste"),
)
WISH = (
    Target("wave", "Vague souhaitée", "vague|voeu|voeu de vague|vague demandee", is_required=True),
    Target("reason", "Motif", "motif du voeu|raison"),
    Target("comment", "Commentaire", "commentaires|observations|precisions|motivation"),
)
PERSON = (
    Target(
        "person_name", "Personne : prénom et nom", "personne nom|nom de la personne|prenom et nom|nom et prenom|nom"
    ),
    Target("person_email", "Personne : adresse", "adresse electronique|courriel|mail|email|adresse mail"),
    Target("person_function", "Personne : fonction", "personne fonction|fonction de la personne|fonction"),
)
VOLUNTEERS = (
    Target("has_people", VolunteersSheet.question, "volontaires|volontaire"),
    *PERSON,
    Target("spheres", "Personne : sphères", "sphere|spheres|peut accompagner"),
    Target(
        "capacity", "Personne : établissements acceptés", "etablissements acceptes|capacite|nombre d etablissements"
    ),
    Target("area", "Personne : secteur", "secteur|zone"),
    Target("is_remote", "Personne : à distance", "a distance|distance"),
    Target("motivation", "Personne : motivation", "motivation"),
)
TRAINEES = (
    Target("has_people", TraineesSheet.question, "besoin de formation|besoins de formation|besoins"),
    *PERSON,
    Target("sphere", "Personne : sphère", "sphere|formation a"),
    Target(
        "starts_on", "Personne : arrivée dans le poste", "date d arrivee|arrivee|prise de poste|date de prise de poste"
    ),
    Target("need", "Personne : besoin particulier", "besoin particulier|besoin"),
    Target("comment", "Commentaire", "commentaires|observations|precisions"),
)
OF_PURPOSE = {Purpose.WAVE_WISH: WISH, Purpose.TUTOR_VOLUNTEERS: VOLUNTEERS, Purpose.TRAINING_NEEDS: TRAINEES}


def names_people(campaign: Campaign) -> bool:
    """Whether its answers are lists of persons."""
    return campaign.purpose in (Purpose.TUTOR_VOLUNTEERS, Purpose.TRAINING_NEEDS)


def targets_of(campaign: Campaign) -> tuple[Target, ...]:
    """What its answers are made of, in the order of the screen. A file cannot bring a file."""
    if campaign.purpose == Purpose.QUESTIONNAIRE:
        asked = [question for question in campaign.questions.all() if question.kind != QuestionKind.FILE]
        own = tuple(Target(f"q{question.pk}", question.label, normalise(question.label)) for question in asked)
    else:
        own = OF_PURPOSE[Purpose(campaign.purpose)]
    return (*COMMON, *own)


def guess(headers: Sequence[str], targets: Sequence[Target]) -> dict[str, str]:
    """The column of each target that a header names: exactly, or among other words. One column serves once.

    What is particular to the campaign chooses first: « fonction » is that of the person to train.
    """
    left = {header: f" {normalise(header)} " for header in headers if header}
    found: dict[str, str] = {}
    particular = [target for target in targets if target not in COMMON]
    for is_match in (_is_same, _is_within):
        for target in (*particular, *COMMON):
            if target.name in found:
                continue
            header = next((h for words in target.spellings for h, said in left.items() if is_match(words, said)), None)
            if header is not None:
                found[target.name] = header
                del left[header]
    return found


def _is_same(words: str, said: str) -> bool:
    return f" {words} " == said


def _is_within(words: str, said: str) -> bool:
    return len(words) > 2 and f" {words} " in said


def recognised(campaign: Campaign, headers: Sequence[str]) -> ImportProfile | None:
    """The saved profile that reads the most columns of this file, if the file has all those it reads."""
    known = set(headers)
    profiles = ImportProfile.objects.filter(academy=campaign.academy, purpose=campaign.purpose).order_by("pk")
    fitting = [profile for profile in profiles if profile.mapping and known.issuperset(profile.mapping.values())]
    return max(fitting, key=lambda profile: len(profile.mapping), default=None)


def by_label(mapping: Mapping_, targets: Iterable[Target]) -> dict[str, str]:
    """A mapping as a profile keeps it: by the words of the screen, which other campaigns share."""
    return {target.label: mapping[target.name] for target in targets if mapping.get(target.name)}


def by_name(kept: Mapping_, targets: Iterable[Target]) -> dict[str, str]:
    """The mapping that a profile makes for these targets."""
    return {target.name: kept[target.label] for target in targets if target.label in kept}


def unrolled(table: Table) -> Table:
    """`Nom 1`, `Nom 2`… made one column and several lines of the same number: a person a line."""
    ranked = {place: found for place, header in enumerate(table.headers) if (found := _ranked(header))}
    bases: dict[str, dict[int, int]] = {}
    for place, (base, rank) in ranked.items():
        bases.setdefault(base, {})[rank] = place
    bases = {base: places for base, places in bases.items() if len(places) > 1}
    if not bases:
        return table
    folded = {place for places in bases.values() for place in places.values()}
    plain = [place for place in range(len(table.headers)) if place not in folded]
    ranks = sorted({rank for places in bases.values() for rank in places})
    lines = []
    for line in table.lines:
        shared = [line.cells[place] for place in plain]
        repeated = [[line.cells[p[rank]] if rank in p else "" for p in bases.values()] for rank in ranks]
        filled = [cells for cells in repeated if any(cell not in ("", None) for cell in cells)]
        lines += [Line(line.number, [*shared, *cells]) for cells in filled or repeated[:1]]
    return Table((*(table.headers[place] for place in plain), *bases), lines, table.warnings)


def _ranked(header: str) -> tuple[str, int] | None:
    """« Personne 2 - Nom » is rank 2 of « Personne - Nom »."""
    numbers = RANK.findall(header)
    if len(numbers) != 1 or not 1 <= int(numbers[0]) <= HIGHEST_RANK:
        return None
    base = " ".join(RANK.sub(" ", header).split()).strip(" -–_:()")
    return (base, int(numbers[0])) if base else None
