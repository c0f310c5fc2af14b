"""python -m tests.server.toolshed [--all]: install the tools from a real Tool Shed into a real Galaxy; test them there.

Uploads what .shed.yml describes as a maintainer does, and installs, updates and removes it as an administrator does,
in a Galaxy that does not know this checkout. The data manager of the second repository installs a model, which the
tools of the first then use. By default each installed tool runs its first test that succeeds and its first that
fails; --all runs them all.
"""

import argparse
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from deploy.galaxy.render import REPOSITORY, ROOT, TOOLS_ENVIRONMENT, requirements
from deploy.galaxy.server import Address, running_server
from tests.galaxy.evidence import Evidence, digests, problems
from tests.server.installed import (
    Installed,
    ask,
    content_type,
    install,
    installed_tools,
    repositories,
    run_tests,
    tests_to_run,
    uninstall,
)
from tests.server.proof import Proof
from tests.server.shed import OWNER, Shed, running_shed
from tests.server.shed_models import MANAGER, prove_its_update, prove_the_data_manager, prove_what_stays

STATE = ROOT / "build" / "toolshed"
GALAXY = ROOT / "build" / "galaxy-toolshed"
REALISED = REPOSITORY.parent
EMBEDDED = "plmkit/models/embedded/plmkit-tiny-2"
TOOLS = """<toolbox monitor="false">
    <section id="getext" name="Get Data"><tool file="data_source/upload.xml"/></section>
</toolbox>"""


def main() -> int:
    """Prove it all; return 1 when anything failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--all", action="store_true", help="run all tests of the installed tools")
    every = parser.parse_args().all
    proof = Proof("toolshed")
    with running_shed(STATE) as shed, running_galaxy(shed) as galaxy:
        proof.say(f"Tool Shed {shed.url}, Galaxy {galaxy.url}")
        shed.upload(ROOT, "shed_create")
        proof.that(
            "Galaxy knows none of the tools before", not installed_tools(galaxy, shed), installed_tools(galaxy, shed)
        )
        first = {folder.name: install_newest(folder, shed, galaxy, proof) for folder in sorted(REALISED.iterdir())}
        prove_the_data_table(first["plm"], galaxy, proof)
        prove_the_data_manager(first[MANAGER], shed, galaxy, GALAXY, proof)
        run_installed_tests(shed, galaxy, every, proof)
        prove_the_jobs(first["plm"], shed, galaxy, proof)
        prove_the_allowlist(shed, galaxy, proof)
        prove_the_update(first["plm"], shed, galaxy, proof)
        prove_its_update(shed, galaxy, GALAXY, proof)
        prove_the_removal(shed, prove_what_stays(shed, galaxy, GALAXY, proof), proof)
    return proof.finish()


@contextmanager
def running_galaxy(shed: Shed) -> Iterator[Address]:
    """Run a Galaxy that knows the Tool Shed, but neither this checkout's tools nor its table of models."""
    written = {
        "tool_config_file": TOOLS,
        "tool_data_table_config_path": "<tables/>",
        "data_manager_config_file": "<data_managers/>",
        "tool_sheds_config_file": f'<tool_sheds><tool_shed name="Trial" url="{shed.url}/"/></tool_sheds>',
        "sanitize_allowlist_file": "",
    }
    for setting, content in written.items():
        path = STATE / f"{setting}.xml"
        path.write_text(content)
        os.environ[f"GALAXY_CONFIG_OVERRIDE_{setting.upper()}"] = str(path)
    try:
        with running_server(GALAXY) as address:
            yield address
    finally:
        for setting in written:
            del os.environ[f"GALAXY_CONFIG_OVERRIDE_{setting.upper()}"]


def install_newest(realised: Path, shed: Shed, galaxy: Address, proof: Proof) -> Installed:
    """Install the newest revision of a repository; its files must be those that `make shed` built."""
    name = realised.name
    found = install(galaxy, GALAXY, shed, name, shed.revisions(name)[-1])
    proof.that(f"{name}: installed at revision {found.revision} ({found.status})", found.status == "Installed", found)
    differing = differences(digests(realised), digests(found.folder))
    proof.that(
        f"{name}: the {len(digests(realised))} installed files are those of build/shed/{name}", not differing, differing
    )
    wrappers = {path.stem for path in realised.rglob("*.xml") if "<tool " in path.read_text()}
    names = {tool.split("/")[-2] for tool in installed_tools(galaxy, shed) if f"/{OWNER}/{name}/" in tool}
    tools = wrappers - managers(realised)
    statement = f"{name}: {len(tools)} tools are named {shed.host}/repos/{OWNER}/{name}/..."
    proof.that(statement, names - managers(realised) == tools, (names, wrappers))
    if expected := managers(realised):
        known = (GALAXY / "managed" / "shed_data_manager_conf.xml").read_text()
        proof.that(
            f"{name}: Galaxy has its {len(expected)} data manager too",
            all(f'guid="{shed.host}/repos/{OWNER}/{name}/{manager}/' in known for manager in expected),
            known,
        )
    return found


