"""Match predictions with the truth by name and position; say what has no partner, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from plmkit.data.cells import MISSING
from plmkit.data.columns import optional
from plmkit.data.judged_keys import Key, Keyed, is_missing
from plmkit.data.judged_truth import USUAL, Truth
from plmkit.errors import UserError

NO_TRUTH, UNKNOWN = "no truth", "the truth is unknown"
NO_PREDICTION, EMPTY = "no prediction", "the prediction is empty"


@dataclass(frozen=True)
class LeftOut:
    """An example that is not judged: which one, in which input, and why."""

    key: Key
    where: str
    why: str


def common(
    tables: Sequence[Keyed], at: Sequence[tuple[int, ...]], truth: Truth
) -> tuple[list[Key], list[LeftOut], list[str]]:
    """Return the examples that everything is known of, in the order of the first table, the others, and notes on them.

    at: the columns of what each table predicted. Raises UserError if nothing matches.
    """
    left_out: list[LeftOut] = []
    every: dict[Key, None] = {}
    for table in tables:
        every |= dict.fromkeys(table.row_of)
    every |= dict.fromkeys(truth.cells)
    keys = []
    for key in every:
        reasons = _amiss(key, tables, at, truth)
        left_out += reasons
        if not reasons:
            keys.append(key)
    first, role = tables[0].row_of, tables[0].table.role
    others = [(truth.role, truth.cells.keys()), *((table.table.role, table.row_of.keys()) for table in tables[1:])]
    for other, names in others:
        if not names & first.keys():
            raise _strangers(other, names, role, first.keys())
    if not keys:
        mostly = Counter(f"{each.where}: {each.why}" for each in left_out).most_common(1)[0][0]
        raise UserError(f"{role}: no example has both a prediction and a known truth (mostly {mostly})")
    spellings = (_of_other_case(other, names, role, first.keys()) for other, names in others)
    return keys, left_out, [*_counted(left_out), *filter(None, spellings)]


def contradictions(tables: Sequence[Keyed], keys: Sequence[Key], truth: Truth) -> list[str]:
    """Say where further tables of predictions hold another truth than the one that is used."""
    notes = []
    for table in tables:
        at = optional(table.table, None, USUAL)
        if at is None or len(truth.titles) > 1:
            continue
        cells = [table.table.rows[table.row_of[key]][at] for key in keys]
        other = sum(cell not in MISSING and cell != truth.cells[key][0] for cell, key in zip(cells, keys, strict=True))
        if other:
            role, name = table.table.role, table.table.header[at]
            notes.append(f"{role}: its column {name!r} says otherwise than the truth of {other:,} examples")
    return notes


def _amiss(key: Key, tables: Sequence[Keyed], at: Sequence[tuple[int, ...]], truth: Truth) -> list[LeftOut]:
    """Return why an example cannot be judged, once for each input that is to blame."""
    reasons = []
    cells = truth.cells.get(key)
    if cells is None:
        reasons.append(LeftOut(key, truth.role, NO_TRUTH))
    elif not any(cells):
        reasons.append(LeftOut(key, truth.role, UNKNOWN))
    for table, columns in zip(tables, at, strict=True):
        row = table.row_of.get(key)
        if row is None:
            reasons.append(LeftOut(key, table.table.role, NO_PREDICTION))
        elif any(is_missing(table.table.rows[row][column]) for column in columns):
            reasons.append(LeftOut(key, table.table.role, EMPTY))
    return reasons


def _strangers(role: str, names: Iterable[Key], other: str, other_names: Iterable[Key]) -> UserError:
    if told := _of_other_case(role, names, other, other_names):
        return UserError(f"{told}; so nothing can be matched")

    def shown(key: Key) -> str:
        return repr(key[0]) + (f" position {key[1]}" if key[1] else "")

    name, other_name = next(iter(names)), next(iter(other_names))
    return UserError(
        f"{role}: none of its names (such as {shown(name)}) is among the {other} (such as {shown(other_name)}); choose "
        "the right columns of names, or the right file"
    )


def _of_other_case(role: str, names: Iterable[Key], other: str, other_names: Iterable[Key]) -> str:
    """Say which names would match if upper and lower case were the same; "" if there are none."""
    here, there = ({name for name, _ in each} for each in (names, other_names))
    spelling_of = {name.lower(): name for name in there - here}
    alike = sorted(name for name in here - there if name.lower() in spelling_of)
    if not alike:
        return ""
    count = "1 name differs" if len(alike) == 1 else f"{len(alike):,} names differ"
    return (
        f"{role}: {count} from the {other} in upper and lower case alone (such as {alike[0]!r} and "
        f"{spelling_of[alike[0].lower()]!r}); write them alike"
    )


def _counted(left_out: Sequence[LeftOut]) -> list[str]:
    times = Counter((each.where, each.why) for each in left_out)
    return [
        f"{where}: {count:,} {'example is' if count == 1 else 'examples are'} not judged, because "
        f"{'there is ' * why.startswith('no ')}{why}"
        for (where, why), count in times.items()
    ]
