"""Persons in post: who holds which function in which establishment, from when; « vacant » as a name is a vacancy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import count

from accounts.models import User
from accounts.words import normalise
from deployment import cells
from deployment.cells import Cell, CellRefused
from deployment.choices import SOLE_FUNCTIONS, Function
from deployment.importers.columns import Column, Reader
from deployment.importers.plans import Change, ImportPlan, ImportRefused, Values, Vocabulary
from deployment.models import Academy, Establishment, Holder, ImportBatch, ImportChange
from deployment.services import posts as services
from deployment.services.posts import Appointment, PostHistory, PostKey, PostRefused, Seats
from deployment.tables import Table

SPELLINGS: Mapping[Function, str] = {
    Function.HEAD: "chef|cheffe|CE|chef d’établissement|cheffe d’établissement|proviseur|proviseure"
    "|principal|principale|directeur|directrice|ordonnateur|ordonnatrice",
    Function.SECRETARY_GENERAL: "SG|secrétaire général|secrétaire générale|secrétaire général d’EPLE"
    "|secrétaire générale d’EPLE|adjoint gestionnaire|adjointe gestionnaire|gestionnaire",
    Function.ACCOUNTANT: "AC|agent comptable|agente comptable|comptable",
    Function.DEPUTY_ACCOUNTANT: "FP|fondé de pouvoir|fondée de pouvoir|fondé de pouvoirs|fondée de pouvoirs",
    Function.BURSARY_STAFF: "intendance|personnel d’intendance|secrétaire d’intendance|secrétariat d’intendance",
    Function.VOCATIONAL_TRAINING_DIRECTOR: "DDFPT|chef de travaux"
    "|directeur délégué aux formations professionnelles et technologiques"
    "|directrice déléguée aux formations professionnelles et technologiques",
}
FUNCTIONS = {normalise(spelling): function for function, known in SPELLINGS.items() for spelling in known.split("|")}
BOTH = {
    normalise(spelling): (Function.SECRETARY_GENERAL, Function.ACCOUNTANT) for spelling in ("SGAC", "SG-AC", "SG/AC")
}
VACANT = {"vacant", "vacante", "poste vacant", "vacance"}
DEFAULT_REASON = "Importation des personnes en poste"

Place = tuple[int, Function]  # establishment, function


def functions(cell: Cell) -> tuple[Function, ...]:
    """The function, however spelt; a secretary general who is also the accountant holds two posts."""
    words = normalise(cells.text(cell))
    if words in BOTH:
        return BOTH[words]
    if words not in FUNCTIONS:
        known = ", ".join(sorted(Function.labels))
        raise CellRefused(f"« {cells.text(cell)[:40]} » n’est pas une fonction connue ({known})")
    return (FUNCTIONS[words],)


def post_number(cell: Cell) -> int | None:
    """1, 2… to tell apart the posts of one function; empty: the importer finds one."""
    value = cells.whole(cell)
    if value and not 1 <= int(value[:9]) <= services.MOST_POSTS:
        raise CellRefused(f"« {value[:9]} » n’est pas un numéro de poste (1 à {services.MOST_POSTS})")
    return int(value) if value else None


COLUMNS = (
    Column("uai", "uai", ("uai", "rne", "code_uai", "numero_uai", "etablissement"), cells.uai, required=True),
    Column("functions", "fonction", ("fonction", "poste", "fonctions"), functions, required=True),
    Column("name", "nom", ("nom", "nom_prenom", "nom_et_prenom", "prenom_nom", "personne"), required=True),
    Column("first_name", "prénom", ("prenom",)),
    Column("email", "adresse", ("adresse_mail", "adresse", "mail", "courriel", "adresse_electronique", "email")),
    Column("since", "depuis", ("depuis", "a_compter_du", "date_debut", "debut", "prise_de_poste"), cells.day),
    Column("number", "numéro", ("numero", "numero_de_poste", "rang"), post_number),
)


@dataclass(frozen=True)
class Told:
    """One person in one post, as one line of the file says it; the number is 0 until one is found."""

    appointment: Appointment
    line: int

    @property
    def place(self) -> Place:
        return self.appointment.key[:2]

    def numbered(self, number: int) -> Told:
        return replace(self, appointment=replace(self.appointment, number=number))


def plan(table: Table, *, academy: Academy, parameters: Values) -> ImportPlan:
    """What the file would write in the register of posts."""
    vocabulary = Vocabulary(
        {"name": "nom", "email": "adresse électronique", "effective_on": "à compter du"},
        {"name": {"": "poste vacant"}},
    )
    result = ImportPlan(vocabulary, warnings=list(table.warnings))
    known = Establishment.objects.filter(academy=academy).in_bulk(field_name="uai")
    default = date.fromisoformat(parameters.get("effective_on") or parameters["today"])
    lines = list(_lines(result, table, known, default))
    histories = services.posts_through_time({told.appointment.establishment for told in lines})
    told = _without_conflicts(result, _numbered(lines, histories))
    seats = Seats([one.appointment for one in told])
    for one in sorted(told, key=lambda one: (one.appointment.effective_on, one.line)):
        history = histories[one.appointment.key]
        if refusal := services.refusal_of(academy, one.appointment, seats, history):
            result.refuse(one.line, one.appointment.establishment.uai, refusal)
        else:
            _settle(result, history, one)
    return result


def apply(batch: ImportBatch, changes: list[Change]) -> None:
    """Write the appointments through the service, under the operation of the batch."""
    known = Establishment.objects.filter(academy=batch.academy).in_bulk(field_name="uai")
    appointments = [
        Appointment(
            known[change.after["uai"]],
            Function(change.after["function"]),
            change.after["name"],
            change.after["email"],
            date.fromisoformat(change.after["effective_on"]),
            change.after["number"],
        )
        for change in changes
    ]
    reason = batch.parameters.get("reason") or DEFAULT_REASON
    try:
        services.appoint(batch.academy, appointments, by=batch.author, reason=reason, operation=batch.operation)
    except PostRefused as refusal:
        raise ImportRefused(str(refusal)) from None


def undo(batch: ImportBatch, changes: list[ImportChange], *, by: User | None, decision_reference: str) -> None:
    """Correct the rows of the batch."""
    try:
        services.undo(batch.academy, batch.operation, by=by, reason=f"Annulation de l’importation {batch.file_name}")
    except PostRefused as refusal:
        raise ImportRefused(str(refusal)) from None


def _lines(plan: ImportPlan, table: Table, known: Mapping[str, Establishment], default: date) -> Iterator[Told]:
    reader = Reader(table, COLUMNS)
    for line in table.lines:
        try:
            values, _ = reader.values(line)
            if values["uai"] not in known:
                raise CellRefused(
                    f"L’UAI {values['uai']} n’est pas enregistré dans l’académie : importez d’abord l’annuaire."
                )
            name = f"{values.get('first_name') or ''} {values['name']}".strip()
            if not name:
                raise CellRefused("Le nom est vide : écrivez « vacant » si personne ne tient le poste.")
        except CellRefused as refusal:
            plan.refuse(line.number, reader.raw(line, "uai"), refusal)
            continue
        name = "" if normalise(name) in VACANT else name
        for function in values["functions"]:
            number = 1 if function in SOLE_FUNCTIONS else 0
            yield Told(
                Appointment(
                    known[values["uai"]],
                    function,
                    name,
                    values.get("email") or "",
                    values.get("since") or default,
                    values.get("number") or number,
                ),
                line.number,
            )


def _numbered(lines: list[Told], histories: Mapping[PostKey, PostHistory]) -> Iterator[Told]:
    """Give a number to posts that have none: the one the person holds already, else the first that no line takes.

    So a file that names one deputy replaces the only deputy of the register, and one that names both keeps both.
    """
    held: dict[Place, dict[int, PostHistory]] = defaultdict(dict)
    for (establishment, function, number), history in sorted(histories.items(), key=lambda item: item[0]):
        held[establishment, function][number] = history
    taken: dict[Place, dict[int, Holder]] = defaultdict(dict)
    waiting: list[Told] = []
    for told in lines:
        number = told.appointment.number or _held(told, held[told.place])
        if number:
            taken[told.place].setdefault(number, told.appointment.holder)
            yield told.numbered(number)
        else:
            waiting.append(told)
    for told in waiting:
        numbers, holder = taken[told.place], told.appointment.holder
        same = [number for number, other in numbers.items() if other == holder and not holder.is_vacant]
        number = same[0] if same else next(number for number in count(1) if number not in numbers)
        numbers[number] = holder
        yield told.numbered(number)


def _held(told: Told, histories: Mapping[int, PostHistory]) -> int:
    """The number of the post that this person holds in the register on that day, 0 if none."""
    holder, day = told.appointment.holder, told.appointment.effective_on
    found = (n for n, history in histories.items() if not holder.is_vacant and history.on(day) == holder)
    return next(found, 0)


def _without_conflicts(plan: ImportPlan, lines: Iterator[Told]) -> list[Told]:
    """One line a post and a day: a line said twice is ignored, two persons for one post refuse both lines."""
    said: dict[tuple[PostKey, date], list[Told]] = defaultdict(list)
    for told in lines:
        said[told.appointment.key, told.appointment.effective_on].append(told)
    kept = []
    for same in said.values():
        persons = {told.appointment.holder for told in same}
        if len(persons) == 1:
            kept.append(same[0])
            plan.ignored["ligne répétée"] += len(same) - 1
            continue
        numbers = ", ".join(str(told.line) for told in same)
        for told in same:
            reason = f"{told.appointment} : plusieurs personnes le même jour (lignes {numbers})."
            plan.refuse(told.line, told.appointment.establishment.uai, reason)
    return kept


def _settle(plan: ImportPlan, history: PostHistory, told: Told) -> None:
    """File one appointment; the history advances so that the next one of the post sees it."""
    appointment, holder, day = told.appointment, told.appointment.holder, told.appointment.effective_on
    current = history.on(day)
    label = f"{appointment}, à compter du {day:%d/%m/%Y}"
    if current == holder:
        plan.left.append(label)
        return
    history.note(day, holder)
    uai, function, number = appointment.establishment.uai, str(appointment.function), appointment.number
    post = {"uai": uai, "function": function, "number": number, "effective_on": day.isoformat()}
    before = {**post, "name": current.name, "email": current.email} if current else None
    after = {**post, "name": holder.name, "email": holder.email}
    plan.settle(Change(f"{uai}/{function}/{number}@{day:%Y%m%d}", label, told.line, before, after))
