"""Labelled examples as arrays: what bears labels, and what is true of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from plmkit.data.fasta import Protein, Proteins
from plmkit.data.states import joined
from plmkit.data.task import Task, Unit

Truth = NDArray[np.float32]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Example:
    """What one row of the input says, but for its labels.

    sequences: one, or the two of a pair. group: what must not be divided between training and validation. part: where
    the user wants it ("train", "valid", or a name that begins with "test"); None: nowhere. weight: how much it counts.
    states: of the structure of each sequence, "" for none.
    """

    name: str
    sequences: tuple[str, ...]
    group: str
    line: int
    part: str | None = None
    weight: float = 1.0
    states: tuple[str, ...] = ()

    def read(self, with_states: bool) -> tuple[str, ...]:
        """Return what a model reads: the residues, or residues and states joined."""
        if not with_states or not any(self.states):
            return self.sequences
        return tuple(map(joined, self.sequences, self.states))


@dataclass(frozen=True)
class Examples:
    """All examples of one input in their order.

    truth: (P, K) for the P places that bear labels (a residue each, or the whole example); the number of the class, or
    one number for each label; NaN where nothing is known. sizes: (N,) places of each example. clusters: (N,) the number
    of the family each one belongs to; None: not known.
    """

    role: str
    task: Task
    items: tuple[Example, ...]
    truth: Truth
    sizes: Indices
    mended: Counter[str] = field(default_factory=Counter)
    remarks: tuple[str, ...] = ()
    clusters: Indices | None = None

    def __len__(self) -> int:
        return len(self.items)

    @property
    def unit(self) -> Unit:
        """What bears labels."""
        return self.task.unit

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of classes, labels or quantities."""
        return self.task.labels

    @property
    def proteins_are_known(self) -> bool:
        """Whether it was told which examples come from one protein."""
        return any(item.group != item.name for item in self.items)

    @property
    def sequences(self) -> list[str]:
        """The residues of each example, of a pair those of both."""
        return [sequence for item in self.items for sequence in item.sequences]

    @property
    def window_length(self) -> int | None:
        """Residues of each window; None when the examples are no windows."""
        return len(self.items[0].sequences[0]) if self.unit == "window" else None

    @property
    def centre_residues(self) -> str:
        """The distinct residues in the middle of the windows, by alphabet; empty for anything else."""
        if self.unit != "window":
            return ""
        return "".join(sorted({item.sequences[0][len(item.sequences[0]) // 2] for item in self.items}))

    def places(self, examples: Indices) -> Indices:
        """Return the rows of `truth` that belong to some examples, in their order."""
        if self.unit != "residue" or not len(examples):
            return examples
        starts = self.sizes.cumsum() - self.sizes
        return np.concatenate([np.arange(starts[index], starts[index] + self.sizes[index]) for index in examples])

    def truth_of(self, examples: Indices) -> Truth:
        """Return the truth (places, K) of some examples."""
        return self.truth[self.places(examples)]

    def count_with_states(self, with_states: bool) -> int:
        """Return of how many examples states of structures are read; with_states: whether any are."""
        return sum(with_states and any(item.states) for item in self.items)

    def notes(self, with_states: bool = False) -> list[str]:
        """Say what was done to the input, one sentence each; with_states: whether states of structures are read."""
        proteins = tuple(Protein(i.name, "/".join(i.sequences), states="".join(i.states)) for i in self.items)
        return Proteins(proteins, self.mended).notes(self.role, with_states) + list(self.remarks)


def pairs_in_one_order(sequences: Sequence[str], states: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the sequences of an example, and their states, in an order that does not depend on how a pair was written.

    states: of each sequence, or none at all.
    """
    chains = sorted(zip(sequences, states or [""] * len(sequences), strict=True))
    return tuple(residues for residues, _ in chains), tuple(each for _, each in chains)
