"""Run every benchmark of this folder: `python -m bench`."""

from __future__ import annotations

import subprocess
import sys

BENCHMARKS = ("dephosphorylation", "embed", "embedded", "families", "finetune", "search")

if __name__ == "__main__":
    sys.exit(max(subprocess.run([sys.executable, "-m", f"bench.{name}"]).returncode for name in BENCHMARKS))
