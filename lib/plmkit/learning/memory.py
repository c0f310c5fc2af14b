"""Train in smaller parts when memory is short."""

from __future__ import annotations

from collections.abc import Callable

from plmkit.errors import OutOfMemoryError
from plmkit.models.device import is_out_of_memory


def halving(compute: Callable[[int], float], forget: Callable[[], None], budget: int, least: int, what: str) -> float:
    """Return compute(budget); with too little memory forget what it did and begin anew with half the budget.

    least: the budget below which nothing can be computed. Raises OutOfMemoryError then; what: the thing too large.
    """
    while True:
        try:
            return compute(budget)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            if budget < least:
                raise OutOfMemoryError(
                    f"not enough memory to train on {what}; leave it out, take a smaller model or a machine with "
                    "more memory"
                ) from None
        forget()
        budget //= 2
