"""Rules of the house that a machine can hold. Each of these was seen failing once, on a planted fault."""

import ast
import re
import subprocess
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import URLResolver, get_resolver

from accounts.rights import CATALOGUE, ENTER, Right
from surveys.rights import ANSWER_BY_LINK
from tests.rights_matrix import MATRIX, render
from tutoring.rights import APPLY_BY_LINK, CONFIRM_BY_LINK

ROOT = Path(__file__).parent.parent
ROOMS = ("accounts", "cosui", "deployment", "docs_platform", "figures", "opale_pilot", "otp_keys")
ROOMS += ("support", "surveys", "training", "tutoring")

PUBLIC_PAGES = {
    "login",
    "account_login",
    "logout",
    "demonstration_sign_in",
    "mfa_authenticate",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "proconnect_leave",
    "proconnect_return",
    "accessibility",
    "legal_notice",
    "personal_data",
}
BY_LINK_OF_A_CALL = {"apply_enter", "apply_edit", "apply_receipt"}
BY_PERSONAL_LINK = {
    "reply_enter",
    "reply_list",
    "reply_edit",
    "reply_draft",
    "reply_opened",
    "reply_receipt",
    "reply_delegate",
    "reply_revoke",
    "reply_disown",
    "reply_file",
}
BY_VISIT_LINK = {"visit_enter", "confirmation_list", "confirmation_edit", "confirmation_disown"}
# Templates that Django asks for by name, and those that replace a page or a component of a package.
TEMPLATES_OF_PACKAGES = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}
FOLDERS_OF_PACKAGES = ("account/", "django/", "dsfr/", "mfa/", "socialaccount/")
PRINTED = re.compile(
    r"^figures/(_?deck|letter)|/emails/"
)  # the PDF and the mails: no browser shows them under our policy

# Lines, by file name or by the package that replaced the file (`services/waves.py` counts as `services.py`).
FILE_LIMITS = {
    "models": 400,
    "choices": 120,
    "rights": 60,
    "services": 400,
    "figures": 300,
    "forms": 250,
    "views": 350,
    "urls": 60,
    "api": 250,
    "emails": 150,
    "importers": 300,
    "tasks": 50,
    "admin": 120,
    "commands": 80,
}
LONGER = {"accounts/rights.py": 120}  # says what a right is; the others are lists
LONGEST_FILE = 400
LONGEST_FUNCTION = 40
LONGEST_TEMPLATE = 150


