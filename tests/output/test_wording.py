from typing import Any

import pytest
from tests.output.made_records import made_record

from plmkit.output.wording import caption_of_part, counted, intervals, size_of_part, title_of_part, what_was_done


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {},
            "big was tuned by LoRA, small adapters beside its own weights, to predict one of 3 classes for each "
            "protein (a, b, c), from 120 labelled proteins.",
        ),
        (
            {"unit": "residue", "task": "regression", "names": ["Tm"], "method": "full"},
            "big was tuned in all of its weights to predict a measured number for each residue of a protein (Tm), "
            "from 840 labelled residues of 120 proteins.",
        ),
        (
            {"unit": "pair", "task": "multilabel", "names": list("abcdef"), "method": "head"},
            "A new head was trained on the frozen embeddings of big to predict any of 6 labels for each pair of "
            "proteins (a, b, c, d, e, …), from 120 labelled pairs of proteins.",
        ),
        (
            {"unit": "window", "task": "regression", "names": ["x", "y"], "method": "ia3"},
            "big was tuned by IA3, learned factors on its inner states, to predict 2 measured numbers for the residue "
            "in the middle of each window (x, y), from 120 labelled windows.",
        ),
    ],
)
def test_one_sentence_says_what_was_done(given: dict[str, Any], sentence: str) -> None:
    assert what_was_done(made_record(**given)) == sentence


def test_a_training_that_went_on_says_so() -> None:
    record = made_record()
    record["inputs"].append({"role": "tuned model", "sha256": "cafe", "records": 1})
    assert what_was_done(record).endswith("from 120 labelled proteins; training began with a tuned model.")


def test_things_are_counted_in_singular_and_plural() -> None:
    assert [counted(1, "pair"), counted(1, "residue"), counted(1200, "window")] == [
        "1 pair of proteins",
        "1 protein",
        "1,200 windows",
    ]


def test_the_size_of_a_part_names_residues_where_they_bear_the_labels() -> None:
    counts = made_record("residue", folds=2)["counts"]
    assert size_of_part(counts, "validation") == "20 proteins, 140 labelled residues"
    assert size_of_part(counts, "cross-validation") == "120 proteins, 840 labelled residues"
    assert size_of_part(made_record()["counts"], "training") == "100 proteins"


def test_parts_have_titles_and_say_how_far_to_trust_them() -> None:
    titles = [title_of_part(part) for part in ("test", "test_hard", "validation", "cross-validation")]
    assert titles == ["Test set", "Test set “test_hard”", "Validation set", "Cross-validation"]
    assert "flatter the tuned model a little" in caption_of_part(made_record(), "validation")
    assert "the best run chosen" in caption_of_part(made_record(seeds=3), "validation")
    assert "divided into 5 folds" in caption_of_part(made_record(folds=5), "cross-validation")
    assert caption_of_part(made_record("window"), "test").endswith("what to expect of other windows like these.")


def test_intervals_name_their_groups_and_those_of_pairs_a_warning() -> None:
    assert intervals(made_record()["counts"], "validation").endswith("(bootstrap over 10 groups of related examples).")
    assert "Pairs are taken as independent" in intervals(made_record("pair")["counts"], "validation")
