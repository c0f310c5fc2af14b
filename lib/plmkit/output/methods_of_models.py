"""Paragraphs on methods, for a paper, of training a language model and of using and explaining a tuned one."""

from __future__ import annotations

from plmkit.output.telling import Record, Telling, opened

_BERT = "doi:10.18653/v1/N19-1423"
_ADAMW = "doi:10.48550/arXiv.1711.05101"
_MUON = "doi:10.48550/arXiv.2502.16982"
_LORA = "doi:10.48550/arXiv.2106.09685"
_PREVALENCE = "doi:10.1162/089976602753284446"
_CALIBRATED = {
    "temperature": "temperature scaling (doi:10.48550/arXiv.1706.04599)",
    "isotonic": "centred isotonic regression (doi:10.1080/19466315.2017.1286256)",
}
_CONFORMAL = "doi:10.48550/arXiv.2107.07511"
_DISTANCE = "doi:10.48550/arXiv.2204.06507"
_RULES = {
    "mcc": "the highest Matthews correlation",
    "fpr": "a false-positive rate of {share} %",
    "precision": "a precision of {share} %",
}
_EXPLAINED = {
    "substitution": (
        "Each residue was replaced by each of the 19 others; its importance is the mean fall of the score over these "
        "substitutions."
    ),
    "masking": "Each residue was hidden behind the mask of the model; its importance is the fall of the score.",
    "gradients": (
        "The importance of residues is by integrated gradients (doi:10.48550/arXiv.1703.01365), in at most {steps} "
        "steps from a sequence in which all residues are hidden."
    ),
}
_UNITS = {"protein": "proteins", "residue": "residues", "pair": "pairs of proteins", "window": "windows"}


def pretraining_paragraph(record: Record, telling: Telling | None = None) -> str:
    """Return how plm pretrain trained a language model."""
    telling = telling or Telling()
    counts, config = record["counts"], record["config"]
    training = counts["training"]
    data = f"{training['proteins']:,} proteins ({training['residues']:,} residues)"
    libraries = telling.software(record, "torch", "transformers")
    if counts["from_nothing"]:
        made = (
            f"A protein language model of the architecture of ESM-2 (doi:10.1126/science.ade2574; {config['layers']} "
            f"layers, {config['width']} numbers for each residue, {config['heads']} attention heads) was trained from "
            f"random weights on {data} with {libraries}"
        )
    else:
        what = "all weights" if config["weights"] == "all" else f"LoRA adapters ({_LORA}) of rank {config['rank']}"
        made = f"{opened(telling.model(record))} was trained further ({what}) on {data} with {libraries}"
    muon = config["optimiser"] == "muon" or (config["optimiser"] == "auto" and counts["from_nothing"])
    by = f"Muon ({_MUON}) for the matrices and AdamW ({_ADAMW}) for all else" if muon else f"AdamW ({_ADAMW})"
    validation = counts["validation"]["proteins"]
    test = (
        f"; {counts['test']['proteins']:,} further proteins were guessed once, at the end" if "test" in counts else ""
    )
    return (
        f"{made}, by guessing {100 * config['mask_share']:g} % of the residues, hidden as for BERT ({_BERT}), in "
        f"{counts['steps']:,} steps of about {config['step_tokens']:,} residues. {by} had a learning rate of at most "
        f"{counts['learning_rate']:g}, which fell to zero. The weights of the step with the lowest loss on "
        f"{validation:,} proteins put aside for validation were kept (step {counts['best_step']:,}){test}. "
        "Perplexities have 95 % bootstrap intervals over proteins (doi:10.1017/CBO9780511802843)."
    )