def tracked(*patterns: str) -> list[Path]:
    """Files of the checkout, committed or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def python_files(*, tests: bool = False) -> list[Path]:
    """Our modules, migrations aside."""
    return [
        path
        for path in tracked("*.py")
        if "migrations" not in path.parts and (tests or path.relative_to(ROOT).parts[0] in ROOMS)
    ]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


# --- rights


@dataclass(frozen=True)
class Page:
    """One address: its name, its path, and what guards it."""

    name: str
    path: str
    right: Right | None
    is_open: bool


def pages(resolver: URLResolver | None = None, namespace: str = "", prefix: str = "/") -> Iterator[Page]:
    for pattern in (resolver or get_resolver()).url_patterns:
        path = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from pages(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace, path)
        else:
            view = pattern.callback
            is_open = not getattr(view, "login_required", True)
            yield Page(f"{namespace}{pattern.name}", path, getattr(view, "right", None), is_open)


def test_every_page_names_its_right() -> None:
    assert {page.name for page in pages() if not isinstance(page.right, Right)} == PUBLIC_PAGES


def test_only_public_pages_open_without_signing_in() -> None:
    assert {page.name for page in pages() if page.is_open} == (
        PUBLIC_PAGES | BY_PERSONAL_LINK | BY_LINK_OF_A_CALL | BY_VISIT_LINK
    )


def test_a_personal_link_is_what_opens_the_pages_of_establishments() -> None:
    assert {page.name for page in pages() if page.right is ANSWER_BY_LINK} == BY_PERSONAL_LINK
    assert {page.name for page in pages() if page.right is APPLY_BY_LINK} == BY_LINK_OF_A_CALL
    assert {page.name for page in pages() if page.right is CONFIRM_BY_LINK} == BY_VISIT_LINK


def test_only_pages_of_personal_links_do_without_session_and_identity() -> None:
    under = {page.name for page in pages() if page.path.startswith(settings.PERSONAL_LINKS)}
    assert under == BY_PERSONAL_LINK


def test_every_page_of_an_academy_asks_more_than_to_be_signed_in() -> None:
    inside = [page for page in pages() if page.path.startswith("/<slug:academy>/")]
    assert inside
    assert not [page.name for page in inside if page.right in (None, ENTER)]


def test_no_right_is_declared_twice() -> None:
    names = [right.name for right in CATALOGUE]
    assert sorted(names) == sorted(set(names))


def test_the_rights_matrix_is_the_committed_one() -> None:
    assert render() == MATRIX.read_text(), "a right changed: run `make rights`, look at the difference, commit it"


# --- words

ALSO_ENGLISH = re.compile(r"\b(academies|invitations?|suspensions?)\b")  # the same letters in both languages


def plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.replace("’", " ").replace("'", " ").lower())
    return "".join(character for character in folded if not unicodedata.combining(character))


def glossary() -> list[tuple[str, str]]:
    """(French term, English code) of each line of the glossary."""
    lines = [line.split("|")[1:3] for line in (ROOT / "GLOSSARY.md").read_text().splitlines() if line.startswith("| ")]
    return [(plain(french).strip(), code) for french, code in lines[1:]]


def words(identifier: str) -> str:
    """`bascule_date` and `BasculeDate` are both « bascule date »."""
    spaced = plain(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", identifier).replace("_", " "))
    return ALSO_ENGLISH.sub("", spaced).strip()


def identifiers(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno


def test_no_french_word_in_identifiers() -> None:
    english = {word for _, code in glossary() for word in words(code.strip(" `")).split()}
    terms = [term for term, _ in glossary() if not set(term.split()) <= english]
    french = re.compile(rf"\b(?:{'|'.join(terms)})s?\b")
    found = {
        f"{name_of(path)}:{line}: {identifier}"
        for path in python_files(tests=True)
        for identifier, line in dict(identifiers(path)).items()
        if french.search(words(identifier))
    }
    assert not found


# --- sizes


def limit_of(path: Path) -> int:
    if name_of(path) in LONGER:
        return LONGER[name_of(path)]
    room, *inside = path.relative_to(ROOT).with_suffix("").parts
    return next((FILE_LIMITS[part] for part in reversed(inside) if part in FILE_LIMITS), LONGEST_FILE)


def test_no_file_over_its_limit() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in python_files()}
    assert not {
        name_of(path): f"{n} lines, limit {limit_of(path)}" for path, n in lengths.items() if n > limit_of(path)
    }


def test_no_function_over_its_limit() -> None:
    found = {}
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                said = len((ast.get_docstring(node) or "").splitlines())
                length = node.end_lineno - node.lineno + 1 - said
                if length > LONGEST_FUNCTION:
                    found[f"{name_of(path)}: {node.name}"] = length
    assert not found


def test_every_module_says_what_it_is_for() -> None:
    silent = [name_of(path) for path in python_files() if path.stat().st_size and not docstring(path)]
    assert not silent


def docstring(path: Path) -> str | None:
    return ast.get_docstring(ast.parse(path.read_text()))


# --- templates


def templates() -> dict[str, str]:
    """Text of each template by the name that Django knows it by."""
    return {str(path.relative_to(ROOT / "templates")): path.read_text() for path in tracked("templates/*")}


def test_every_template_is_used() -> None:
    mentions = "\n".join([*templates().values(), *(path.read_text() for path in python_files())])
    ours = {name for name in templates() if name not in TEMPLATES_OF_PACKAGES}
    assert not {
        name
        for name in ours
        if not name.startswith(FOLDERS_OF_PACKAGES) and f'"{Path(name).name}"' not in mentions and name not in mentions
    }


def test_no_template_over_its_limit() -> None:
    assert not {
        name: len(text.splitlines()) for name, text in templates().items() if text.count("\n") > LONGEST_TEMPLATE
    }


@pytest.mark.parametrize(
    "forbidden",
    [r"<script(?![^>]*\ssrc=)", r"<style", r"\sstyle\s*=", r"\son[a-z]+\s*=", r"javascript:", r"\|\s*safe\b"],
)
def test_templates_obey_the_content_security_policy(forbidden: str) -> None:
    found = [
        name
        for name, text in templates().items()
        if not PRINTED.search(name) and re.search(forbidden, text, re.IGNORECASE)
    ]
    assert not found


# --- migrations, documents, provenance


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


def test_every_migration_has_a_name() -> None:
    found = [name_of(path) for path in tracked("*/migrations/*.py") if "_auto_" in path.stem]
    assert not found


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("document", ["README.md", "docs/install.md", "docs/engines.md", "docs/reliability.md"])
def test_documents_name_targets_that_exist(document: str) -> None:
    named = set(re.findall(r"`make ([a-z]+)", (ROOT / document).read_text()))
    assert named <= make_targets()


def test_the_readme_names_every_target() -> None:
    readme = (ROOT / "README.md").read_text()
    assert {target for target in make_targets() if f"`make {target}" not in readme} == set()


def test_the_readme_opens_with_the_two_commands() -> None:
    opening = "\n".join((ROOT / "README.md").read_text().splitlines()[:10])
    assert "make run" in opening and "make test" in opening


def test_every_variable_is_documented() -> None:
    read_ones = re.compile(r"\b(?:environ\.get|env|env_number|address)\(\s*\"([A-Z_]+)\"")
    named = {name for path in tracked("opale_pilot/*.py") for name in read_ones.findall(path.read_text())}
    documented = set(re.findall(r"`([A-Z_]+)`", (ROOT / "docs/install.md").read_text()))
    assert named and named <= documented, named - documented


def test_nothing_depends_on_a_folder_outside_the_checkout() -> None:
    outside = re.compile("(" + "|".join(("\\.\\./", "/work/")) + ")" + "shared")
    found = [name_of(path) for path in tracked() if path.suffix != ".lock" and outside.search(read(path))]
    assert not found


def test_lock_files_name_no_address() -> None:
    assert not [name_of(path) for path in tracked("*.lock") if "://" in path.read_text()]


def read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="ignore")
