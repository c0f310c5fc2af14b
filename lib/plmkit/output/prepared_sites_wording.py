"""Say how sites became examples, how near the parts come to each other, and the paragraph on methods for a paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from plmkit.data.site_overlaps import Overlap
from plmkit.data.splitting import VALID
from plmkit.output.split_wording import MMSEQS
from plmkit.output.telling import Telling

Record = Mapping[str, Any]

_NO_PARTS = "Nothing was divided: plm split or plm finetune does it."


def overlap_sentence(found: Sequence[Overlap]) -> str:
    """Say how much of the test windows was learned from; without a test part of the validation windows."""
    tests = [one for one in found if one.part != VALID] or list(found)
    return " ".join(map(_of_part, tests))


def _of_part(one: Overlap) -> str:
    part = "validation" if one.part == VALID else one.part
    if not one.leaks:
        if one.overlapping is None:
            return (
                f"No {part} window is a training window; whether some overlap is not known, since names do not tell "
                "where in which protein they are (protein%start%site does)."
            )
        return f"No {part} window overlaps a training window, and no {part} protein is a training protein."
    said = []
    if one.overlapping:
        said.append(f"{one.overlapping:,} of {one.windows:,} {part} windows ({_share(one)}) overlap training windows")
    if one.identical:
        said.append(f"{one.identical:,} of {one.windows:,} {part} windows are also training windows")
    if one.shared_proteins:
        said.append(f"{one.shared_proteins:,} of {one.proteins:,} {part} proteins are also training proteins")
    few = not one.shared_proteins and not one.overlapping
    what = "these are remembered rather than understood" if few else "measures are too good for new proteins"
    return f"{' and '.join(filter(None, (', '.join(said[:-1]), said[-1])))}: {what}."


def _share(one: Overlap) -> str:
    return f"{100 * (one.overlapping or 0) / one.windows:.1f} %"


def verdict(border: str, overlap: str) -> str:
    """Join what is said of the border and of overlapping windows; "" is nothing."""
    return " ".join(filter(None, (border, overlap))) or _NO_PARTS


def what_was_done(record: Record) -> str:
    """Say in plain words how candidates, negatives and parts were made."""
    return " ".join(filter(None, (_candidates(record), _negatives(record), _parts(record))))


def methods_paragraph(record: Record, telling: Telling | None = None) -> str:
    """Return what was done in the terms of the field, with the sources to cite; telling: what was said before it."""
    telling = telling or Telling()
    counts = record["counts"]
    named = ", ".join(
        f"{one['name']} at {one['residues']} ({one['modified']:,} modified, {one['unmodified']:,} not)"
        for one in counts["modifications"]
    )
    kind = "whole proteins with a label for each residue"
    if counts["kind"] == "windows":
        kind = f"windows of {counts['window_length']} residues around the site, padded with X"
    return (
        f"Modification sites of {counts['proteins']:,} proteins were prepared with {telling.software(record)}: {named}"
        f". Each position was checked against the residue in the sequence ({counts['mismatches']:,} of "
        f"{counts['annotations']:,} did not fit and were left out). Examples are {kind}. {what_was_done(record)} "
        f"{counts['verdict']}"
    )


def _candidates(record: Record) -> str:
    counts = record["counts"]
    if counts["windows_given"]:
        return "The windows and their labels are those of the input."
    where = "; ".join(f"{one['name']}: {one['residues']}" for one in counts["modifications"])
    sequon = " N is one only in N-X-S and N-X-T with X not P." if record["config"]["sequons"] else ""
    return f"Candidate residues are {where}.{sequon}"


def _negatives(record: Record) -> str:
    counts, config = record["counts"], record["config"]
    if counts["windows_given"]:
        return ""
    of = "of all proteins" if config["negatives_from"] == "all" else "of proteins that have a site of that modification"
    return {
        "negative": (
            f"A candidate {of} without an annotation counts as not modified, though it may only not have been seen."
        ),
        "unknown": "Only residues that the input says are not modified count so; other candidates are unknown.",
        "mixed": (
            "Where the input tells residues that are not modified, only these count so; of the other modifications "
            f"a candidate {of} without an annotation does."
        ),
    }[counts["unmarked"]]


def _parts(record: Record) -> str:
    counts, how = record["counts"], record["config"]["split"]
    if how == "clusters" and counts["windows_given"]:
        return (
            f"Windows were clustered by {MMSEQS} at 30 % identity over half of both, joined where members are 50 % "
            "identical, and windows of one protein were kept together."
        )
    if how == "clusters":
        return (
            f"Families are clusters of whole proteins by {MMSEQS} at 30 % identity over 80 % of both, joined where any "
            f"members are at least 50 % identical over half of either ({counts['clusters']:,} clusters, "
            f"{counts['families']:,} families); each went to one part as a whole, so that every modification keeps its "
            "share as far as possible."
        )
    return {
        "proteins": "Each protein went to one part as a whole; relatives of it may be in another.",
        "random": "Sites were drawn by lot, whatever their protein.",
        "given": "The parts are those that the input tells.",
        "none": "",
    }[how]
