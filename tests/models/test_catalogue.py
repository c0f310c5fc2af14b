"""The catalogue holds together, and what it says of sizes is true of the architectures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plmkit.models.catalogue import CatalogueModel, catalogue, find
from plmkit.models.manifest import allows_commercial_use
from plmkit.models.source import EMBEDDED_FOLDER

ROOT = Path(__file__).resolve().parents[2]
# the families that plmkit has or is to have; tags of Galaxy's table are plm- and these
FAMILIES = {"esm2", "esm1b", "esmc", "prott5", "prostt5", "ankh", "protbert", "saprot"}


@pytest.fixture(params=catalogue(), ids=lambda model: model.name)
def model(request: pytest.FixtureRequest) -> CatalogueModel:
    chosen: CatalogueModel = request.param
    return chosen


def test_names_and_titles_are_unique() -> None:
    assert len({model.name.lower() for model in catalogue()}) == len(catalogue())
    assert len({model.title for model in catalogue()}) == len(catalogue())


def test_an_entry_is_whole(model: CatalogueModel) -> None:
    assert re.fullmatch(r"[\w.-]+/[\w.-]+", model.name)
    assert re.fullmatch(r"([0-9a-f]{40})?", model.revision)
    assert model.family in FAMILIES
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in model.sha256.values())
    assert "\t" not in model.title


def test_commercial_use_is_what_the_licence_says(model: CatalogueModel) -> None:
    assert allows_commercial_use(model.licence) is model.commercial_use


def test_the_number_of_parameters_follows_from_the_shape(model: CatalogueModel) -> None:
    """Attention has four matrices (of a T5 narrower or wider than D), the inner layer two, or three with gates."""
    narrower = {"Rostlab": 4096, "ElnaggarLab/ankh-large": 1024}
    attention = next((wide for start, wide in narrower.items() if model.name.startswith(start)), model.width)
    if model.family == "protbert":
        attention = model.width
    inner = model.width * model.feed_forward * (1.5 if model.family in ("esmc", "ankh") else 2)
    positions = 40_000 * model.width if model.family == "protbert" else 0  # learned, as many as config.json says
    expected = model.layers * (4 * model.width * attention + inner) + positions
    assert expected == pytest.approx(model.parameters, rel=0.05)


def test_a_name_is_found_whatever_its_capitals() -> None:
    found = find("rostlab/PROT_BERT")
    assert found is not None
    assert found.name == "Rostlab/prot_bert"
    assert find("nobody/nothing") is None


def test_the_embedded_model_is_the_one_that_lies_in_the_package() -> None:
    [model] = [model for model in catalogue() if model.embedded]
    assert model.name.endswith(f"/{EMBEDDED_FOLDER.name}")


def test_memory_grows_with_what_is_asked(model: CatalogueModel) -> None:
    assert model.parameters * 4e-9 < model.memory("embed") == model.memory("head") < model.memory("lora")


def test_memory_of_esm2_650m_by_hand() -> None:
    model = find("facebook/esm2_t33_650M_UR50D")
    assert model is not None
    # 649 million weights; of a token 8 x 1280 + 2 x 5120 numbers, or 33 layers of 9 x 1280 + 2 x 5120
    assert model.memory("embed") == pytest.approx(2.596 + 2048 * 20480 * 4e-9)
    assert model.memory("lora") == pytest.approx(2.596 + 2048 * 33 * 21760 * 4e-9)


def test_each_model_stands_in_the_guide_with_its_licence(model: CatalogueModel) -> None:
    guide = (ROOT / "docs" / "admin" / "models.md").read_text(encoding="utf-8")
    [row] = [line for line in guide.splitlines() if line.startswith(f"| `{model.name}` ")]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1] == f"`plm-{model.family}`"
    assert cells[2] == model.licence
    assert cells[3] == ("yes" if model.commercial_use else "**no**")
    assert cells[4] == (f"`{model.revision[:12]}`" if model.revision else "")
    assert [float(cell) for cell in cells[-2:]] == [float(f"{model.memory(way):.1f}") for way in ("embed", "lora")]
