"""The decisions that can be taken on a wave: their words, their form, the service each calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from deployment.choices import WaveStatus
from deployment.forms.waves import AbolishForm, RescheduleForm, RulingForm
from deployment.models import Wave
from deployment.services import wave_states

STANDING = (WaveStatus.OPEN, WaveStatus.FROZEN)


@dataclass(frozen=True)
class Act:
    """`allowed_from`: the statuses in which the button is shown; the service decides all the same."""

    button: str
    icon: str
    title: str
    consequence: str
    done: str
    allowed_from: tuple[WaveStatus, ...]
    form: type[RulingForm]
    apply: Callable[[Wave, Any, User], object]


def _freeze(wave: Wave, form: RulingForm, by: User) -> object:
    return wave_states.freeze(wave, form.ruling(by))


def _reopen(wave: Wave, form: RulingForm, by: User) -> object:
    return wave_states.reopen(wave, form.ruling(by))


def _switch(wave: Wave, form: RulingForm, by: User) -> object:
    return wave_states.switch(wave, form.ruling(by))


def _reschedule(wave: Wave, form: RescheduleForm, by: User) -> object:
    asked = form.cleaned_data
    dates = {"cutover_on": asked["cutover_on"], "legal_basis": asked["legal_basis"]}
    return wave_states.reschedule(wave, form.ruling(by), **dates)


def _abolish(wave: Wave, form: AbolishForm, by: User) -> object:
    return wave_states.abolish(wave, form.ruling(by), to=form.targets[form.cleaned_data["to"]], others=form.others)


ACTS: Mapping[str, Act] = {
    "geler": Act(
        "Geler",
        "lock-line",
        "Geler la vague {wave}",
        "Sa liste ({members}) est arrêtée : tout mouvement demandera la référence d’une décision.",
        "La vague {wave} est gelée.",
        (WaveStatus.OPEN,),
        RulingForm,
        _freeze,
    ),
    "rouvrir": Act(
        "Rouvrir",
        "lock-unlock-line",
        "Rouvrir la vague {wave}",
        "Sa liste ({members}) pourra de nouveau changer sans référence de décision.",
        "La vague {wave} est rouverte.",
        (WaveStatus.FROZEN,),
        RulingForm,
        _reopen,
    ),
    "basculer": Act(
        "Noter la bascule",
        "arrow-right-circle-line",
        "Noter la bascule de la vague {wave}",
        "La bascule sur Op@le sera comptée comme faite pour {members}.",
        "La vague {wave} a basculé.",
        STANDING,
        RulingForm,
        _switch,
    ),
    "reporter": Act(
        "Changer la date",
        "calendar-line",
        "Changer la date de bascule de la vague {wave}",
        "L’ancienne date reste au registre. La nouvelle vaut pour {members}.",
        "La date de la vague {wave} est changée.",
        STANDING,
        RescheduleForm,
        _reschedule,
    ),
    "supprimer": Act(
        "Supprimer la vague",
        "delete-line",
        "Supprimer la vague {wave}",
        "La vague compte {members}, à répartir dans les vagues choisies ici, en une seule opération.",
        "La vague {wave} est supprimée, ses établissements sont répartis.",
        STANDING,
        AbolishForm,
        _abolish,
    ),
}
