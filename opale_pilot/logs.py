"""Keeps the personal links of the establishments out of what is logged: their token lets its bearer in."""

from __future__ import annotations

import logging
import re
from typing import Any

PERSONAL_LINK = re.compile(r"/(r|v)/[^/\s\"]+")
MASKED = r"/\1/…"


class WithoutTokens(logging.Filter):
    """A filter of the loggers that write the address of a request; lets every record through."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _masked(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(_masked(argument) for argument in record.args)
        return True


def _masked(value: Any) -> Any:
    return PERSONAL_LINK.sub(MASKED, value) if isinstance(value, str) else value
