"""What an answer says, by purpose: the typed reading of the JSON that a version keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Content = Mapping[str, Any]


@dataclass(frozen=True)
class Wish:
    """The wave that one function of an establishment wishes. `reason` is a `WishReason`."""

    wave: str
    reason: str
    comment: str


@dataclass(frozen=True)
class Volunteer:
    """A person who offers to tutor. `spheres`: values of `Sphere`; `capacity`: establishments accepted."""

    name: str
    email: str
    function: str
    spheres: tuple[str, ...]
    capacity: int
    is_remote: bool
    area: str
    motivation: str


@dataclass(frozen=True)
class Trainee:
    """A person to train. `function` is a `Function`, `sphere` a `Sphere`, `starts_on` an ISO day or empty."""

    name: str
    email: str
    function: str
    sphere: str
    starts_on: str
    need: str


def wish(content: Content) -> Wish:
    """Of a *wave wish*: `{"wave", "reason", "comment"}`."""
    return Wish(content["wave"], content["reason"], content.get("comment", ""))


def volunteers(content: Content) -> list[Volunteer]:
    """Of *tutor volunteers*: `{"none": bool, "people": […]}`; nobody is an answer."""
    return [
        Volunteer(
            name=line["name"],
            email=line.get("email", ""),
            function=line["function"],
            spheres=tuple(line["spheres"]),
            capacity=int(line.get("capacity") or 1),
            is_remote=bool(line.get("is_remote")),
            area=line.get("area", ""),
            motivation=line.get("motivation", ""),
        )
        for line in content["people"]
    ]


def trainees(content: Content) -> list[Trainee]:
    """Of *training needs*: `{"none": bool, "people": […], "comment"}`; « aucun besoin » is an answer."""
    return [
        Trainee(
            name=line["name"],
            email=line.get("email", ""),
            function=line["function"],
            sphere=line["sphere"],
            starts_on=line.get("starts_on", ""),
            need=line.get("need", ""),
        )
        for line in content["people"]
    ]


def values(content: Content) -> dict[int, Any]:
    """Of a free questionnaire: `{"values": {question key: value}}`."""
    return {int(key): value for key, value in content["values"].items()}
