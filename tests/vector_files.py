"""Files of vectors as plm embed writes them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plmkit.output.unfinished import Unfinished
from plmkit.output.vectors import ONLY, Form, Layout, VectorStore


def write_vectors(path: Path, names: Sequence[str], values: NDArray[np.float32], form: Form) -> None:
    """Write one vector for each name, values (N, D)."""
    unfinished = Unfinished(path, {})
    with VectorStore(unfinished, Layout((ONLY,), values.shape[1], np.dtype(np.float32)), names, form) as store:
        store.add(values[:, None])
        store.write(path)
    unfinished.remove()
