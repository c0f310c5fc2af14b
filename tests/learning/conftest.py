"""The small language model of these tests."""

from pathlib import Path

import pytest
from tests.models.random_models import random_model


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small model all of whose weights are random; not to be changed."""
    return random_model(tmp_path_factory.mktemp("small") / "small")
