"""What a PDF may read while it is made: given folders and data in the page itself. Never the network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse


class RefusedFetch(FatalURLFetchingError):
    """Stops WeasyPrint at once; `to_pdf` turns it into `ForbiddenResource`."""


class ForbiddenResource(Exception):
    """Something in the deck asked for an address or a file that a PDF must not read."""


class LocalFetcher(URLFetcher):
    """`data:` and files under the given folders; anything else stops the drawing."""

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__(allowed_protocols=("file", "data"), allow_redirects=False, fail_on_errors=True)
        self.folders = [folder.resolve() for folder in folders]

    def fetch(self, url: str, headers: dict[str, Any] | None = None) -> URLFetcherResponse:
        parts = urlsplit(url)
        if parts.scheme == "file":
            path = Path(unquote(parts.path)).resolve()
            if parts.netloc or not any(path.is_relative_to(folder) for folder in self.folders):
                raise RefusedFetch(f"Lecture refusée pendant la composition : {url[:200]}")
        elif parts.scheme != "data":
            raise RefusedFetch(f"Adresse refusée pendant la composition : {url[:200]}")
        return super().fetch(url, headers)
