"""Find out which columns of a table hold what was predicted."""

from __future__ import annotations

from plmkit.data.cells import is_number
from plmkit.data.columns import PARTNER, SEQUENCE, label_of
from plmkit.data.judged_keys import Keyed, is_missing, several
from plmkit.data.judged_truth import OF_SEVERAL, USUAL, Truth
from plmkit.data.table import Table
from plmkit.errors import UserError

PROBABILITY, PREDICTED, SPREAD = "probability_", "predicted_", "spread_"
_PREFIXES = (PROBABILITY, PREDICTED, OF_SEVERAL)
_USUAL = (
    *("score", "probability", "predicted", "prediction", "predicted_label", "predicted_class", "value"),
    *("y_pred", "y_score", "y_prob"),
)
# what tables hold beside predictions
_OTHERS = frozenset(
    (
        *("part", "position", "residue", "length", "group", "cluster", "organism", "identity", "window", "mask"),
        *("weight", "modification", *USUAL, *SEQUENCE, *PARTNER),
    )
)


def prediction_columns(predictions: Keyed, wanted: str | None, truth: Truth, option: str) -> tuple[int, ...]:
    """Return the columns of what was predicted: one, or one for each class, label or quantity.

    Not named, they are recognised: `probability_...`, `predicted_...`, titles that are the true classes, one usual
    name, or the only column that is left. option: the one that names them. Raises UserError if it cannot be told.
    """
    table = predictions.table
    if wanted is not None:
        return several(table, wanted, option)
    free = _free(predictions, truth)
    for prefix in (PROBABILITY, PREDICTED):
        if found := tuple(at for at in free if _begins(table.header[at], prefix)):
            return found
    if found := _named_as_classes(table, free, truth):
        return found
    usual = [at for at in free if table.header[at].lower() in _USUAL]
    if len(usual) == 1:
        return (usual[0],)
    if not usual and len(free) == 1:
        return (free[0],)
    names = ", ".join(repr(table.header[at]) for at in usual or free) or "none is left"
    raise UserError(f"{table.role}: which column holds what was predicted? Name it with {option}; it may be {names}")


def title_of(name: str, is_label: bool) -> str:
    """Return the class, label or quantity that a column is about; is_label: no class, so label_ is no part of it."""
    found = next((name[len(prefix) :] for prefix in _PREFIXES if _begins(name, prefix)), name)
    return label_of(found) if is_label else found


def _begins(name: str, prefix: str) -> bool:
    # "predicted_class" is one column of classes, not the prediction of a quantity called class
    return name.startswith(prefix) and len(name) > len(prefix) and name not in _USUAL


def _free(predictions: Keyed, truth: Truth) -> list[int]:
    table = predictions.table
    taken = predictions.columns | (truth.columns if truth.keyed is predictions else frozenset())
    return [
        at
        for at, name in enumerate(table.header)
        if at not in taken and name.lower() not in _OTHERS and not name.startswith((SPREAD, OF_SEVERAL))
    ]


def _named_as_classes(table: Table, free: list[int], truth: Truth) -> tuple[int, ...]:
    """Return the columns of numbers if they are named after the true classes or labels, all of them and no other."""
    if is_several := len(truth.titles) > 1:
        classes = {title_of(title, is_several) for title in truth.titles}
    else:
        classes = {cells[0] for cells in truth.cells.values()} - {""}
    named = tuple(at for at in free if title_of(table.header[at], is_several) in classes)
    if len(named) < 2 or len(named) < len(classes):
        return ()
    others = [at for at in free if at not in named and _is_numbers(table, at)]
    if others:
        names = ", ".join(repr(table.header[at]) for at in others)
        raise UserError(
            f"{table.role}: are the columns {names} classes too? Name the columns of all classes with "
            "--prediction-column"
        )
    return named


def _is_numbers(table: Table, at: int) -> bool:
    return all(is_number(row[at]) or is_missing(row[at]) for row in table.rows)
