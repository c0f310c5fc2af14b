"""Train in smaller parts when memory is short."""

from __future__ import annotations

import logging
from collections.abc import Callable

import torch

from plmkit.errors import OutOfMemoryError
from plmkit.models.device import is_out_of_memory

log = logging.getLogger(__name__)


class Budget:
    """The tokens that are computed at once; halved for good when memory turns out to be short."""

    def __init__(self, tokens: int, save_memory: Callable[[], bool] = lambda: False) -> None:
        """save_memory: a last resort that takes time instead of memory; it says whether there was anything to do."""
        self.tokens = tokens
        self._save_memory = save_memory

    def spend(
        self, compute: Callable[[int], float], forget: Callable[[], None], least: int, most: int, what: str
    ) -> float:
        """Return compute(tokens); with too little memory forget what it did and begin anew with half as many.

        least: the largest single thing, in tokens; what: its name; most: all tokens. Raises OutOfMemoryError when the
        largest thing does not fit alone.
        """
        while True:
            try:
                return compute(max(self.tokens, least))
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
            forget()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
            if (held := min(self.tokens, most)) > least:
                self.tokens = held // 2
                log.warning("note: memory is short: %d tokens at once from now on", max(self.tokens, least))
            elif self._save_memory():
                log.warning("note: memory is short: states are computed twice instead of being held")
            else:
                raise OutOfMemoryError(
                    f"not enough memory to train on {what}; leave it out, take a smaller model or a machine with "
                    "more memory"
                ) from None
