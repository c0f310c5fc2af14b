"""Paragraphs from run records alone: in the terms of the field, with sources."""

import pytest
from tests.output.made_steps import explanation, predictions, pretraining, scan

from plmkit.output.methods_of_models import (
    explanation_paragraph,
    prediction_paragraph,
    pretraining_paragraph,
    scan_paragraph,
)
from plmkit.output.telling import Telling


def test_predictions_tell_calibration_sets_and_distance() -> None:
    assert prediction_paragraph(predictions()) == (
        "The tuned model on the protein language model big (ESM-2 family, doi:10.1126/science.ade2574) predicted 50 "
        "proteins with plmkit 9.9 (torch 1, transformers 2, peft 3). Probabilities are calibrated on the validation "
        "examples of the tuning, by temperature scaling (doi:10.48550/arXiv.1706.04599). Sets of labels were made to "
        "hold the truth in 90 % of the cases by split conformal prediction (doi:10.48550/arXiv.2107.07511). Distances "
        "to the nearest training example in the space of the head tell which examples lie far from what was learned "
        "(doi:10.48550/arXiv.2204.06507)."
    )


def test_nothing_is_told_that_was_not_done() -> None:
    record = predictions(calibration=[], hedged=False, unit="residue", places=900)
    del record["counts"]["far"]
    telling = Telling()
    telling.model(record)
    telling.software(record, "torch", "transformers", "peft")
    assert prediction_paragraph(record, telling) == (
        "The tuned model on big predicted 900 residues of 50 proteins with plmkit."
    )


def test_several_models_another_prevalence_and_a_known_truth_are_told() -> None:
    record = predictions(task="regression")
    record["inputs"] *= 3
    record["config"]["prevalence"] = ["a=0.01"]
    record["metrics"] = [{"metric": "auroc"}]
    text = prediction_paragraph(record)
    assert text.startswith("The mean of 3 tuned models on the protein language model big")
    assert "Intervals of the measured numbers were made" in text
    assert "moved to another prevalence (a=0.01; doi:10.1162/089976602753284446)" in text
    assert "Measures against the known truth" in text


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("mcc", "(on validation examples, the highest Matthews correlation): Phosphorylation from 0.25 on."),
        ("fpr_5", "(on validation examples, a false-positive rate of 5 %): Phosphorylation"),
        ("precision_80", "(on validation examples, a precision of 80 %): Phosphorylation"),
        (None, "Called modified were residues by their probability: Phosphorylation from 0.25 on."),
    ],
)
def test_a_scan_tells_its_thresholds(rule: str | None, said: str) -> None:
    assert said in scan_paragraph(scan(rule=rule))


def test_a_scan_tells_sequons_and_motifs_where_asked_for() -> None:
    assert "Two Sample Logo" not in scan_paragraph(scan())
    record = scan(motifs=True)
    record["config"]["sequons"] = True
    assert "(as Two Sample Logo, doi:10.1093/bioinformatics/btl151)" in scan_paragraph(record)
    assert "N was a candidate only in sequons" in scan_paragraph(record)


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("substitution", "Each residue was replaced by each of the 19 others"),
        ("masking", "Each residue was hidden behind the mask"),
        ("gradients", "integrated gradients (doi:10.48550/arXiv.1703.01365), in at most 64 steps"),
    ],
)
def test_an_explanation_tells_method_and_check(method: str, said: str) -> None:
    text = explanation_paragraph(explanation(method))
    assert text.startswith("1 prediction of the tuned model on the protein language model big")
    assert said in text
    assert "sanity check (doi:10.48550/arXiv.1810.03292) the same was done with 5 models" in text


def test_training_of_a_language_model_tells_start_optimiser_and_choice() -> None:
    assert pretraining_paragraph(pretraining()) == (
        "The protein language model big (ESM-2 family, doi:10.1126/science.ade2574) was trained further (all weights) "
        "on 900 proteins (200,000 residues) with plmkit 9.9 (torch 1, transformers 2), by guessing 15 % of the "
        "residues, hidden as for BERT (doi:10.18653/v1/N19-1423), in 300 steps of about 8,192 residues. AdamW "
        "(doi:10.48550/arXiv.1711.05101) had a learning rate of at most 0.001, which fell to zero. The weights of the "
        "step with the lowest loss on 50 proteins put aside for validation were kept (step 270). Perplexities have "
        "95 % bootstrap intervals over proteins (doi:10.1017/CBO9780511802843)."
    )
    text = pretraining_paragraph(pretraining(from_nothing=True))
    assert "trained from random weights on 900 proteins" in text
    assert "Muon (doi:10.48550/arXiv.2502.16982) for the matrices" in text
    assert "(LoRA adapters (doi:10.48550/arXiv.2106.09685) of rank 8)" in pretraining_paragraph(
        pretraining(weights="lora")
    )
