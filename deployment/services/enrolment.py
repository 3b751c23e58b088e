"""Taking an académie in."""

from accounts.academies import academy_named
from deployment.models import Academy


def enrol(slug: str) -> Academy:
    """The row of that académie, created the first time. Raises `AcademyUnknown` with the list of the thirty."""
    official = academy_named(slug)
    academy, _ = Academy.objects.get_or_create(slug=official.slug, defaults={"label": official.label})
    return academy
