"""Rules which options of several commands obey; each raises UserError that names the option."""

from __future__ import annotations

from plmkit.errors import UserError


def at_least(option: str, value: int | None, least: int) -> None:
    """Refuse a number below the least; None is not given."""
    if value is not None and value < least:
        raise UserError(f"{option} must be at least {least}, not {value}")


def share(option: str, value: float, above: float, up_to: float) -> None:
    """Refuse what is not above one bound and up to another, or is negative."""
    if not above < value <= up_to or value < 0:
        raise UserError(f"{option} must be between {max(above, 0):g} and {up_to:g}, not {value:g}")


def check_parts(test_share: float, validation_share: float) -> None:
    """Refuse shares for test and validation that leave too little to learn from."""
    share("--test-share", test_share, above=0.0, up_to=0.9)
    share("--validation-share", validation_share, above=-1.0, up_to=0.9)
    if test_share + validation_share > 0.9 + 1e-9:
        raise UserError("--test-share and --validation-share together leave too little to learn from: at most 0.9")


def check_seed(seed: int) -> None:
    """Refuse what is no seed of numpy and torch."""
    if not 0 <= seed < 2**32:
        raise UserError(f"--seed must be between 0 and {2**32 - 1}, not {seed}")


def check_learning_rate(rate: float) -> None:
    """Refuse what is no learning rate."""
    if not 0 < rate <= 1:
        raise UserError(f"--learning-rate must be above 0 and at most 1, not {rate}")
