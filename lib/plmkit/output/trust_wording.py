"""Say how far the predictions of a tuned model can be trusted: for the run record, the report and the model card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plmkit.learning.calibration import Calibration
from plmkit.learning.finetuning import Outcome
from plmkit.learning.metrics import Estimate
from plmkit.learning.reliability import UNCALIBRATED
from plmkit.learning.trust import USUAL_LEVEL

_HOW = {
    "temperature": "one factor for all of their scores (temperature scaling), which changes no answer",
    "temperature and shift": (
        "one factor for all of their scores (temperature scaling) but for what raised them to the natural shares of "
        "the labels, which can change answers near the border between labels"
    ),
    "isotonic": "a rising curve for each label (isotonic regression)",
    "temperature and isotonic": "a factor, or where there are many examples a rising curve, for each label",
}

_NO_INTERVALS = (
    "There are too few validation examples for intervals that hold the true value in "
    f"{100 * USUAL_LEVEL:.0f} % of cases."
)


def trust_entry(outcome: Outcome) -> dict[str, Any]:
    """Return what was measured on the part that is shown, and sentences on it."""
    shown, trust, task = outcome.shown, outcome.trust, outcome.model.task
    before = outcome.uncalibrated[shown.name][shown.kept]
    found = trust.measures(task, shown.truth, before, shown.groups)
    calibration = trust.calibration
    return {
        "part": shown.name,
        "fitted_on_it": shown.name == "validation",
        "calibration": None if calibration is None else {"method": calibration.method, "places": calibration.places},
        "level": USUAL_LEVEL,
        "measures": {name: _rounded(estimate) for name, estimate in found.items()},
        "sentences": _sentences(shown.name, calibration, found)
        + ([_NO_INTERVALS] if trust.conformal is not None and "coverage" not in found else []),
    }


def _made_worse(found: Mapping[str, Estimate]) -> str:
    """Say by which of the two measures calibration did harm, judged as they are printed; "" where by none."""
    worse = [
        name
        for measure, name in (("ece", "the calibration error"), ("brier", "the Brier score"))
        if round(found[measure].value, 3) > round(found[f"{measure}{UNCALIBRATED}"].value, 3)
    ]
    return f", so on these examples calibration made {' and '.join(worse)} worse" if worse else ""


def _rounded(estimate: Estimate) -> dict[str, float | None]:
    values = {"value": estimate.value, "low": estimate.low, "high": estimate.high}
    return {name: None if value != value else round(value, 6) for name, value in values.items()}


def _sentences(part: str, calibration: Calibration | None, found: Mapping[str, Estimate]) -> list[str]:
    where = "the validation examples" if part == "validation" else f"the examples of “{part}”"
    said = []
    if calibration is not None:
        how = _HOW[calibration.method + (" and shift" if calibration.shift is not None else "")]
        said.append(f"The probabilities were calibrated on the validation examples by {how}.")
        gap, gap_before = found["ece"], found[f"ece{UNCALIBRATED}"]
        said.append(
            f"On {where}, what is claimed and what is right differ by {100 * gap.value:.1f} % on average (expected "
            f"calibration error; {100 * gap_before.value:.1f} % before calibration); the Brier score is "
            f"{found['brier'].value:.3f} ({found[f'brier{UNCALIBRATED}'].value:.3f} before; lower is better)"
            f"{_made_worse(found)}."
        )
    if "coverage" in found:
        held = found["coverage"]
        size = found.get("set_size")
        wide = f"sets of {size.value:.1f} labels on average" if size else f"intervals {found['width'].value:.3g} wide"
        said.append(
            f"Asked to hold the truth in {100 * USUAL_LEVEL:.0f} % of cases, {wide} held it in "
            f"{100 * held.value:.1f} % ({100 * held.low:.1f} to {100 * held.high:.1f} %)."
        )
    if said and part == "validation":
        said.append("These examples were also what it was fitted on, so all of this is too good; give a test set.")
    if said:
        said.append(
            "It holds for examples like these; plm predict flags those that lie far from the training examples."
        )
    return said
