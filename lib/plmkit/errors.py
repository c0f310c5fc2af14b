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


_SIGNS_OF_TOO_LITTLE_MEMORY = (
    "can't allocate memory",
    "not enough memory",
    "out of memory",
    "annot allocate",  # the system; MMseqs2: "Cannot allocate buffer for DBWriter"
    "ended with -9",  # a program of ours that the system killed
    "could not create a primitive",  # what oneDNN, which multiplies for torch on CPUs, says then
    "failed to map segment from shared object",  # a library that did not fit while it was loaded
    "Resource temporarily unavailable",  # a thread whose stack did not fit
)


def means_too_little_memory(error: BaseException) -> bool:
    """Say whether an error of Python, of torch or of the system means that memory ran out."""
    if isinstance(error, MemoryError):
        return True
    known = isinstance(error, (RuntimeError, OSError, ImportError))
    return known and any(sign in str(error) for sign in _SIGNS_OF_TOO_LITTLE_MEMORY)


def raise_problems(role: str, problems: Sequence[str]) -> None:
    """Raise one UserError which lists the first problems of an input and counts the rest; none: return."""
    if not problems:
        return
    shown = "; ".join(problems[:PROBLEMS_SHOWN])
    rest = len(problems) - PROBLEMS_SHOWN
    raise UserError(f"{role}, {shown}" + (f"; and {rest} more such problems" if rest > 0 else ""))
