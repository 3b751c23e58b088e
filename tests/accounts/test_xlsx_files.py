"""A dated workbook: the same rows give the same bytes, on any day and any machine."""

import hashlib
from datetime import UTC, datetime
from decimal import Decimal

import time_machine

from accounts.xlsx_files import xlsx_bytes

MADE_AT = datetime(2024, 10, 8, 12, tzinfo=UTC)
GOLDEN = "722bc037f5e86e177f4ef0d7df582eff3f032971fe030ba283ff64d457acc17e"


def drawn() -> bytes:
    rows = [(1, "Léa", Decimal("248.63")), (2, "=1+1", Decimal("-0.01"))]
    return xlsx_bytes("État 1", ("Rang", "Tuteur", "Montant (€)"), rows, made_at=MADE_AT)


def test_the_same_rows_give_the_same_bytes_whenever_they_are_drawn() -> None:
    """The hash is what statements of payment keep: a library that drew otherwise would make their files refused."""
    with time_machine.travel("2031-01-01T00:00:00Z"):
        later = drawn()
    assert later == drawn()
    assert hashlib.sha256(later).hexdigest() == GOLDEN
