"""Ask tuned models about all candidate residues of whole proteins, some at a time.

Axes: S candidates, N proteins, C labels of the models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from plmkit.data.candidates import Candidates
from plmkit.data.chains import Chains, as_texts
from plmkit.data.states import joined
from plmkit.learning.asking import answer
from plmkit.learning.trust import Trust
from plmkit.models.site_models import SiteModels
from plmkit.models.source import ModelFiles
from plmkit.models.tuned import load_tuned

_RESIDUES_AT_ONCE = 1 << 20  # of a proteome's millions of windows few exist at a time

Advance = Callable[[int], None]


@dataclass(frozen=True)
class Scanned:
    """The mean of the models' calibrated probabilities (S, C), and how far each candidate lies, (S,).

    farther: the share of validation examples that lie nearer to the training examples, of several models the largest;
    of models that read whole proteins, that of the protein. None: a model has no record of its training examples.
    """

    probabilities: NDArray[np.float32]
    farther: NDArray[np.float64] | None


def scan(
    files: ModelFiles,
    models: SiteModels,
    trusts: Sequence[Trust],
    chains: Chains,
    candidates: Candidates,
    device: torch.device,
    budget: int | None = None,
    advance: Advance | None = None,
    states: Chains | None = None,
) -> Scanned:
    """Return what models say of candidates.

    chains: their flank is half a window or more. states: of the structures, of the same lengths and flank; None: not
    read. advance: called with the number of windows done, or of proteins with
    candidates, for each model.
    """
    total = np.zeros((len(candidates), len(models.bundles[0].task.labels)), dtype=np.float32)
    farthest: NDArray[np.float64] | None = np.zeros(len(candidates))
    for bundle, trust in zip(models.bundles, trusts, strict=True):
        model = load_tuned(files, bundle.folder, bundle.shape, device)
        ask = partial(answer, model, trust, budget=budget, advance=advance)
        said = _of_windows(ask, chains, states, candidates, models.window_length)
        for part, values, farther in said if models.reads_windows else _of_proteins(ask, chains, states, candidates):
            total[part] += values / len(trusts)
            if farther is None or farthest is None:
                farthest = None
            else:
                farthest[part] = np.maximum(farthest[part], farther)
    return Scanned(total, farthest)


def steps(models: SiteModels, chains: Chains, candidates: Candidates) -> list[int]:
    """Return the residues of each window, or of each protein with candidates, that one model reads."""
    if models.reads_windows:
        return [models.window_length] * len(candidates)
    lengths: list[int] = chains.lengths[np.unique(candidates.proteins)].tolist()
    return lengths


# probabilities (places, C) of examples, and how far each example lies (N,)
_Said = tuple[NDArray[np.float32], NDArray[np.float64] | None]
_Ask = Callable[[list[tuple[str, ...]]], _Said]
_Portion = tuple[slice, NDArray[np.float32], NDArray[np.float64] | None]


def _of_windows(
    ask: _Ask, chains: Chains, states: Chains | None, candidates: Candidates, length: int
) -> Iterator[_Portion]:
    step = max(1, _RESIDUES_AT_ONCE // length)
    for start in range(0, len(candidates), step):
        part = slice(start, min(start + step, len(candidates)))
        places = candidates.take(part).places(chains)
        windows = as_texts(chains.windows(places, length))
        if states is not None:  # beyond an end they are no letter of a state: unknown
            windows = list(map(joined, windows, as_texts(states.windows(places, length))))
        yield part, *ask([(text,) for text in windows])


def _of_proteins(ask: _Ask, chains: Chains, states: Chains | None, candidates: Candidates) -> Iterator[_Portion]:
    """Read each protein that holds a candidate once."""
    for numbers in _portions(np.unique(candidates.proteins).tolist(), chains):
        texts = [chains.sequence(number) for number in numbers]
        if states is not None:
            texts = [joined(text, states.sequence(number)) for text, number in zip(texts, numbers, strict=True)]
        values, farther = ask([(text,) for text in texts])
        part = candidates.of_proteins(numbers[0], numbers[-1] + 1)
        some, lengths = candidates.take(part), chains.lengths[numbers]
        place = np.searchsorted(numbers, some.proteins)
        rows = (lengths.cumsum() - lengths)[place] + some.positions - 1
        yield part, values[rows], None if farther is None else farther[place]


def _portions(numbers: Sequence[int], chains: Chains) -> Iterator[list[int]]:
    held: list[int] = []
    residues = 0
    for number in numbers:
        held.append(number)
        residues += int(chains.lengths[number])
        if residues >= _RESIDUES_AT_ONCE:
            yield held
            held, residues = [], 0
    if held:
        yield held
