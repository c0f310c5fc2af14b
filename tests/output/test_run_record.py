import hashlib
import json
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy
import pytest
import torch
from tests.shape import HEADS, LAYERS, WIDTH

from plmkit import __version__
from plmkit.config import PtmConfig
from plmkit.models.source import EMBEDDED_FOLDER
from plmkit.output.run_record import input_entry, run_record

Done = Callable[..., str]
SETTINGS = {"schema_version", "plmkit", "command", "config", "model", "device", "libraries"}
FINDINGS = {"inputs", "counts", "metrics", "notes"}
OF_FINE_TUNING = {"verdict", "trust", "thresholds"}


@pytest.fixture
def records(done: Done, tmp_path: Path, bundle: Path, proteins: Path, tuned_on_windows: Path) -> list[Path]:
    done("embed", "--proteins", proteins, "--vectors", tmp_path / "v", "--record", tmp_path / "embed.json")
    command = ["ptm", "--bundle", bundle, "--proteins", proteins, "--sites", tmp_path / "s"]
    done(*command, "--record", tmp_path / "ptm.json")
    return [tmp_path / "embed.json", tmp_path / "ptm.json", tuned_on_windows / "run.json"]


def test_a_record_has_its_keys_and_no_path(records: list[Path]) -> None:
    for path in records:
        content = path.read_text()
        more = OF_FINE_TUNING if path.name == "run.json" else set()
        assert set(json.loads(content)) == SETTINGS | FINDINGS | more
        assert str(path.parent) not in content
        assert "/" + "tmp" not in content


def test_a_record_tells_what_was_done_with_what(records: list[Path], proteins: Path, bundle: Path) -> None:
    record = json.loads(records[1].read_text())
    assert (record["schema_version"], record["plmkit"], record["command"]) == (1, __version__, "ptm")
    assert record["config"] == {
        "only_modified": False,
        "modification": [],
        "residues": None,
        "sequons": False,
        "threshold": None,
        "prevalence": [],
        "model_name": None,
        "batch_tokens": None,
    }
    assert record["model"] == {
        "name": "plmkit-tiny-2",
        "family": "esm2",
        "licence": "CC-BY-4.0",
        "revision": None,
        "sha256": hashlib.sha256((EMBEDDED_FOLDER / "model.safetensors").read_bytes()).hexdigest(),
        "is_trained": True,
        "citation": "10.1126/science.ade2574",
        "settings": {
            "emb_layer_norm_before": False,
            "layer_norm_eps": 1e-05,
            "mask_token_id": 32,
            "num_attention_heads": HEADS,
            "num_hidden_layers": LAYERS,
            "pad_token_id": 1,
            "token_dropout": True,
        },
    }
    assert record["inputs"] == [
        {"role": "tuned model", "sha256": hashlib.sha256(bundle.read_bytes()).hexdigest(), "records": 1},
        {"role": "proteins", "sha256": hashlib.sha256(proteins.read_bytes()).hexdigest(), "records": 3},
    ]
    assert record["libraries"]["numpy"] == numpy.__version__
    assert record["libraries"]["scikit-learn"] == version("scikit-learn")
    assert record["device"] == "cpu" or torch.cuda.is_available()


def test_a_command_without_a_language_model_records_none_and_its_own_libraries(proteins: Path) -> None:
    config = PtmConfig(bundle=(proteins,), proteins=proteins, sites=proteins)
    inputs = [input_entry("proteins", proteins, 3)]
    record = run_record("ptm", config, None, inputs, "cpu", {"proteins": 3}, libraries=("numpy",))
    assert set(record) == SETTINGS | FINDINGS
    assert record["model"] is None
    assert record["libraries"] == {"numpy": numpy.__version__}
    json.dumps(record, allow_nan=False)


def test_counts_of_an_embedding(records: list[Path]) -> None:
    record = json.loads(records[0].read_text())
    assert record["counts"] == {
        "proteins": 3,
        "residues": 24 + 10 + 24,
        "width": WIDTH,
        "layers": [LAYERS],
        "window": 1022,
        "overlap": 255,
        "windowed": 0,
        "precision": "float32",
    }
    assert record["metrics"] == []
