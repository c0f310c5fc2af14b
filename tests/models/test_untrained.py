from pathlib import Path

from plmkit.models.source import EMBEDDED_FOLDER, open_model
from plmkit.models.untrained import build_placeholder


def test_the_embedded_model_is_what_its_builder_writes(tmp_path: Path) -> None:
    build_placeholder(tmp_path)
    built, committed = (
        {path.name: path.read_bytes() for path in folder.iterdir()} for folder in (tmp_path, EMBEDDED_FOLDER)
    )
    assert built == committed


def test_the_embedded_model_says_that_it_is_untrained() -> None:
    with open_model("embedded", None) as files:
        assert "untrained" in files.name
        assert "untrained" in files.folder.name
        assert not files.is_trained
        assert "random weights" in files.notes()[0]
