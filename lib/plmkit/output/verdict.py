"""Say in a few words how good a tuned model is, beside what is simpler."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from plmkit.learning.judging import TUNED
from plmkit.learning.metrics import Estimate
from plmkit.learning.verdict import Compared, Verdict
from plmkit.output.metric_names import readable

_PLACES = {"validation": "On the validation examples", "cross-validation": "In cross-validation"}

_METHODS = {
    "head": "the head on the frozen model",
    "lora": "LoRA",
    "rslora": "rsLoRA",
    "dora": "DoRA",
    "qlora": "QLoRA",
    "ia3": "IA3",
    "full": "full fine-tuning",
}
_TOO_NEAR = 0.05  # share of near relatives from which on a measure is too good

Row = Mapping[str, Any]


def part_of_row(row: Row) -> str:
    """Return the name of the part that a row of metrics is about."""
    name: str = row["examples"].rpartition(" (")[0]
    return name


def headline_text(rows: Sequence[Row], metric: str, part: str) -> str:
    """Return the tuned model's headline metric with its interval, on one part."""
    found = _find(rows, TUNED, metric, part)
    if found is None or found["value"] is None:
        return f"{part}: {readable(metric)} is not defined"
    interval = "" if found["low"] is None else f" ({found['low']:.2f} to {found['high']:.2f})"
    return f"{found['examples']}: {readable(metric)} {found['value']:.2f}{interval}"


def verdict_of(record: Mapping[str, Any]) -> str:
    """Say what a run record tells of its tuned model."""
    found: str = record["verdict"]["sentence"]
    return found


def verdict_entry(verdict: Verdict, counts: Mapping[str, Any], gain: Estimate | None = None) -> dict[str, Any]:
    """Return what the run record says of the verdict.

    counts: its method, and how near the parts come to training. gain: see `sentence`.
    """
    visible = round(verdict.visible, 6) if verdict.decisive else None
    return {
        "finding": verdict.finding,
        "part": verdict.part,
        "metric": verdict.metric,
        "smallest_visible_difference": visible,
        "sentence": sentence(verdict, counts["method"], gain) + nearness(verdict.part, counts["border"]),
    }


def sentence(verdict: Verdict, method: str, gain: Estimate | None = None) -> str:
    """Say whether a tuned model is better than its rivals, and if that is not shown, what could have been seen.

    gain: what the second half of the training examples brought, if there is a learning curve; what it tells of more
    data becomes part of the one advice.
    """
    on = _PLACES.get(verdict.part, f"On the {verdict.part} examples")
    tuned, metric = _METHODS[method], readable(verdict.metric)
    value = f"{metric} {verdict.tuned.value:.3f}"
    if verdict.finding == "undefined":
        return f"Too few {verdict.part} examples to compare {tuned} with anything."
    if verdict.finding == "better":
        by = [f"{_named(rival)} by {_size(rival)}" for rival in verdict.beaten if rival.role != "constant"]
        return f"{on} {tuned} ({value}) beats {_listed(by)}."
    related = f" of {verdict.groups:,} groups of relatives" * (0 < verdict.groups < verdict.examples)
    seen = f" With {verdict.examples:,} examples{related} nothing smaller than {verdict.visible:.2f} can be seen."
    if verdict.finding == "nothing learned":
        if verdict.decisive is None:
            found, seen = f"{value} ({verdict.tuned.low:.3f} to {verdict.tuned.high:.3f})", ""
        else:
            together = len(verdict.unbeaten) + len(verdict.beaten)
            widened = f", interval widened for {together} comparisons" if together > 1 else ""
            found = f"{value}, higher than by guessing by {_size(verdict.decisive)}{widened}"
        return f"{on} it cannot be shown that {tuned} has learned anything: {found}.{seen}"
    if verdict.finding == "worse":
        better = verdict.decisive
        assert better
        difference = f"{-better.difference.value:.3f} ({-better.difference.high:.3f} to {-better.difference.low:.3f})"
        return f"{on} {_named(better)} beats {tuned} ({value}) by {difference}: {_instead(better)}."
    best, *others = verdict.unbeaten
    text = (
        f"{on} no difference between {tuned} and {_named(best)} can be shown ({value} against {best.value.value:.3f}; "
        f"{best.difference.value:+.3f}, {best.difference.low:+.3f} to {best.difference.high:+.3f}): {_instead(best)}"
        f"{_or_add_data(gain)}."
    )
    more = f" Nor is it shown to beat {_listed([_named(rival) for rival in others])}." if others else ""
    return text + more + seen


def nearness(part: str, border: Mapping[str, Mapping[str, Any]]) -> str:
    """Say of a part that comes too near to what was learned from that its measures are too good; else ""."""
    found = border.get(part)
    if found is None or found["near"] < max(1, _TOO_NEAR * found["examples"]):
        return ""
    are = "is" if found["near"] == 1 else "are"
    return (
        f" But {found['near']:,} of {found['examples']:,} {part} examples {are} at least "
        f"{100 * found['threshold']:.0f} % identical to an example that was learned from "
        f"(up to {int(100 * found['highest'])} %): for proteins without such near relatives these figures are too good."
    )


def _named(rival: Compared) -> str:
    names = {
        "homologue": "a search for homologues",
        "frozen": "the frozen model with the same head",
        "constant": "guessing",
        "linear": f"a {rival.name} on the residues alone",
    }
    return names[rival.role]


def _instead(rival: Compared) -> str:
    return {
        "homologue": "such a search may be enough",
        "frozen": "use the frozen model (--method head)",
        "linear": "the simple method may be enough",
        "constant": "do not use it",
    }[rival.role]


def _or_add_data(gain: Estimate | None) -> str:
    """Advise more data unless the learning curve tells nothing in favour of it."""
    if gain is None or math.isnan(gain.low):
        return ", or add data"
    return ", or add data, since the learning curve still rises" if gain.low > 0 else ""


def _size(rival: Compared) -> str:
    return f"{rival.difference.value:.3f} ({rival.difference.low:.3f} to {rival.difference.high:.3f})"


def _listed(texts: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1]))) if texts else "guessing"


def _find(rows: Sequence[Row], method: str, metric: str, part: str) -> Row | None:
    return next(
        (row for row in rows if row["method"] == method and row["metric"] == metric and part_of_row(row) == part), None
    )
