"""The WSGI entry point for gunicorn. A body that was cut on its way is refused, not read as if it were whole."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opale_pilot.settings")
site = get_wsgi_application()


class WholeBody:
    """The input of a request; Django never asks for more than what its length announces (LimitedStream).

    gunicorn gives what came before the line was cut, and Django would take a form whose last field is cut as complete.
    """

    def __init__(self, body: Any) -> None:
        self.body = body

    def read(self, size: int) -> bytes:
        return self._whole(self.body.read(size), size)

    def readline(self, size: int) -> bytes:
        line: bytes = self.body.readline(size)
        return line if line.endswith(b"\n") else self._whole(line, size)

    @staticmethod
    def _whole(found: bytes, size: int) -> bytes:
        if len(found) < size:
            raise ConnectionResetError("the body of the request was cut on its way")
        return found


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    return site({**environ, "wsgi.input": WholeBody(environ["wsgi.input"])}, start_response)
