"""Errors which the person at the keyboard can put right.

* PlmError
  + UserError          an input or an option is wrong      exit code 2
  + OutOfMemoryError   the job needs more memory           exit code 3

Anything else is our fault: it keeps its traceback and ends with exit code 1.
"""

from __future__ import annotations

from collections.abc import Sequence

PROBLEMS_SHOWN = 5


class PlmError(Exception):
    """Base of both; the message is one line which names the input's role, the place and the remedy."""

    exit_code = 1


class UserError(PlmError):
    """An input or an option is wrong."""

    exit_code = 2


class OutOfMemoryError(PlmError):
    """The model or one single protein does not fit into memory."""

    exit_code = 3


def raise_problems(role: str, problems: Sequence[str]) -> None:
    """Raise one UserError which lists the first problems of an input and counts the rest; none: return."""
    if not problems:
        return
    shown = "; ".join(problems[:PROBLEMS_SHOWN])
    rest = len(problems) - PROBLEMS_SHOWN
    raise UserError(f"{role}, {shown}" + (f"; and {rest} more such problems" if rest > 0 else ""))
