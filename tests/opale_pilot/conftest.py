"""The demonstration, loaded once for all the tests of a file: each sees it as it was loaded."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from deployment.models import Academy


@pytest.fixture(scope="module")
def loaded_demonstration(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Around the transactions of the tests, one that is never committed."""
    aside = override_settings(
        MEDIA_ROOT=tmp_path_factory.mktemp("media"),
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    )
    with django_db_blocker.unblock(), transaction.atomic():
        with aside:
            call_command("demo", stdout=StringIO())
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(loaded_demonstration: None, db: None) -> Academy:
    return Academy.objects.get(slug="grenoble")