def prediction_paragraph(record: Record, telling: Telling | None = None) -> str:
    """Return how plm predict predicted."""
    telling = telling or Telling()
    counts, config = record["counts"], record["config"]
    of = f"{counts['proteins']:,} {_UNITS[counts['unit']]}"
    if counts["unit"] == "residue":
        of = f"{counts['places']:,} residues of {counts['proteins']:,} proteins"
    text = f"{opened(_tuned(record, telling))} predicted {of} with {_software(record, telling)}.{_calibrated(record)}"
    if counts["hedged"]:
        what = "Intervals of the measured numbers" if counts["task"] == "regression" else "Sets of labels"
        hold = f"were made to hold the truth in {100 * config['level']:g} % of the cases"
        text += f" {what} {hold} by split conformal prediction ({_CONFORMAL})."
    if "far" in counts:
        text += (
            " Distances to the nearest training example in the space of the head tell which examples lie far from "
            f"what was learned ({_DISTANCE})."
        )
    return text + _moved(record) + (_judged() if record["metrics"] else "")


def scan_paragraph(record: Record, telling: Telling | None = None) -> str:
    """Return how plm ptm scored candidate residues."""
    telling = telling or Telling()
    counts, config = record["counts"], record["config"]
    named = ", ".join(f"{one['name']} from {one['threshold']:.3g} on" for one in counts["modifications"])
    rule = f" (on validation examples, {_rule(counts['rule'])})" if counts["rule"] else ""
    sequons = " N was a candidate only in sequons (N-X-S or N-X-T, X not P)." if config["sequons"] else ""
    return (
        f"{opened(_tuned(record, telling))} scored {counts['candidates']:,} candidate residues of "
        f"{counts['proteins']:,} proteins with {_software(record, telling)}.{sequons}{_calibrated(record)} Called "
        f"modified were residues by their probability{rule}: {named}.{_moved(record)}{_motifs(record)}"
    )


def explanation_paragraph(record: Record, telling: Telling | None = None) -> str:
    """Return how plm explain attributed predictions to residues."""
    telling = telling or Telling()
    counts, config = record["counts"], record["config"]
    how = _EXPLAINED[config["method"]].format(steps=config.get("steps"))
    explained = "1 prediction" if counts["explained"] == 1 else f"{counts['explained']:,} predictions"
    verb = "was" if counts["explained"] == 1 else "were"
    return (
        f"{explained} of {_tuned(record, telling)} {verb} explained with {_software(record, telling)}. {how} As a "
        f"sanity check (doi:10.48550/arXiv.1810.03292) the same was done with {counts['randomised']} models that had "
        f"learned nothing ({counts['randomised_what']}), and the importances were compared by Spearman's rank "
        "correlation."
    )


def _tuned(record: Record, telling: Telling) -> str:
    number = sum(entry["role"] == "tuned model" for entry in record["inputs"])
    tuned = "the tuned model" if number == 1 else f"the mean of {number} tuned models"
    if record["command"] == "ptm" and number > 1:
        tuned = f"{number} tuned models"
    return f"{tuned} on {telling.model(record)}"


def _software(record: Record, telling: Telling) -> str:
    return telling.software(record, "torch", "transformers", "peft")


def _calibrated(record: Record) -> str:
    found = [_CALIBRATED[how] for how in record["counts"]["calibration"]]
    if not found:
        return ""
    return f" Probabilities are calibrated on the validation examples of the tuning, by {' and '.join(found)}."


def _motifs(record: Record) -> str:
    if not record["counts"]["motifs"]:
        return ""
    return (
        " Residues around called sites were compared with those around the other candidates by Fisher's exact test at "
        "each position, corrected after Holm (as Two Sample Logo, doi:10.1093/bioinformatics/btl151)."
    )


def _moved(record: Record) -> str:
    if not record["config"]["prevalence"]:
        return ""
    wanted = ", ".join(record["config"]["prevalence"])
    return f" Probabilities were moved to another prevalence ({wanted}; {_PREVALENCE})."


def _rule(rule: str) -> str:
    name, _, share = rule.partition("_")
    return _RULES[name].format(share=share)


def _judged() -> str:
    return (
        " Measures against the known truth have 95 % bootstrap intervals over groups of related examples "
        "(doi:10.1017/CBO9780511802843)."
    )
