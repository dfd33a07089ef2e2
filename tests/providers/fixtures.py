"""The fixture ``providers``, to be imported by the ``conftest`` of any suite."""

from collections.abc import Iterator

import pytest

from .server import Providers, running


@pytest.fixture
def providers() -> Iterator[Providers]:
    """StatBank, Energi Data Service and Klimaregnskabet on loopback, healthy at first."""
    with running() as started:
        yield started
