"""How many threads this job may use."""

from __future__ import annotations

import os


def granted_threads() -> int | None:
    """Return the threads that Galaxy granted (GALAXY_SLOTS); None outside Galaxy."""
    slots = os.environ.get("GALAXY_SLOTS", "")
    return int(slots) if slots.isdecimal() and int(slots) > 0 else None
