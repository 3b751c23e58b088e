"""Whether an application answers its call: explained to the staff, who decide; it never blocks anybody."""

from __future__ import annotations

from collections.abc import Sequence

from figures.french import enumeration, in_sentence
from tutoring.choices.candidates import TutorFunction
from tutoring.models import Application, TutorCall


def obstacles(call: TutorCall, application: Application, wave_code: str | None) -> list[str]:
    """Why the application is not what the call asks for, one sentence a rule; empty when it is.

    `wave_code`: the wave of the person's establishment. A call without functions, waves or spheres asks for none.
    """
    return [
        sentence
        for sentence in (
            _function(call, application.function),
            _wave(call.waves, wave_code),
            _spheres(call, application),
        )
        if sentence
    ]


def _function(call: TutorCall, function: str) -> str:
    if not call.functions or function in call.functions:
        return ""
    held = in_sentence(str(TutorFunction(function).label))
    asked = enumeration(in_sentence(label) for label in call.function_labels)
    return f"La fonction ({held}) n’est pas dans l’appel, qui s’adresse à : {asked}."


def _wave(waves: Sequence[str], wave_code: str | None) -> str:
    if not waves or wave_code in waves:
        return ""
    where = f"est en {wave_code}" if wave_code else "n’est dans aucune vague"
    return f"L’établissement {where} ; l’appel s’adresse à : {enumeration(waves)}."


def _spheres(call: TutorCall, application: Application) -> str:
    if not call.spheres or set(call.spheres) & set(application.spheres):
        return ""
    return f"La sphère n’est pas dans l’appel, qui cherche : {enumeration(call.sphere_labels)}."
