"""Keep the libraries quiet: their chatter would bury our own lines in a Galaxy log."""

from __future__ import annotations

from transformers.utils import logging as transformers_logging


def silence_transformers() -> None:
    """Switch off progress bars and warnings; what matters of them is checked by us."""
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