def managers(realised: Path) -> set[str]:
    """Return the data managers of a repository: they stand in the administrator's menu, not among the tools."""
    conf = realised / "data_manager_conf.xml"
    return (
        {Path(path).stem for path in re.findall(r'tool_file="([^"]+)"', conf.read_text())} if conf.exists() else set()
    )


def differences(ours: dict[str, str], theirs: dict[str, str]) -> list[str]:
    """Return the files that are lost, added or changed; Mercurial's own are none of them."""
    theirs = {name: digest for name, digest in theirs.items() if not name.startswith(".hg")}
    return sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))


def prove_the_data_table(plm: Installed, galaxy: Address, proof: Proof) -> None:
    """The repository brings the table of models; an administrator's row shows in it without a restart."""
    table = galaxy.get("/api/tool_data/huggingface")
    columns = ["value", "name", "pipeline_tag", "domain", "free_tag", "version", "path"]
    proof.that(
        "the table huggingface came with the tools, without a row",
        table["columns"] == columns and not table["fields"],
        table,
    )
    location = GALAXY / "tool-data" / "shed" / "huggingface.loc"
    sample = (REPOSITORY / "huggingface.loc.sample").read_text().splitlines()
    lines = location.read_text().splitlines()
    proof.that(
        f"its file is tool-data/{location.relative_to(GALAXY / 'tool-data')}, of the sample's lines",
        lines == sample,
        lines,
    )
    row = ["plmkit/tiny-from-table", "Tiny model, from the table", "feature-extraction", "sequence", "plm-esm2", "1"]
    with location.open("a") as file:
        file.write("\t".join([*row, str(plm.folder / EMBEDDED)]) + "\n")
    reloaded = galaxy.get("/api/tool_data/huggingface/reload")
    proof.that(
        "a row added to that file is in the table after a reload",
        [r[0] for r in reloaded["fields"]] == row[:1],
        reloaded,
    )


def run_installed_tests(shed: Shed, galaxy: Address, every: bool, proof: Proof) -> None:
    """Run tests of the installed tools, which Galaxy reads from the installed folder.

    Not those of the data manager: galaxy-tool-test asks for an id without its version, by which Galaxy finds none.
    """
    for tool in sorted(tool for tool in installed_tools(galaxy, shed) if f"/{MANAGER}/" not in tool):
        for index, label in tests_to_run(galaxy, tool, every):
            passed, details = run_tests(galaxy, tool, index, GALAXY / "test.json")
            proof.that(f"{tool.split('/')[-2]}: test {index + 1} ({label}) passes", passed, details)


def prove_the_jobs(plm: Installed, shed: Shed, galaxy: Address, proof: Proof) -> None:
    """Show that the jobs ran the installed code with the required packages."""
    scripts = [path.read_text() for path in (GALAXY / "data" / "jobs_directory").glob("*/*/tool_script.sh")]
    wanted, bad, seen = requirements(REPOSITORY), {}, set()
    for job in galaxy.get("/api/jobs?limit=5000"):
        if f"{shed.host}/repos/{OWNER}/plm/" in job["tool_id"]:
            full = galaxy.get(f"/api/jobs/{job['id']}?full=true")
            command = full["command_line"] or ""
            script = next((script for script in scripts if command and command in script), "")
            evidence = Evidence(job["id"], job["tool_id"], command, full["dependencies"], script)
            seen.add(job["tool_id"])
            if found := problems(evidence, wanted, GALAXY / "deps", TOOLS_ENVIRONMENT, plm.folder):
                bad[job["tool_id"]] = found
    proof.that(
        f"the jobs of {len(seen)} tools ran the plmkit of the installed folder, in the required packages",
        bool(seen) and not bad,
        bad,
    )


