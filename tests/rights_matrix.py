"""Writes who may do what as a table that anybody can read: `make rights`, then look at the difference."""

import os
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import django

from accounts.choices import Role
from accounts.rights import CATALOGUE

MATRIX = Path(__file__).parent / "rights_matrix.txt"
ROOMS = ("accounts", "deployment", "docs_platform", "surveys", "tutoring", "training", "otp_keys", "support", "cosui")


def render() -> str:
    """One line a right, one column a role."""
    for room in ROOMS:
        if find_spec(f"{room}.rights"):
            import_module(f"{room}.rights")
    rights = sorted(CATALOGUE, key=lambda right: right.name)
    width = max(len(right.name) for right in rights) + 2
    lines = ["right".ljust(width) + "".join(role.value.ljust(10) for role in Role)]
    lines += [
        right.name.ljust(width) + "".join(("x" if role in right.roles else ".").ljust(10) for role in Role)
        for right in rights
    ]
    return "".join(f"{line.rstrip()}\n" for line in lines)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opale_pilot.settings")
    django.setup()
    MATRIX.write_text(render())
