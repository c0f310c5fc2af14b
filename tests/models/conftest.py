"""The language models of these tests: the embedded one, loaded by us and by unmodified transformers."""

import random
from pathlib import Path

import pytest
import torch
from tests.models.random_models import random_model
from transformers import EsmModel

from plmkit.models.backbone import Backbone, load_backbone
from plmkit.models.source import EMBEDDED_FOLDER, open_model

CPU = torch.device("cpu")


@pytest.fixture
def backbone() -> Backbone:
    """The embedded model as plmkit loads it; fresh, since adapters change it in place."""
    with open_model("embedded", None) as files:
        return load_backbone(files, CPU)


@pytest.fixture(scope="session")
def reference() -> EsmModel:
    """The embedded model as unmodified transformers loads it."""
    model = EsmModel.from_pretrained(EMBEDDED_FOLDER, add_pooling_layer=False, dtype=torch.float32)
    return model.eval()


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small model all of whose weights are random; not to be changed."""
    return random_model(tmp_path_factory.mktemp("small") / "small")


@pytest.fixture(scope="session")
def sequences() -> list[str]:
    """Short and long sequences of all letters."""
    generator = random.Random(8)
    lengths = [1, 2, 3, 7, 21, 21, 40, 95, 200, 333]
    return ["".join(generator.choices("ACDEFGHIKLMNPQRSTVWYXBUZO", k=length)) for length in lengths]
