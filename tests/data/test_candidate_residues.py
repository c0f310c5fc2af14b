import numpy as np

from plmkit.data.candidate_residues import candidate_residues
from plmkit.data.dataset import Example, Examples
from plmkit.data.task import Kind, Task, Unit

UNKNOWN = float("nan")


def examples(
    unit: Unit, kind: Kind, labels: tuple[str, ...], sequences: list[str], truth: list[list[float]]
) -> Examples:
    items = tuple(Example(str(n), (sequence,), str(n), n + 1) for n, sequence in enumerate(sequences))
    sizes = np.array([len(sequence) if unit == "residue" else 1 for sequence in sequences])
    return Examples("examples", Task(unit, kind, labels), items, np.array(truth, dtype=np.float32), sizes)


def test_of_two_classes_all_known_residues_count() -> None:
    residues = examples(
        "residue", "classification", ("p", "unmodified"), ["SKT", "XY"], [[0], [UNKNOWN], [1], [0], [1]]
    )
    assert candidate_residues(residues, "unmodified") == {"p": "STY"}


def test_windows_count_by_their_middle() -> None:
    windows = examples("window", "classification", ("0", "1"), ["ASA", "KTK", "XSX"], [[0], [1], [1]])
    assert candidate_residues(windows, "0") == {"1": "ST"}


def test_of_more_classes_each_has_the_residues_that_bear_it() -> None:
    windows = examples("window", "classification", ("ac", "no", "p"), ["AKA", "ASA", "ATA"], [[0], [2], [1]])
    assert candidate_residues(windows, "no") == {"ac": "K", "p": "S"}


def test_of_several_labels_each_has_the_residues_of_which_it_is_known() -> None:
    truth = [[1, UNKNOWN], [UNKNOWN, 0], [0, UNKNOWN]]
    residues = examples("residue", "multilabel", ("p", "ac"), ["SKT"], truth)
    assert candidate_residues(residues, None) == {"p": "ST", "ac": "K"}


def test_other_models_have_none() -> None:
    proteins = examples("protein", "classification", ("a", "b"), ["SKT", "AAA"], [[0], [1]])
    assert candidate_residues(proteins, None) is None
