"""Models with random weights: the same ones from the same seed, and they say what they are."""

from pathlib import Path

from plmkit.models.source import open_model
from plmkit.models.untrained import build_untrained


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    found = []
    for name, seed in (("one", 4), ("two", 4), ("three", 5)):
        build_untrained(tmp_path / name, "small", width=16, layers=1, heads=2, seed=seed)
        found.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
    assert found[0] == found[1]
    assert found[0]["model.safetensors"] != found[2]["model.safetensors"]


def test_a_model_says_that_it_is_untrained(tmp_path: Path) -> None:
    build_untrained(tmp_path / "model", "small", width=16, layers=1, heads=2, seed=4)
    with open_model(str(tmp_path / "model"), None) as files:
        assert not files.is_trained
        assert "small has random weights and was never trained on proteins" in files.notes()[0]
