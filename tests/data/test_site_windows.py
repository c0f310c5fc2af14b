from pathlib import Path

import numpy as np
import pytest
from tests.data.annotated_proteins import annotated, windows_of
from tests.data.example_files import distinct

from plmkit.data.site_candidates import CandidateRules, candidate_states
from plmkit.data.site_windows import are_windows, read_windows, settled
from plmkit.errors import UserError


def fasta(folder: Path, labels: list[str]) -> Path:
    path = folder / "windows.fasta"
    records = zip(distinct(len(labels)), labels, strict=True)
    path.write_text("".join(f">p{n // 2}%1%{n + 5} LABEL={label}\n{one}\n" for n, (one, label) in enumerate(records)))
    return path


def test_windows_are_told_by_their_label(tmp_path: Path) -> None:
    assert are_windows(fasta(tmp_path, ["1"]))
    (tmp_path / "whole").write_text(">p LABELLED=1\nMKV\n")
    assert not are_windows(tmp_path / "whole")
    (tmp_path / "table").write_text("protein\tposition\np LABEL=1\t2\n")
    assert not are_windows(tmp_path / "table")


def test_yes_and_no_get_the_name_of_the_user(tmp_path: Path) -> None:
    path = fasta(tmp_path, ["1", "0"] * 6)

    found = read_windows(path, "Phosphorylation")

    assert found.candidates.modifications == ("Phosphorylation",)
    assert found.candidates.states[:, 0].tolist() == [1, 0] * 6
    assert found.candidates.positions.tolist() == list(range(5, 17))
    assert found.proteins == tuple(f"p{n}" for n in range(6))
    assert found.candidates.residues == ("S",)
    assert read_windows(path, None).candidates.modifications == ("modified",)


def test_several_classes_are_several_modifications_that_say_nothing_of_each_other(tmp_path: Path) -> None:
    found = read_windows(fasta(tmp_path, ["ac", "me", "unmodified"] * 4), None)

    assert found.candidates.modifications == ("ac", "me")
    assert found.candidates.states[:3].tolist() == [[1, -2], [-2, 1], [0, 0]]


def test_several_labels_at_once(tmp_path: Path) -> None:
    found = read_windows(fasta(tmp_path, ["ac;me", "me", ";"] * 4), None)

    assert found.candidates.states[:3].tolist() == [[1, 1], [0, 1], [0, 0]]


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (["ac", "me"] * 6, "proteins: no label means not modified among 'ac', 'me'; write unmodified or 0 there"),
        ([f"{n / 7}" for n in range(12)], "proteins: LABEL= holds measured numbers; a site is modified or not"),
    ],
)
def test_labels_that_say_nothing_of_sites_are_refused(tmp_path: Path, labels: list[str], told: str) -> None:
    with pytest.raises(UserError, match=told):
        read_windows(fasta(tmp_path, labels), None)


def test_a_window_modified_elsewhere_is_not_learned_as_unmodified() -> None:
    told = annotated(["GGSGGSG", "GGSGGSGG"], {"P": [{3: True}, {6: True}]})
    candidates = candidate_states(told, CandidateRules({}))
    windows = windows_of(told.proteins.sequences, candidates.proteins, candidates.positions, 5)

    found, count = settled(candidates, windows)

    # GGSGG is modified at 3 of the first and at 6 of the second, so 3 of the second is not unmodified
    assert [one.tobytes() for one in windows] == [b"GGSGG", b"GGSGX", b"GGSGG", b"GGSGG"]
    assert found.states[:, 0].tolist() == [1, 0, -1, 1]
    assert count == 1
    assert np.array_equal(candidates.states[:, 0], [1, 0, 0, 1])