def prove_the_allowlist(shed: Shed, galaxy: Address, proof: Proof) -> None:
    """A report is shown as a page only once the administrator has allowed the tools."""
    reports = [
        dataset
        for history in galaxy.get("/api/histories?all=true&limit=500")
        for dataset in galaxy.get(f"/api/histories/{history['id']}/contents?v=dev&details=all")
        if dataset.get("extension") == "html" and dataset["state"] == "ok"
    ]
    if not reports:
        proof.that("a tool wrote a report to look at", False, "no HTML dataset in any history")
        return
    page = f"/datasets/{reports[0]['id']}/display?preview=True"
    before = content_type(galaxy, page)
    ask(galaxy, f"/api/sanitize_allow?tool_id={quote(f'{shed.host}/repos/{OWNER}/plm/', safe='')}", None, "PUT")
    after = content_type(galaxy, page)
    proof.that("a report is plain text before the tools are allowed", before == "text/plain", before)
    proof.that("and a page once the repository's prefix stands on the allowlist", after == "text/html", after)


def prove_the_update(old: Installed, shed: Shed, galaxy: Address, proof: Proof) -> None:
    """Upload a second revision and install it beside the first, whose results must stay repeatable."""
    checkout = next_revision(STATE / "checkout")
    shed.upload(checkout, "shed_update")
    revisions = shed.revisions("plm")
    proof.that("the second upload is a second installable revision", revisions[:-1] == [old.revision], revisions)
    galaxy.get(f"/api/tool_shed_repositories/check_for_updates?id={old.identifier}")
    state = galaxy.get(f"/api/tool_shed_repositories/{old.identifier}")["tool_shed_status"]
    proof.that("Galaxy tells the administrator of the newer revision", str(state["revision_upgrade"]) == "True", state)
    new = install(galaxy, GALAXY, shed, "plm", revisions[-1])
    embed = f"{shed.host}/repos/{OWNER}/plm/plm_embed"
    versions = sorted(galaxy.get(f"/api/tools/{embed}")["versions"])
    menu = [tool["id"] for section in galaxy.get("/api/tools?in_panel=true") for tool in section.get("elems", [])]
    newest = [tool for tool in menu if tool.startswith(f"{embed}/")] == [f"{embed}/{versions[-1]}"]
    proof.that(f"both versions of a tool are offered ({', '.join(versions)}), the newer in the menu", newest, menu)
    proof.that(
        "the second revision has its new file and lacks the removed one",
        {"SECOND", "test-data/README.md"} & digests(new.folder).keys() == {"SECOND"},
        "",
    )
    proof.that(
        "the first revision's files are untouched", not differences(digests(REPOSITORY), digests(old.folder)), ""
    )
    for tool in (f"{embed}/{version}" for version in versions):
        passed, details = run_tests(galaxy, tool, 0, GALAXY / "test.json")
        proof.that(f"{'/'.join(tool.split('/')[-2:])}: test 1 passes with both installed", passed, details)
    rows = [row[0] for row in galaxy.get("/api/tool_data/huggingface")["fields"]]
    proof.that("the administrator's row survives the update", "plmkit/tiny-from-table" in rows, rows)


def next_revision(copy: Path) -> Path:
    """Copy the checkout as its next release: another version, a file more and a file less."""
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("build", ".git", "__pycache__"))
    macros = copy / "tools" / "macros.xml"
    before = '<token name="@VERSION_SUFFIX@">'
    suffix = re.search(rf"{before}(\d+)<", text := macros.read_text())
    if suffix is None:
        raise RuntimeError("tools/macros.xml has no @VERSION_SUFFIX@")
    macros.write_text(text.replace(suffix[0], f"{before}{int(suffix[1]) + 1}<"))
    (copy / "test-data" / "README.md").unlink()
    (copy / "SECOND").write_text("the second revision\n")
    shed = copy / ".shed.yml"
    shed.write_text(
        shed.read_text().replace("{source: LICENSE,", "{source: SECOND, destination: ./}\n      - {source: LICENSE,")
    )
    return copy


def prove_the_removal(shed: Shed, galaxy: Address, proof: Proof) -> None:
    """Remove all that was installed; the table of models is the administrator's and stays."""
    location = GALAXY / "tool-data" / "shed" / "huggingface.loc"
    models = location.read_text()
    folders = [repository.folder for repository in repositories(galaxy, GALAXY)]
    for repository in repositories(galaxy, GALAXY):
        uninstall(galaxy, repository)
    proof.that(
        "after removal no tool of theirs is left", not installed_tools(galaxy, shed), installed_tools(galaxy, shed)
    )
    proof.that(f"nor any file of the {len(folders)} revisions", not any(folder.exists() for folder in folders), folders)
    proof.that("the file of the models is as it was", location.read_text() == models, models)


if __name__ == "__main__":
    sys.exit(main())
