"""Run every benchmark of this folder: `python -m bench`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    benchmarks = sorted(path for path in Path(__file__).parent.glob("*.py") if not path.name.startswith("_"))
    sys.exit(max(subprocess.run([sys.executable, str(path)]).returncode for path in benchmarks))
