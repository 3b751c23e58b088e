"""Addresses written in mails and files: built from PUBLIC_BASE_URL alone, never from what a request says."""

from django.conf import settings


def public_url(path: str) -> str:
    """The full address of one of our pages; `path` is what `reverse` gives."""
    if not path.startswith("/") or path.startswith("//"):
        raise ValueError(f"{path!r} is not a path of this site")
    return f"{settings.PUBLIC_BASE_URL}{path}"
