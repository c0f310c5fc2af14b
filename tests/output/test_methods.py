import pytest
from tests.output.made_records import made_record

from plmkit.models.shape import Method
from plmkit.output.methods import methods_paragraph


def test_the_paragraph_is_complete() -> None:
    assert methods_paragraph(made_record(tests=["test"], seeds=3, folds=5, class_weights="balanced")) == (
        "The protein language model big (ESM-2 family, doi:10.1/esm) was fine-tuned with plmkit 9.9 (torch 1, "
        "transformers 2, peft 3) to predict one of 3 classes for each protein (a, b, c), from 140 labelled proteins. "
        "Trained were LoRA adapters (doi:10.48550/arXiv.2106.09685) of rank 8, alpha 16 and dropout 0.05 and a head of "
        "two layers on the "
        "mean state of the residues of the protein (1,000 weights). AdamW (doi:10.48550/arXiv.1711.05101) minimised "
        "cross-entropy (rare labels weighted up) in batches of 16 examples, in float32; its learning rate rose to "
        "0.0003 (0.001 for the head) over a tenth of the steps and fell linearly to zero. Training took at most 20 "
        "epochs and stopped after "
        "5 without a better one; the weights of the epoch with the highest F1, mean over labels on 20 proteins put "
        "aside for validation were kept (epoch 4). Of 3 runs with different seeds, the best one by this score was "
        "kept. The validation set was drawn so that no group of related examples (same sequence) was divided. Test "
        "sets given with the data (20 examples) were used for judging alone. Intervals are 95 % percentile intervals "
        "of 1,000 bootstrap draws of groups (doi:10.1017/CBO9780511802843). 5-fold cross-validation kept the same "
        "groups together. The model was compared with a constant answer, a logistic regression on the residues alone, "
        "the labels of the five nearest training sequences (MMseqs2, doi:10.1038/nbt.3988) and the same head on the "
        "frozen model on the same draws; the intervals of the 4 differences hold together (Bonferroni)."
    )


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("rslora", "rank-stabilised LoRA adapters (doi:10.48550/arXiv.2312.03732) of rank 8"),
        ("dora", "DoRA adapters (doi:10.48550/arXiv.2402.09353) of rank 8"),
        ("qlora", "quantised to 4 bits (QLoRA, doi:10.48550/arXiv.2305.14314)"),
        ("ia3", "Trained were IA3 factors (doi:10.48550/arXiv.2205.05638) and a head"),
        ("full", "Trained were all weights of the model and a head"),
        ("head", "The model stayed frozen; trained was a head"),
    ],
)
def test_each_method_has_its_source(method: Method, said: str) -> None:
    assert said in methods_paragraph(made_record(method=method))


def test_other_choices_are_told() -> None:
    record = made_record("residue", "regression", loss="huber")
    record["counts"] |= {"select_by": "loss"}
    record["counts"]["split"] |= {"method": "as given"}
    record["counts"]["adapter"] |= {"layers": 6}
    record["inputs"].append({"role": "tuned model"})
    text = methods_paragraph(record)
    assert "already tuned before, was tuned further with plmkit" in text
    assert "dropout 0.05 in the upper 6 layers and a head of two layers on the state of each residue of" in text
    assert "minimised the Huber loss of standardised values in batches" in text
    assert "the epoch with the lowest loss on 20 proteins" in text
    assert "The validation set was given with the data." in text


def test_a_patience_that_could_not_end_the_training_is_not_told() -> None:
    assert "at most 20 epochs and stopped after 5 without a better one; the" in methods_paragraph(made_record())
    assert "at most 5 epochs; the weights" in methods_paragraph(made_record(epochs=5))
