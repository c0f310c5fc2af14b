"""Group the examples that are judged: places of one protein, or of one value of a column, are drawn together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from plmkit.data.judged_keys import Key, Keyed
from plmkit.data.judged_properties import column_of
from plmkit.data.labelled import source_protein

Indices = NDArray[np.int64]

_GROUP = ("group", "cluster")
# two names as plmkit joins those of a pair; what ends like 12-80 is a stretch, like A24G a variant of one protein
_PAIR = re.compile(r"[^/]+/(?!\d+-\d+$|[A-Z]\d+[A-Z](:|$))[^/]+")


def groups_of(keys: Sequence[Key], tables: Sequence[Keyed], wanted: str | None) -> tuple[Indices, str]:
    """Number the groups (P,), and say in words what is equal in one; "" if every example stands alone.

    wanted: the column of related examples; None: a usual one, if it is there. Raises UserError if it is not there.
    """
    proteins = _numbers([source_protein(name) for name, _ in keys])
    is_shared = len(np.unique(proteins)) < len(keys)
    found = column_of(tables, wanted, _GROUP, keys, "--group-column")
    if found is None:
        return proteins, "protein" if is_shared else ""
    name, cells = found
    alone = [cell or f"\0{row}" for row, cell in enumerate(cells)]
    return _linked(proteins, _numbers(alone)), f"{name} and protein" if is_shared else name


def are_pairs(keys: Sequence[Key], tables: Sequence[Keyed]) -> bool:
    """Say whether examples are pairs: a table names them by two columns, or each name is two with / between."""
    if any(table.is_by_residue for table in tables):
        return False
    if any(len(table.columns) > 1 for table in tables):
        return True
    if not all(_PAIR.fullmatch(name) for name, _ in keys):
        return False
    # a word that all names begin or end with is no protein
    return all(len(set(names)) > 1 for names in zip(*(name.split("/") for name, _ in keys), strict=True))


def note_on_shared_proteins(keys: Sequence[Key], tables: Sequence[Keyed]) -> list[str]:
    """Say how many proteins stand in more than one pair, which then are not independent."""
    named = next((table for table in tables if len(table.columns) > 1), None)
    if named is None:
        pairs = [set(name.split("/")) for name, _ in keys]
    else:
        rows = (named.cells(key) or () for key in keys)
        pairs = [{cells[at] for at in named.columns} for cells in rows]
    times = Counter(protein for pair in pairs for protein in pair)
    shared = sum(count > 1 for count in times.values())
    if not shared:
        return []
    return [
        f"pairs: {shared:,} of {len(times):,} proteins {'stands' if shared == 1 else 'stand'} in more than one of the "
        f"{len(pairs):,} pairs; intervals and tests take pairs as independent, so they say more than is known; give "
        "--group-column to draw related pairs together"
    ]


def _numbers(words: Sequence[str]) -> Indices:
    number: dict[str, int] = {}
    return np.array([number.setdefault(word, len(number)) for word in words], dtype=np.int64)


def _linked(one: Indices, other: Indices) -> Indices:
    """Number the sets of places which either grouping links."""
    shape = (int(one.max()) + 1, int(other.max()) + 1)
    links = sparse.coo_array((np.ones(len(one)), (one, other + shape[0])), shape=(sum(shape), sum(shape)))
    _, component = csgraph.connected_components(links, directed=False)
    return _numbers(list(map(str, component[one].tolist())))
