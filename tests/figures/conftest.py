"""A whole deck, composed once."""

import pytest

from figures.pdf import to_pdf
from tests.figures import samples


@pytest.fixture(scope="session")
def cosui() -> bytes:
    """The PDF of `samples.deck()`, with the brand of the State."""
    return to_pdf(samples.deck(), identifier="cosui-grenoble-2024-10-08")
