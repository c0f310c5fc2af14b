"""python -m tests.browser [TUTORIAL ...] [--data FOLDER] [--pictures]: do the tutorials in a real Galaxy, in Chromium.

`python -m tests.browser forms` takes pictures of every tool's form and of what the tools give; `python -m tests.browser
tour` does the interactive tours of docs/tours.
"""

import argparse
import os
import sys
from pathlib import Path

from deploy.galaxy.render import ROOT
from tests.server.common import install_debian
from tests.server.environments import environment

CHROMIUM = Path("/usr/bin/chromium")


def main() -> None:
    """Set up what is needed, then go on in the environment that has it."""
    folder = environment("browser")
    if Path(sys.prefix).resolve() != folder.resolve():
        if not CHROMIUM.exists():
            install_debian("chromium", "fonts-dejavu-core")
        program = str(folder / "bin" / "python")
        os.execv(program, [program, "-m", "tests.browser", *sys.argv[1:]])
    from tests.browser.course import run_course

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "tutorials", nargs="*", metavar="TUTORIAL", help="folders of docs/tutorial, forms or tour; default: all"
    )
    parser.add_argument("--data", type=Path, action="append", default=[], help="folder with the files that links name")
    parser.add_argument("--pictures", action="store_true", help="write docs/tutorial/*/images anew")
    parser.add_argument("--server", type=Path, help="folder of a server that runs already, such as build/galaxy")
    sys.exit(run_course(parser.parse_args()))


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
