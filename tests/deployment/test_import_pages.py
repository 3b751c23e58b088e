"""Pages of the imports: from the file to the confirmation, for the right persons only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from deployment.choices import ImportKind, ImportState
from deployment.importers import batches
from deployment.models import Academy, Establishment, ImportBatch, WaveMove
from deployment.workbooks import LARGEST_FILE
from tests.deployment.import_files import as_csv, official, official_rows
from tests.factories import make_establishment, make_wave

Signed = Callable[[User], Client]
LIST, NEW = "/grenoble/importations/", "/grenoble/importations/nouvelle/"


def deposit(client: Client, content: bytes, kind: str = "establishments", name: str = "a.csv", **said: str) -> Any:
    return client.post(NEW, {"kind": kind, "file": SimpleUploadedFile(name, content), **said}, follow=True)


def preview(academy: Academy, content: bytes = b"") -> ImportBatch:
    return batches.preview(
        ImportKind.ESTABLISHMENTS, content or official(), "a.csv", academy=academy, by=None, parameters={}
    )


def test_a_file_is_deposited_shown_confirmed_and_undone(signed: Signed, samir: User, grenoble: Academy) -> None:
    client = signed(samir)
    page = deposit(client, official())
    batch = ImportBatch.objects.get()
    assert page.redirect_chain == [(f"/grenoble/importations/{batch.pk}/", 302)]
    assert "Lycée polyvalent Boissy d&#x27;Anglas (0070001N)" in page.content.decode()
    assert not Establishment.objects.exists()
    page = client.post(f"{LIST}{batch.pk}/confirmer/", follow=True).content.decode()
    assert "Le fichier est importé." in page
    assert "Annuler l’importation" in page
    assert Establishment.objects.count() == 20
    page = client.post(f"{LIST}{batch.pk}/annuler/", follow=True).content.decode()
    assert "L’importation est annulée" in page
    assert not Establishment.objects.exists()


def test_a_file_is_abandoned(signed: Signed, samir: User, grenoble: Academy) -> None:
    batch = preview(grenoble)
    page = signed(samir).post(f"{LIST}{batch.pk}/abandonner/", follow=True).content.decode()
    assert "L’importation est abandonnée" in page
    batch.refresh_from_db()
    assert batch.state == ImportState.ABANDONED


def test_changes_refusals_and_ignored_lines_are_shown(signed: Signed, samir: User, grenoble: Academy) -> None:
    batches.confirm(preview(grenoble), by=samir)
    rows = official_rows()
    place = {name: rows[0].index(name) for name in ("Nom_commune", "SIREN_SIRET", "Statut_public_prive")}
    rows[4][place["Nom_commune"]] = "Vernoux"
    rows[5][place["SIREN_SIRET"]] = "2,17003E+13"
    rows[6][place["Statut_public_prive"]] = "Privé"
    client = signed(samir)
    page = deposit(client, as_csv(rows)).content.decode()
    assert f"commune : {official_rows()[4][place['Nom_commune']]} → Vernoux" in page
    assert "notation scientifique" in page
    assert "établissement privé : 1" in page
    batch = ImportBatch.objects.first()
    assert batch
    page = client.post(f"{LIST}{batch.pk}/confirmer/", follow=True).content.decode()
    assert "1 ligne refusée" in page
    client.post(f"{LIST}{batch.pk}/confirmer/", {"skip_refused": "on"})
    assert Establishment.objects.filter(town="Vernoux").exists()


def test_the_same_file_is_announced_with_date_and_author(signed: Signed, samir: User, grenoble: Academy) -> None:
    batches.confirm(preview(grenoble), by=samir)
    page = deposit(signed(samir), official()).content.decode()
    assert "Ce fichier a déjà été importé" in page
    assert "par Samir Grenoble." in page
    assert "Rien à importer" in page
    assert "Confirmer" not in page


def test_long_lists_are_cut(signed: Signed, samir: User, grenoble: Academy) -> None:
    for number in range(203):
        make_establishment(grenoble, name=f"Collège {number}")
    page = signed(samir).get(preview(grenoble).get_absolute_url()).content.decode()
    assert "… et 3 autres" in page


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "est vide"),
        (b"\x89PNG\r\n\x1a\n\0", "une image"),
        ("uai;nom\r\n0380033E;Collège\r\n".encode("cp1252"), "pas en UTF-8"),
        (b"PK\x03\x04tronqu\xe9", "abîmé ou incomplet"),
    ],
)
def test_a_file_that_is_no_table_gets_one_sentence(
    signed: Signed, samir: User, grenoble: Academy, content: bytes, sentence: str
) -> None:
    page = deposit(signed(samir), content)
    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert not ImportBatch.objects.exists()


def test_a_file_beyond_50_megabytes_is_refused(
    signed: Signed, samir: User, grenoble: Academy, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert LARGEST_FILE == 50 * 1024 * 1024
    monkeypatch.setattr("deployment.forms.imports.LARGEST_FILE", 1000)
    assert "dépasse 50 Mo" in deposit(signed(samir), official()).content.decode()


def test_a_list_of_waves_needs_its_day_and_reason(signed: Signed, samir: User, grenoble: Academy) -> None:
    wave = make_wave(grenoble, "V8")
    establishment = make_establishment(grenoble)
    content = as_csv([["uai", "vague"], [establishment.uai, wave.code]])
    client = signed(samir)
    page = deposit(client, content, "waves").content.decode()
    assert "Indiquez le jour de la décision." in page
    assert "Indiquez le motif." in page
    page = deposit(client, content, "waves", effective_on="2024-06-28", reason="Liste initiale").content.decode()
    assert "vague : V8" in page
    assert "<dt>Décision du</dt><dd>28/06/2024</dd>" in page
    batch = ImportBatch.objects.get()
    client.post(f"{LIST}{batch.pk}/confirmer/")
    assert WaveMove.objects.get().author == samir
    assert "Référence de la décision" in client.get(batch.get_absolute_url()).content.decode()


def test_agencies_take_the_day_that_is_given(signed: Signed, samir: User, grenoble: Academy) -> None:
    seat = make_establishment(grenoble)
    content = as_csv([["uai_siege", "uai_rattache"], [seat.uai, seat.uai]])
    page = deposit(signed(samir), content, "agencies", effective_on="2024-09-01").content.decode()
    assert "à compter du : 01/09/2024" in page


@pytest.mark.parametrize("name", ["<script>alert(1)</script>.csv", '"><img src=x onerror=alert(1)>.csv'])
def test_hostile_names_and_cells_are_shown_literally(signed: Signed, samir: User, grenoble: Academy, name: str) -> None:
    rows = official_rows()
    rows[4][1] = name
    rows[5][0] = "<script>alert(2)</script>"
    client = signed(samir)
    deposit(client, as_csv(rows), name=name)
    for url in (LIST, ImportBatch.objects.get().get_absolute_url()):
        page = client.get(url).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_history_costs_the_same_whatever_its_length(
    signed: Signed, samir: User, grenoble: Academy, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        batches.abandon(preview(grenoble), by=None)
    ImportBatch.objects.update(author=samir)
    client = signed(samir)
    with django_assert_num_queries(6):
        page = client.get(LIST)
    assert len(page.context["page"].object_list) == count
    assert page.content.decode().count('class="fr-cell--right">20<') == count


def test_an_empty_history_says_where_to_begin(signed: Signed, samir: User, grenoble: Academy) -> None:
    assert "Aucun fichier n’a été déposé." in signed(samir).get(LIST).content.decode()


ACTS = ("confirmer", "abandonner", "annuler")


@pytest.mark.parametrize("person", ["claire", "emma", "hugo", "lise", "denis", "tom", "alice"])
def test_other_roles_are_refused(
    signed: Signed, grenoble: Academy, request: pytest.FixtureRequest, person: str
) -> None:
    batch = preview(grenoble)
    client = signed(request.getfixturevalue(person))
    codes = [client.get(url).status_code for url in (LIST, NEW, batch.get_absolute_url())]
    codes += [client.post(NEW).status_code, *(client.post(f"{LIST}{batch.pk}/{act}/").status_code for act in ACTS)]
    assert codes == [403] * 7


def test_a_stranger_finds_nothing(signed: Signed, grenoble: Academy, victor: User) -> None:
    batch = preview(grenoble)
    client = signed(victor)
    urls = [LIST, NEW, batch.get_absolute_url(), f"/lyon/importations/{batch.pk}/"]
    codes = [client.get(url).status_code for url in urls]
    for place in ("grenoble", "lyon"):
        codes += [client.post(f"/{place}/importations/{batch.pk}/{act}/").status_code for act in ACTS]
    assert codes == [404] * 10
    batch.refresh_from_db()
    assert batch.state == ImportState.PREVIEWED


def test_the_buttons_answer_to_post_only(signed: Signed, samir: User, grenoble: Academy) -> None:
    batch = preview(grenoble)
    client = signed(samir)
    assert [client.get(f"{LIST}{batch.pk}/{act}/").status_code for act in ACTS] == [405] * 3
