"""What is learned: which things bear labels, and what a label is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["protein", "residue", "pair", "window"]
Kind = Literal["classification", "multilabel", "regression"]


@dataclass(frozen=True)
class Task:
    """Labels of a kind for every unit.

    unit: a whole protein, each residue of a protein, a pair of proteins, or the site in the middle of a window.
    labels: names of what a model gives a number for: the classes (exactly one is true), the labels of a multi-label
    task (any of them may be true), or the measured quantities of a regression.
    """

    unit: Unit
    kind: Kind
    labels: tuple[str, ...]

    @property
    def columns(self) -> int:
        """K, the numbers of the truth for each place: the number of the class, or one for each label."""
        return 1 if self.kind == "classification" else len(self.labels)

    @property
    def is_binary(self) -> bool:
        """Whether it is a classification of two classes."""
        return self.kind == "classification" and len(self.labels) == 2

    def describe(self) -> str:
        """Say in a few words what is predicted."""
        shown = ", ".join(self.labels[:5]) + (" ..." if len(self.labels) > 5 else "")
        return f"{self.kind} of {self.unit}s ({shown})"
