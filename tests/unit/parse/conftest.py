"""The reader of the shipped libraries, compiled once for all tests of this room."""

import pytest

from engine.parse.reader import Reader
from tests.corpus.shipped import shipped_reader


@pytest.fixture(scope="session")
def shipped() -> Reader:
    """A reader of the shipped US libraries."""
    return shipped_reader()
