"""Write the states of residues: one HDF5 dataset for each protein, as ProtTrans and bio_embeddings do.

All datasets are laid out first, without content; then each one's numbers go to their place in the file. The layout
never changes again, so a killed run can go on, and gives the same file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from h5py import h5d, h5p
from numpy.typing import NDArray

from plmkit.output.unfinished import Store, Unfinished
from plmkit.output.vectors import stored


@dataclass(frozen=True)
class ResidueLayout:
    """What the file holds of each protein: (L, D) of one layer, (layers, L, D) of several, of one precision."""

    layers: tuple[int, ...]
    width: int
    dtype: np.dtype[np.floating]

    def shape(self, length: int) -> tuple[int, ...]:
        """Return the shape of a protein's dataset."""
        return (length, self.width) if len(self.layers) == 1 else (len(self.layers), length, self.width)


class ResidueStore(Store):
    """The states of proteins' residues, in their order, as they are made."""

    def __init__(
        self, unfinished: Unfinished, layout: ResidueLayout, names: Sequence[str], lengths: Sequence[int]
    ) -> None:
        self._layout = layout
        if not unfinished.done:
            unfinished.begin()
            try:
                _lay_out(unfinished.content, layout, names, lengths)
            except (OSError, RuntimeError) as error:
                unfinished.remove()
                raise _reason(error) from error
        self._places = _places(unfinished.content, names)
        super().__init__(unfinished)

    def add(self, block: Iterable[NDArray[np.float32]]) -> None:
        """Write the states (layers, L, D) of each of the next proteins. Raises UserError as `stored`.

        A run goes on after whole blocks, so that it computes together what an uninterrupted one does.
        """
        number = self.done
        for states in block:
            self._handle.seek(self._places[number])
            self._handle.write(stored(states, self._layout.dtype).data)
            number += 1
        self._count(number - self.done)

    def write(self, path: Path) -> None:
        """Put the file of a finished run in its place."""
        self.close()
        self._unfinished.content.replace(path)


def _lay_out(path: Path, layout: ResidueLayout, names: Sequence[str], lengths: Sequence[int]) -> None:
    """Make all datasets, with their place in the file but without content.

    A dataset is called after its protein, with "_" for "/" (which HDF5 reads as a folder); its attribute original_id
    holds the name as it was given. Of several layers, the file's attribute `layers` tells which.
    """
    settings = h5p.create(h5p.DATASET_CREATE)
    settings.set_alloc_time(h5d.ALLOC_TIME_EARLY)
    settings.set_fill_time(h5d.FILL_TIME_NEVER)
    settings.set_obj_track_times(False)
    kind = h5py.h5t.py_create(layout.dtype)
    with h5py.File(path, "w", libver="latest") as handle:
        handle.attrs["layers"] = layout.layers
        for key, name, length in zip(_keys(names), names, lengths, strict=True):
            space = h5py.h5s.create_simple(layout.shape(length))
            dataset = h5py.Dataset(h5d.create(handle.id, key.encode(), kind, space, dcpl=settings))
            dataset.attrs["original_id"] = name


def _reason(error: Exception) -> Exception:
    """Return the operating system's error of which HDF5 tells in the middle of its own words, if there is one."""
    found = re.search(r"errno = (\d+)", str(error))
    return OSError(int(found[1]), os.strerror(int(found[1]))) if found else error


def _places(path: Path, names: Sequence[str]) -> list[int]:
    """Return where in the file each protein's numbers begin, in bytes."""
    with h5py.File(path, "r") as handle:
        return [int(handle[key].id.get_offset()) for key in _keys(names)]


def _keys(names: Sequence[str]) -> list[str]:
    """Return the name of each dataset; they differ as the proteins' names do."""
    keys: dict[str, None] = {}
    for name in names:
        key = name.replace("/", "_").strip(".") or "_"
        while key in keys:
            key += "_"
        keys[key] = None
    return list(keys)
