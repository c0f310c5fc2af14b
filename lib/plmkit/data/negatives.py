"""Which label means that a site is not modified."""

from __future__ import annotations

from collections.abc import Sequence

from plmkit.errors import UserError

_USUAL = ("0", "0.0", "-1", "no", "false", "negative", "neg", "none", "unmodified", "background")


def negative_label(labels: Sequence[str], chosen: str | None, role: str) -> str:
    """Return the label of sites without the modification: the chosen one, or the one usual word among them.

    Raises UserError when the chosen one does not occur, or when it cannot be told.
    """
    if chosen is not None:
        if chosen not in labels:
            raise UserError(
                f"{role}: no example has the label {chosen!r} given by --negative-label; found {_list(labels)}"
            )
        return chosen
    found = [label for label in labels if label.lower() in _USUAL]
    if len(found) != 1:
        raise UserError(
            f"{role}: it cannot be told which label means 'not modified' among {_list(labels)}; "
            "name it with --negative-label"
        )
    return found[0]


def usual_negative_label(labels: Sequence[str]) -> str | None:
    """Return the one of two labels that usually means "not", such as 0 or no; None when it cannot be told."""
    found = [label for label in labels if label.lower() in _USUAL]
    return found[0] if len(labels) == 2 and len(found) == 1 else None


def _list(labels: Sequence[str]) -> str:
    return ", ".join(repr(label) for label in labels)


def positive_class(labels: Sequence[str], negative: str | None) -> int:
    """Return the number of the class that measures of two classes are about: not the negative one, else the last."""
    return 1 - labels.index(negative) if len(labels) == 2 and negative is not None else len(labels) - 1
